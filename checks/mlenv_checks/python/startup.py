"""What happens to a Python before its first line runs: variables that redirect it, files that run at every start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, warn
from mlenv_doctor.patient import Imported, Imports, Python

from .facts import Interpreter, PathEntry

PTH = re.compile(r"^Error processing line (\d+) of (.+?\.pth):\n([\s\S]*?)(?:^Remainder of file ignored|\Z)", re.MULTILINE)
CUSTOM = re.compile(r"^Error in (sitecustomize|usercustomize);[^\n]*\n([^\n]*)", re.MULTILINE)


@check("python.home", causes=("pythonhome-set",))
def python_is_at_home(python: Python) -> Finding:
    """Standard library location.

    PYTHONHOME sends every Python to one library; another version or build than its own breaks it in odd places.
    """
    if not python.python_home:
        return ok("PYTHONHOME is not set")
    if not redirected(python):
        return ok("PYTHONHOME is this Python's own location")
    message = (
        f"PYTHONHOME makes this Python use the standard library in {python.base_prefix} instead of its own in {python.own_prefix}"
    )
    return fail("pythonhome-set", message, fix=fix("python.unset-home"))


def redirected(python: Python) -> bool:
    """Whether PYTHONHOME leads away from the installation that the program lies in."""
    return bool(python.python_home and python.own_prefix) and PurePath(python.base_prefix) != PurePath(python.own_prefix)


@check("python.startup", causes=("sitecustomize-crash", "broken-pth"))
def nothing_fails_at_the_start(python: Python) -> Iterator[Finding]:
    """Python startup files.

    A start file that fails is skipped with a message at every start; what it was to set up is not there.
    """
    broken = [_pth(*found) for found in dict.fromkeys(PTH.findall(python.startup_noise))]  # a venv reads its folder twice
    broken += [_custom(python, *found) for found in CUSTOM.findall(python.startup_noise)]
    yield from broken
    if not broken:
        yield ok("it starts without an error")


def _pth(line: str, file: str, said: str) -> Finding:
    reason = said.strip().splitlines()[-1:] or ["it fails"]
    message = f"{file} fails every time Python starts, in line {line}: {reason[0].strip()}"
    return warn("broken-pth", message, subject=PurePath(file).name, fix=fix("python.start-file", file=file))


def _custom(python: Python, name: str, said: str) -> Finding:
    file = python.start_files.get(name)
    message = f"{file or name} fails every time Python starts: {said.strip()}"
    remedy = fix("python.start-file", file=file) if file else fix("python.repair")
    return warn("sitecustomize-crash", message, subject=name, fix=remedy)


@check("python.path", causes=("pythonpath-pollution",))
def path_is_its_own(python: Python, interpreter: Interpreter, imports: Imports | Missing) -> Iterator[Finding]:
    """PYTHONPATH.

    Its entries come before the environment's own packages: a numpy that was built for another Python does not load.
    """
    foreign = [finding for entry in interpreter.python_path if (finding := _foreign(entry, python, imports))]
    yield from foreign
    if not foreign:
        entries = len(interpreter.python_path)
        yield ok(f"PYTHONPATH adds {entries} folder{'s' * (entries != 1)} of code" if entries else "PYTHONPATH adds nothing")


def _foreign(entry: PathEntry, python: Python, imports: Imports | Missing) -> Finding | None:
    """What one entry does to the environment's libraries; folders without libraries of another Python do nothing."""
    own = "{}.{}".format(*python.minor)
    if not entry.minor or not entry.libraries or (entry.minor == own and not entry.hidden):
        return None
    other, names = entry.minor != own, ", ".join((entry.hidden or entry.libraries)[:4])
    whose = f"of Python {entry.minor} override those of this Python {own}" if other else "override those of this environment"
    breaks = not isinstance(imports, Missing) and any(breaks_within(entry, imported) for imported in imports.libraries)
    message = f"PYTHONPATH contains {entry.path}: its {names} {whose}{', and do not load' * breaks}"
    say = fail if other or breaks else warn
    return say("pythonpath-pollution", message, subject=entry.path, fix=fix("python.unset-path"))


def intruder(imported: Imported, interpreter: Interpreter | Missing) -> str:
    """The folder of PYTHONPATH that the files of a failed import lie in, if it is one for libraries; else empty."""
    entries = () if isinstance(interpreter, Missing) else interpreter.python_path
    return next((entry.path for entry in entries if entry.minor and breaks_within(entry, imported)), "")


def breaks_within(entry: PathEntry, imported: Imported) -> bool:
    """Whether an import failed in files of this folder."""
    return imported.outcome not in ("ok", "own", "not-run") and PurePath(entry.path) in PurePath(imported.file).parents
