"""Is there a key for a language model, and can it be one?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor.api import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Wanted

from .dotenv_file import required
from .facts import Key, KeyNeed, Keys, KeyUses
from .sdk import PROVIDERS

# What no key has in it: the cause, and what becomes of it in a request.
FLAWS = {
    "line end": ("key-whitespace", 'contains a line break: libraries report that as "Connection error"'),
    "blank around": (
        "key-whitespace",
        'begins or ends with a space: libraries report that as "Connection error" or invalid key',
    ),
    "blank inside": ("key-whitespace", "contains a space"),
    "quote": ("key-quoted", "contains quotation marks as part of the value"),
    "comment": ("key-has-comment", "has a comment or another sign after the key that is part of the value"),
    "more": ("key-has-comment", "contains more than one key: an invalid character, another name or two keys"),
    "invisible": ("key-non-ascii", "contains an invisible character, as in text copied from web pages"),
    "not ascii": ("key-non-ascii", "contains a non-ASCII character, such as a curly quotation mark"),
    "truncated": ("key-truncated", "is too short for such a key: part of it may be missing"),
}


@check(
    "llm.key",
    causes=(
        "key-missing", "key-empty", "key-placeholder", "key-other-vendor", "key-whitespace", "key-quoted", "key-has-comment",
        "key-non-ascii", "key-truncated", "key-duplicate", "dotenv-interpolation",
    ),
)  # fmt: skip
def key_is_set(keys: Keys, wanted: Wanted, key_uses: KeyUses | Missing) -> Iterator[Finding]:
    """LLM API key.

    Without --online only its presence and form are checked; with it, whether the provider accepts it.
    """
    present = {key.name: key for key in keys.keys}
    for name in wanted.keys:
        if name not in present:
            yield _required(name, keys, wanted)
    needed = {name for need in unmet(keys, key_uses) for name in need.any_of}
    looked = [key for key in keys.keys if key.llm or key.name in wanted.keys or key.name in needed]
    some = any(key.usable for key in looked)
    blamed = "" if some else next((key.name for key in looked if not key.shadowed), "")
    yield from (_judged(key, keys, key.name == blamed or key.name in (*wanted.keys, *needed)) for key in looked)
    if not looked and not wanted.keys:
        yield _none(keys, wanted, needed)
    elif some:
        yield ok("a key is present, not verified", subject="key")


def _required(name: str, keys: Keys, wanted: Wanted) -> Finding:
    """A key that was asked for by its name, and is not there as far as can be seen."""
    if keys.looked_for and name not in keys.looked_for:
        return unknown(f"{name} was not recorded in the snapshot", subject=name)
    if keys.problem == "a pipe":
        return unknown(f"{name} is required and may be in a pipe, which is not read", subject=name, required=True)
    return _absent(f"{name} is required and not set", name, keys, wanted)


def _none(keys: Keys, wanted: Wanted, needed: set[str]) -> Finding:
    """No key at all: told elsewhere where the code names those that it needs."""
    message = "no LLM API key is set in the shell or in .env"
    if not (wanted.llm or wanted.uses(*PROVIDERS)):
        return skip("the project does not use an LLM", subject="key")
    if needed and not wanted.llm:
        return skip(message, subject="key", blocked_by="llm.used")
    return _absent(message, "key", keys, wanted)


def _absent(message: str, subject: str, keys: Keys, wanted: Wanted) -> Finding:
    """A key, or any key, that is not there: a to-do, unless it was asked for, or unless it may stand where it was not seen."""
    unseen = bool(keys.problem) or any(bad.name == subject or (bad.name and subject == "key") for bad in keys.bad_lines)
    if unseen or keys.misnamed or keys.below or (keys.example and not required(wanted)):
        return skip(message, subject=subject, blocked_by="llm.dotenv")
    if any(subject in (typo.meant, "key") for typo in keys.typos):
        return skip(message, subject=subject, blocked_by="llm.names")
    if (keys.endpoints or keys.accounts) and not wanted.keys:
        instead = "a cloud account signs in here" if keys.accounts else f"{keys.endpoints[0]} names your own server"
        return ok(f"{instead}, which may not need a key", subject=subject)
    name = subject if subject in wanted.keys else _likeliest(wanted)
    return (fail if required(wanted) else warn)("key-missing", message, subject=subject, fix=set_key(name, keys))


def _likeliest(wanted: Wanted) -> str:
    """The key that the project's own library reads, where it uses Anthropic's and not OpenAI's."""
    of_anthropic = not wanted.whole and wanted.uses("anthropic", "langchain-anthropic")
    return "ANTHROPIC_API_KEY" if of_anthropic and not wanted.uses("openai", "langchain-openai") else "OPENAI_API_KEY"


