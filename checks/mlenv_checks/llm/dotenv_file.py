"""Can the file with the keys be found and read, line by line?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor.api import Finding, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Wanted

from .facts import BadLine, CodeLine, Keys, KeyUses

PROBLEMS = {
    "missing": "does not exist",
    "broken link": "is a broken link: nothing is loaded, without any error",
    "not a file": "is not a regular file: nothing is loaded, without any error",
    "too large": "is larger than 1 MiB or 20,000 lines: this cannot be a .env file",
    "no permission": "cannot be read (permission denied)",
    "not readable": "cannot be read",
    "utf-16": "is in UTF-16 (PowerShell's `>` writes that): python-dotenv cannot load it",
    "zero bytes": "contains zero bytes (PowerShell's `>>` adds them): python-dotenv cannot load it",
    "not utf-8": "is not in UTF-8: python-dotenv cannot load it",
}
ENCODING = ("utf-16", "zero bytes", "not utf-8")
FOREIGN = ("PowerShell", "Python", "JSON", "YAML", "the Windows command prompt")
SLIPS = ("env", "_env", ".env.txt", "env.txt", ".env.env", ".env.txt.txt")  # nobody names a file so on purpose


@check(
    "llm.dotenv",
    causes=(
        "dotenv-missing", "dotenv-wrong-name", "dotenv-not-found-from-here", "dotenv-unparsable", "dotenv-foreign-syntax",
        "dotenv-glued",
        "dotenv-encoding", "dotenv-not-a-file", "dotenv-too-large", "dotenv-disabled",
    ),
)  # fmt: skip
def dotenv_can_be_read(keys: Keys | Missing, wanted: Wanted, key_uses: KeyUses | Missing) -> Iterator[Finding]:
    """.env file.

    python-dotenv drops a line that it does not understand, and the whole file where the encoding is wrong, without an error.
    """
    uses = key_uses if isinstance(key_uses, KeyUses) else KeyUses()
    if isinstance(keys, Missing):
        yield unknown(f"the keys could not be read: the probe {keys.reason}")
    elif not keys.file:
        yield _no_file(keys, wanted, uses)
    elif keys.problem:
        yield _unreadable(keys, wanted)
    elif keys.disabled and any(key.shell is None and key.file and key.file.good for key in keys.keys):
        message = f"PYTHON_DOTENV_DISABLED is set: python-dotenv loads nothing from {PurePath(keys.file).name}"
        yield fail("dotenv-disabled", message, fix=fix("llm.unset", name="PYTHON_DOTENV_DISABLED"))
    else:
        yield from _lines(keys)


def _no_file(keys: Keys, wanted: Wanted, uses: KeyUses) -> Finding:
    """No `.env` is found from here: it is not needed, has another name, lies elsewhere, or is not made yet."""
    if any(key.usable for key in keys.keys):
        return ok("the keys are set in the environment; .env is not needed")
    if keys.misnamed and not uses.other_file:
        return _misnamed(keys.misnamed, wanted)
    if keys.below and (lost := _lost_from(keys.below[0], uses.loads)):
        message = f"{lost.file} does not find {keys.below[0]}: python-dotenv looks only in the script's folder and its parents"
        return warn(
            "dotenv-not-found-from-here",
            message,
            fix=fix("llm.move-up", file=keys.below[0]),
            location=Location(lost.file, lost.line),
        )
    if keys.below:
        return ok(f"{keys.below[0]} is found by the scripts next to it")
    if keys.example and not required(wanted):
        message = f"there is {keys.example}, but no .env: the example is not read"
        return warn("dotenv-missing", message, fix=fix("llm.from-example", example=keys.example))
    return skip("there is no .env", blocked_by="llm.key")


def _misnamed(names: tuple[str, ...], wanted: Wanted) -> Finding:
    """A file that holds keys under a name that python-dotenv does not look for. Some names are for other programs."""
    slips = [name for name in names if name.lower() in (*SLIPS, ".env")]
    message = f"the keys are in {(slips or names)[0]}, but python-dotenv reads only .env"
    repair = fix("llm.rename", example=slips[0]) if slips else fix("llm.name-it", example=names[0])
    return (fail if slips or required(wanted) else warn)("dotenv-wrong-name", message, fix=repair)


def _lost_from(file: str, loads: tuple[CodeLine, ...]) -> CodeLine | None:
    """A place that loads `.env` and does not find this one."""
    folder = PurePath(file).parent
    return next((line for line in loads if folder not in PurePath(line.file).parents), None)


def required(wanted: Wanted) -> bool:
    """Whether somebody asked for a key, by its name or with a profile."""
    return wanted.llm or bool(wanted.keys)


def _unreadable(keys: Keys, wanted: Wanted) -> Finding:
    """A file that cannot be loaded. That is a fault, unless the keys come from the shell or nobody may have meant it for keys."""
    message = f"{keys.file} {PROBLEMS.get(keys.problem, 'cannot be read')}"
    if keys.problem == "a pipe":  # password managers put the keys behind one: https://developer.1password.com/docs/environments/
        return unknown(f"{keys.file} is a pipe, which is not read")
    if keys.problem == "missing" and keys.asked_file:
        return fail("dotenv-missing", message, fix=fix("llm.env-file"))
    encoding = keys.problem in ENCODING
    found = {key.name for key in keys.keys if key.usable}
    calm = (found and found >= set(wanted.keys)) or (keys.problem == "not a file" and not required(wanted))
    repair = fix("llm.reencode", file=keys.file) if encoding else fix("llm.env-file")
    cause = "dotenv-encoding" if encoding else "dotenv-too-large" if keys.problem == "too large" else "dotenv-not-a-file"
    return (warn if calm else fail)(cause, message, location=Location(keys.file), fix=repair)


def _lines(keys: Keys) -> Iterator[Finding]:
    named = list({bad.name: bad for bad in reversed(keys.bad_lines) if bad.name}.values())
    for bad in named or keys.bad_lines[:1]:  # one line for one fault: a file in JSON has many such lines
        yield _line(bad, keys.file)
    if not keys.bad_lines:
        yield ok(f"{keys.file} can be read")


def _line(bad: BadLine, file: str) -> Finding:
    """One line that does not set what it says. A shell's own lines do no harm in a file that is also read by a shell."""
    say, where = (fail if bad.name else warn), Location(file, bad.line)
    repair = fix("llm.line", file=file, line=str(bad.line), name=bad.name or "NAME")
    name = PurePath(file).name
    if bad.kind == "glued":
        message = f"{name} line {bad.line} contains two variables; {bad.name} is part of the other's value and is not set"
        return fail("dotenv-glued", message, location=where, fix=fix("llm.split", file=file, name=bad.name))
    meant = f", and {bad.name} is not set" if bad.name else ": it sets nothing"
    message = f"{name} line {bad.line} is not NAME=value ({bad.kind}){meant}"
    cause = "dotenv-foreign-syntax" if bad.kind in FOREIGN else "dotenv-unparsable"
    return say(cause, message, location=where, fix=repair)
