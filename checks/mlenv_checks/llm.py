"""Is there a key for a language model, does it count, and is it safe?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Key, Keys, Libraries, Prefix, Python, Wanted

from .venv import upgraded

SDKS = (
    "openai", "anthropic", "google-genai", "mistralai", "cohere", "groq", "together", "litellm", "langchain", "langchain-openai",
    "langchain-anthropic", "llama-index", "huggingface-hub", "ollama", "replicate", "boto3",
)  # fmt: skip
PROBLEMS = {
    "missing": "does not exist",
    "broken link": "is a link to a file that is not there: silently, nothing is loaded",
    "not a file": "is a folder, or something else that is no file: silently, nothing is loaded",
    "too large": "is larger than 1 MiB or 20,000 lines: this is no file of variables",
    "no permission": "may not be read by you",
    "not readable": "cannot be read",
    "utf-16": "is written in UTF-16 (as PowerShell's `>` writes): python-dotenv cannot load it",
    "zero bytes": "holds zero bytes (as PowerShell's `>>` appends them to a text in UTF-8): python-dotenv cannot load it",
    "not utf-8": "is not written in UTF-8: python-dotenv cannot load it",
}
ENCODING = ("utf-16", "zero bytes", "not utf-8")


@check("llm.dotenv", causes=("dotenv-missing", "dotenv-unparsable", "dotenv-encoding", "dotenv-not-a-file"))
def dotenv_can_be_read(keys: Keys | Missing, wanted: Wanted) -> Iterator[Finding]:
    """The file with the keys can be read.

    python-dotenv drops a line that it does not understand, and the whole file where the encoding is wrong, without an error.
    """
    if isinstance(keys, Missing):
        yield unknown(f"the keys could not be read: the probe {keys.reason}")
    elif not keys.file:
        yield _no_file(keys, wanted)
    elif keys.problem:
        yield _unreadable(keys, wanted)
    else:
        yield from _lines(keys)


def _no_file(keys: Keys, wanted: Wanted) -> Finding:
    if any(key.usable for key in keys.keys):
        return ok("the keys are in the environment; no .env is needed")
    if keys.example and not required(wanted):
        message = f"there is {keys.example}, but no .env: nothing reads the example"
        return warn("dotenv-missing", message, fix=fix("llm.from-example", example=keys.example))
    return skip("there is no .env", blocked_by="llm.key")


def required(wanted: Wanted) -> bool:
    """Whether somebody asked for a key, by its name or with a profile."""
    return wanted.llm or bool(wanted.keys)


def _unreadable(keys: Keys, wanted: Wanted) -> Finding:
    """A file that cannot be loaded. That is a fault, unless the keys come from the shell or nobody may have meant it for keys."""
    message = f"{keys.file} {PROBLEMS.get(keys.problem, 'cannot be read')}"
    if keys.problem == "a pipe":  # password managers put the keys behind one: https://developer.1password.com/docs/environments/
        return unknown(f"{keys.file} is a pipe: what it would give is not looked at")
    if keys.problem == "missing" and keys.asked_file:
        return fail("dotenv-missing", message, fix=fix("llm.env-file"))
    encoding = keys.problem in ENCODING
    found = {key.name for key in keys.keys if key.usable}
    calm = (found and found >= set(wanted.keys)) or (keys.problem == "not a file" and not required(wanted))
    repair = fix("llm.reencode", file=keys.file) if encoding else fix("llm.env-file")
    say = warn if calm else fail
    return say("dotenv-encoding" if encoding else "dotenv-not-a-file", message, location=Location(keys.file), fix=repair)


def _lines(keys: Keys) -> Iterator[Finding]:
    named = list({bad.name: bad for bad in reversed(keys.bad_lines) if bad.name}.values())
    for bad in named or keys.bad_lines[:1]:  # one line for one fault: a file in JSON has many such lines
        meant = f", and {bad.name} is not set" if bad.name else ": it sets nothing"
        message = f"line {bad.line} of {PurePath(keys.file).name} is no NAME=value ({bad.kind}){meant}"
        repair = fix("llm.line", file=keys.file, line=str(bad.line), name=bad.name or "NAME")
        say = fail if bad.name else warn  # a shell's own lines do no harm in a file that is also read by a shell
        yield say("dotenv-unparsable", message, location=Location(keys.file, bad.line), fix=repair)
    if not keys.bad_lines:
        yield ok(f"{keys.file} can be read")


@check("llm.key", causes=("key-missing", "key-empty", "key-placeholder", "key-other-vendor"))
def key_is_set(keys: Keys, wanted: Wanted) -> Iterator[Finding]:
    """A key for a language model is set.

    Whether the provider accepts it is not asked: a key that is present is no more than that.
    """
    present = {key.name: key for key in keys.keys}
    for name in wanted.keys:
        if name not in present and keys.looked_for and name not in keys.looked_for:
            yield unknown(f"{name} was not looked for when this was recorded", subject=name)
        elif name not in present:
            yield _absent(f"{name} is required and not set", name, keys, wanted)
    looked = [key for key in keys.keys if key.llm or key.name in wanted.keys]
    some = any(key.usable for key in looked)
    blamed = "" if some else next((key.name for key in looked if not key.shadowed), "")
    yield from (_judged(key, keys, key.name == blamed or key.name in wanted.keys) for key in looked)
    if not looked and not wanted.keys:
        yield _absent("no key for a language model is set, neither in the shell nor in .env", "key", keys, wanted)
    elif some:
        yield ok("a key is present, not verified", subject="key")


def _absent(message: str, subject: str, keys: Keys, wanted: Wanted) -> Finding:
    """A key, or any key, that is not there: a to-do, unless it was asked for, or unless it may stand where it was not seen."""
    unseen = bool(keys.problem) or any(bad.name == subject or (bad.name and subject == "key") for bad in keys.bad_lines)
    if unseen or (keys.example and not required(wanted)):
        return skip(message, subject=subject, blocked_by="llm.dotenv")
    if keys.endpoints and not wanted.keys:
        return ok(f"{keys.endpoints[0]} names a server of your own, which may need no key", subject=subject)
    name = subject if subject in wanted.keys else "OPENAI_API_KEY"
    return (fail if required(wanted) else warn)("key-missing", message, subject=subject, fix=set_key(name, keys))


def set_key(name: str, keys: Keys) -> Fix:
    """The fix that sets a key: in the file that is read already, or in a new one."""
    return fix("llm.set-key", name=name, file=keys.file or ".env")


def _judged(key: Key, keys: Keys, matters: bool) -> Finding:
    """One key. One that is empty beside others that are set is only one that is not used."""
    value, where = key.effective, "the shell" if key.shell else ".env"
    repair = fix("llm.set-key-unset", name=key.name, file=keys.file or ".env") if key.shell else set_key(key.name, keys)
    if key.shadowed:
        return skip(f"{key.name} of the shell wins", subject=key.name, blocked_by=f"llm.precedence:{key.name}")
    if value.empty and not matters:
        return skip(f"{key.name} is empty, as one that is not used may be", subject=key.name)
    if value.empty:
        return fail("key-empty", f"{key.name} is set in {where}, but empty", subject=key.name, fix=repair)
    if key.base_url:
        return ok(f"{key.name} is set for an endpoint of your own", subject=key.name)
    if value.placeholder:
        message = f"{key.name} in {where} is a placeholder, no key"
        return (fail if matters else warn)("key-placeholder", message, subject=key.name, fix=repair)
    if value.vendor and key.provider and value.vendor != key.provider:
        message = f"{key.name} in {where} looks like a key of {value.vendor}: {key.provider} itself would refuse it"
        return warn("key-other-vendor", message, subject=key.name, fix=repair)  # with base_url in the code it can be right
    return ok(f"{key.name} is set in {where}, not verified", subject=key.name)


@check("llm.precedence", causes=("dotenv-shadowed",))
def file_is_not_shadowed(keys: Keys) -> Iterator[Finding]:
    """What stands in .env is what counts.

    load_dotenv() never replaces a variable that the shell has set, not even an empty one, and says that it succeeded.
    """
    differing = [key for key in keys.keys if key.shadowed]
    for key in differing:
        state = "an empty value" if key.effective.empty else "another value"
        message = f"the shell has {state} for {key.name}: it wins over the one in {PurePath(keys.file).name}"
        yield fail(
            "dotenv-shadowed",
            message,
            subject=key.name,
            location=Location(keys.file, key.line),
            fix=fix("llm.unset", name=key.name),
        )
    if not differing:
        yield ok("no variable of the shell hides one of .env") if keys.file else skip("there is no .env")


@check("llm.safety", causes=("dotenv-tracked", "dotenv-not-ignored", "dotenv-readable-by-others"))
def secrets_stay_secret(keys: Keys) -> Iterator[Finding]:
    """The keys stay on this machine, and yours.

    A key that was pushed once is found within minutes, and paid for.
    """
    if not keys.file or not keys.secret:
        yield skip("no file here holds a secret")
        return
    place, name, folder = Location(keys.file), PurePath(keys.file).name, str(PurePath(keys.file).parent)
    if keys.tracked:
        message = f"git tracks {name}: its keys are in the repository, and in every copy of it"
        yield fail("dotenv-tracked", message, location=place, fix=fix("llm.untrack", folder=folder, name=name))
    elif keys.ignored is False:
        message = f"git does not ignore {name}: the next `git add .` commits its keys"
        yield warn("dotenv-not-ignored", message, location=place, fix=fix("llm.ignore", folder=folder, name=name))
    if keys.open_to_others:
        message = f"{name} can be read by other users of this machine (mode {keys.mode})"
        yield warn("dotenv-readable-by-others", message, location=place, fix=fix("llm.private", file=keys.file))
    elif not keys.tracked and keys.ignored is not False:
        yield ok(f"{name} is kept from others" + (" and from git" if keys.ignored else ""))


@check("llm.sdk", causes=("sdk-missing",))
def sdk_is_installed(keys: Keys, libraries: Libraries, wanted: Wanted, python: Python, prefix: Prefix | Missing) -> Finding:
    """A library that speaks to a language model is installed.

    openai or anthropic; and python-dotenv where the key stands in a file.
    """
    if isinstance(prefix, Prefix) and upgraded(prefix, python):
        return skip("the libraries lie in a folder of another Python", blocked_by="venv.intact")
    installed = [name for name in SDKS if libraries.find(name)]
    some = [key for key in keys.keys if key.llm and key.usable]
    say = fail if wanted.llm else warn
    if not installed and (wanted.llm or (some and not wanted.declared)):  # what a project does not declare it does not need
        return say(
            "sdk-missing", "no library for a language model is installed", fix=fix("llm.sdk", packages=("openai", "anthropic"))
        )
    in_file = [key.name for key in some if key.shell is None]
    if in_file and not libraries.find("python-dotenv"):
        message = f"{in_file[0]} stands in .env, and python-dotenv, which reads that file, is not installed"
        return say("sdk-missing", message, fix=fix("llm.sdk", packages=("python-dotenv",)))
    return ok(", ".join(installed)) if installed else skip("no library for a language model is installed, and no key is set")