def set_key(name: str, keys: Keys) -> Fix:
    """The fix that sets a key: in the file that is read already, or in a new one."""
    return fix("llm.set-key", name=name, file=keys.file or ".env")


def _judged(key: Key, keys: Keys, matters: bool) -> Finding:
    """One key. One that is empty beside others that are set is only one that is not used."""
    value, where = key.effective, "the shell" if key.shell else ".env"
    if key.shadowed:
        return skip(f"{key.name} in the shell wins", subject=key.name, blocked_by=f"llm.precedence:{key.name}")
    repair = fix("llm.set-key-unset", name=key.name, file=keys.file or ".env") if key.shell else set_key(key.name, keys)
    if key.shell is None and key.earlier and (found := _twice(key, keys)):
        return found
    if value.empty and not matters:
        return skip(f"{key.name} is empty and not used", subject=key.name)
    if value.empty:
        return fail("key-empty", f"{key.name} is set in {where}, but empty", subject=key.name, fix=repair)
    if value.flaw and value.flaw != "truncated" and (not key.base_url or not value.sendable):
        cause, words = FLAWS[value.flaw]
        return (fail if matters else warn)(cause, f"{key.name} in {where} {words}", subject=key.name, fix=repair)
    if key.base_url:
        return ok(f"{key.name} is set for your own endpoint", subject=key.name)
    return _plausible(key, where, matters, repair)


def _twice(key: Key, keys: Keys) -> Finding | None:
    """A key that is set more than once: the last line counts, whatever it is. Beside a template's empty line that is no fault."""
    file = PurePath(keys.file).name
    message = f"{key.name} is set in line {key.earlier} of {file} and again in line {key.line}, which wins"
    where, repair = Location(keys.file, key.line), fix("llm.one-line", file=keys.file, name=key.name)
    if key.effective.empty or key.effective.placeholder:
        lost = f"{message} and contains no key"
        return fail("key-duplicate", lost, subject=key.name, location=where, fix=repair) if key.earlier_good else None
    return warn("key-duplicate", message, subject=key.name, location=where, fix=repair) if key.earlier_good else None


def _plausible(key: Key, where: str, matters: bool, repair: Fix) -> Finding:
    """A key for the provider itself, by what is known of its shape."""
    value = key.effective
    if value.variable and key.shell is None:
        message = f"{key.name} in .env is $NAME without braces, which python-dotenv does not replace; write ${{NAME}}"
        return (fail if matters else warn)("dotenv-interpolation", message, subject=key.name, fix=repair)
    if value.placeholder:
        message = f"{key.name} in {where} is still a placeholder, not a key"
        return (fail if matters else warn)("key-placeholder", message, subject=key.name, fix=repair)
    if value.vendor and key.provider and value.vendor != key.provider:
        message = f"{key.name} in {where} looks like a key from {value.vendor}: {key.provider} would reject it"
        return warn("key-other-vendor", message, subject=key.name, fix=repair)  # with base_url in the code it can be right
    if value.flaw:
        return warn("key-truncated", f"{key.name} in {where} {FLAWS['truncated'][1]}", subject=key.name, fix=repair)
    return ok(f"{key.name} is set in {where}, not verified", subject=key.name, brief=f"{key.name} is set (not verified)")


