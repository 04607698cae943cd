"""Is there a key for a language model, does it count, and is it safe?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Key, Keys, Libraries, Wanted

SDKS = (
    "openai", "anthropic", "google-genai", "mistralai", "cohere", "groq", "together", "litellm", "langchain", "langchain-openai",
    "langchain-anthropic", "llama-index", "huggingface-hub", "ollama", "replicate", "boto3",
)  # fmt: skip
PROBLEMS = {
    "missing": "does not exist",
    "not a file": "is no regular file, so that it is silently not loaded",
    "too large": "is larger than 1 MiB: this is no file of variables",
    "no permission": "may not be read by you",
    "not readable": "cannot be read",
    "utf-16": "is written in UTF-16 (as PowerShell's `>` writes): python-dotenv cannot load it",
    "not utf-8": "is not written in UTF-8: python-dotenv cannot load it",
}
ENCODING = ("utf-16", "not utf-8")


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
        yield _unreadable(keys)
    else:
        yield from _lines(keys)


def _no_file(keys: Keys, wanted: Wanted) -> Finding:
    if any(key.effective.good for key in keys.keys):
        return ok("the keys are in the environment; no .env is needed")
    if keys.example:
        message = f"there is {keys.example}, but no .env: nothing reads the example"
        return warn("dotenv-missing", message, fix=set_key(wanted))
    return skip("there is no .env", blocked_by="llm.key")


def _unreadable(keys: Keys) -> Finding:
    message = f"{keys.file} {PROBLEMS.get(keys.problem, 'cannot be read')}"
    if keys.problem == "missing" and keys.asked_file:
        return fail("dotenv-missing", message, fix=fix("llm.env-file"))
    cause = "dotenv-encoding" if keys.problem in ENCODING else "dotenv-not-a-file"
    repair = fix("llm.reencode", file=keys.file) if keys.problem in ENCODING else fix("llm.env-file")
    return fail(cause, message, location=Location(keys.file), fix=repair)


def _lines(keys: Keys) -> Iterator[Finding]:
    for bad in keys.bad_lines:
        message = f"line {bad.line} of {PurePath(keys.file).name} is no NAME=value ({bad.kind}): it sets nothing"
        yield fail("dotenv-unparsable", message, location=Location(keys.file, bad.line), fix=fix("llm.line"))
    if not keys.bad_lines:
        yield ok(f"{keys.file} can be read")


@check("llm.key", causes=("key-missing", "key-empty", "key-placeholder", "key-other-vendor"))
def key_is_set(keys: Keys, wanted: Wanted) -> Iterator[Finding]:
    """A key for a language model is set.

    Whether the provider accepts it is not asked: a key that is present is no more than that.
    """
    present = {key.name: key for key in keys.keys}
    for name in wanted.keys:
        if name not in present:
            yield fail("key-missing", f"{name} is required and not set", subject=name, fix=fix("llm.set-key", name=name))
    looked = [key for key in keys.keys if key.llm or key.name in wanted.keys]
    some = any(key.effective.good for key in looked)
    yield from (_judged(key, key.name in wanted.keys or not some) for key in looked)
    if not looked and not wanted.keys:
        yield _none(wanted)
    elif some:
        yield ok("a key is present, not verified", subject="key")


def _none(wanted: Wanted) -> Finding:
    """No key at all: a to-do, unless one was asked for."""
    say = fail if wanted.llm else warn
    return say(
        "key-missing", "no key for a language model is set, neither in the shell nor in .env", subject="key", fix=set_key(wanted)
    )


def set_key(wanted: Wanted) -> Fix:
    """The fix that sets a key, for the variable that was asked for."""
    return fix("llm.set-key", name=wanted.keys[0] if wanted.keys else "OPENAI_API_KEY")


def _judged(key: Key, matters: bool) -> Finding:
    """One key. One that is empty beside others that are set is only one that is not used."""
    value, where = key.effective, "the shell" if key.shell else ".env"
    repair = fix("llm.set-key", name=key.name)
    if key.base_url and not value.empty:
        return ok(f"{key.name} is set for an endpoint of your own", subject=key.name)
    if value.empty and key.file and key.file.good:
        return skip(f"{key.name} is empty in the shell", subject=key.name, blocked_by="llm.precedence")
    if value.empty and not matters:
        return skip(f"{key.name} is empty, and another key is set", subject=key.name)
    if value.empty:
        return fail("key-empty", f"{key.name} is set in {where}, but empty", subject=key.name, fix=repair)
    if value.placeholder:
        message = f"{key.name} in {where} is a placeholder, no key"
        return (fail if matters else warn)("key-placeholder", message, subject=key.name, fix=repair)
    if value.vendor and key.provider and value.vendor != key.provider:
        message = f"{key.name} in {where} holds a key of {value.vendor}: {key.provider} will refuse it"
        return fail("key-other-vendor", message, subject=key.name, fix=repair)
    return ok(f"{key.name} is set in {where}, not verified", subject=key.name)


@check("llm.precedence", causes=("dotenv-shadowed",))
def file_is_not_shadowed(keys: Keys) -> Iterator[Finding]:
    """What stands in .env is what counts.

    load_dotenv() never replaces a variable that the shell has set, not even an empty one, and says that it succeeded.
    """
    differing = [key for key in keys.keys if key.differ]
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
    place, name = Location(keys.file), PurePath(keys.file).name
    if keys.tracked:
        message = f"git tracks {name}: its keys are in the repository, and in every copy of it"
        yield fail("dotenv-tracked", message, location=place, fix=fix("llm.untrack", file=keys.file))
    elif keys.ignored is False:
        message = f"git does not ignore {name}: the next `git add .` commits its keys"
        yield warn("dotenv-not-ignored", message, location=place, fix=fix("llm.ignore", file=name))
    if keys.open_to_others:
        message = f"{name} can be read by every user of this machine (mode {keys.mode})"
        yield warn("dotenv-readable-by-others", message, location=place, fix=fix("llm.private", file=keys.file))
    elif not keys.tracked and keys.ignored is not False:
        yield ok(f"{name} is kept from others and from git")


@check("llm.sdk", causes=("sdk-missing",))
def sdk_is_installed(keys: Keys, libraries: Libraries, wanted: Wanted) -> Finding:
    """A library that speaks to a language model is installed.

    openai or anthropic; and python-dotenv where the key stands in a file.
    """
    installed = [name for name in SDKS if libraries.find(name)]
    some = [key for key in keys.keys if key.llm and key.effective.good]
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