def unmet(keys: Keys, uses: KeyUses | Missing) -> list[KeyNeed]:
    """Where the code needs a key of which none is set: in any case, or perhaps, where no other key is set at all."""
    if not isinstance(uses, KeyUses) or uses.other_file:
        return []
    usable = {key.name for key in keys.keys if key.usable} | set(uses.set_here)
    any_llm = any(key.llm and key.usable for key in keys.keys) or bool(keys.endpoints or keys.accounts)
    usable |= {"GOOGLE_API_KEY"} if keys.accounts else set()
    open_needs = [need for need in uses.needs if not usable & set(need.any_of)]
    return [need for need in open_needs if not need.nested or not any_llm]


@check("llm.used", causes=("key-missing",))
def used_keys_are_set(keys: Keys, key_uses: KeyUses, wanted: Wanted) -> Iterator[Finding]:
    """API keys that the code reads.

    A client that finds no key ends the program with "Missing credentials", some only at their first request.
    """
    needs = {need.any_of: need for need in reversed(unmet(keys, key_uses))}
    said = {key.name for key in keys.keys}
    for names, need in needs.items():
        name = names[0]
        if said & set(names) or name in wanted.keys or keys.problem or (not said and wanted.llm):
            yield skip(f"{name} is used in {need.file}", subject=name, blocked_by="llm.key")
        elif keys.misnamed or keys.below or any(bad.name in names for bad in keys.bad_lines):
            yield skip(f"{name} is used in {need.file}", subject=name, blocked_by="llm.dotenv")
        elif any(typo.meant in names for typo in keys.typos):
            yield skip(f"{name} is used in {need.file}", subject=name, blocked_by="llm.names")
        else:
            message = f"{' or '.join(names)} is not set, but {need.file}:{need.line} needs it"
            yield fail("key-missing", message, subject=name, location=Location(need.file, need.line), fix=set_key(name, keys))
    if not needs:
        yield ok("all keys that the code reads are set") if key_uses.needs else skip("the code reads no keys")


@check("llm.names", causes=("key-name-typo",))
def names_are_those_that_are_read(keys: Keys, key_uses: KeyUses | Missing) -> Iterator[Finding]:
    """API key names.

    A library that does not find its variable says only that a key is missing.
    """
    own = {name.lower() for name in key_uses.names} if isinstance(key_uses, KeyUses) else set()
    slips = [typo for typo in keys.typos if typo.name.lower() not in own]
    for typo in slips:
        message = (
            f"line {typo.line} of {PurePath(keys.file).name} sets {typo.name}, which no library reads; did you mean {typo.meant}?"
        )
        repair = fix("llm.rename-variable", file=keys.file, line=str(typo.line), name=typo.meant)
        yield warn("key-name-typo", message, subject=typo.meant, location=Location(keys.file, typo.line), fix=repair)
    if not slips:
        yield ok("no misspelled variable names") if keys.file else skip("there is no .env")


@check("llm.precedence", causes=("dotenv-shadowed",))
def file_is_not_shadowed(keys: Keys) -> Iterator[Finding]:
    """Shell variables and .env.

    load_dotenv() never replaces a variable that the shell has set, not even an empty one, and says that it succeeded.
    """
    differing = [key for key in keys.keys if key.shadowed]
    for key in differing:
        state = "an empty value" if key.effective.empty else "another value"
        message = f"{key.name} is set to {state} in the shell, which overrides {PurePath(keys.file).name}"
        yield fail(
            "dotenv-shadowed",
            message,
            subject=key.name,
            location=Location(keys.file, key.line),
            fix=fix("llm.unset", name=key.name),
        )
    if not differing:
        yield ok("nothing in the shell overrides .env") if keys.file else skip("there is no .env")
