"""Is this Python whole, is it of a build that wheels are made for, and does the command line lead to one?"""

from __future__ import annotations

import re
from pathlib import PurePath

from mlenv_doctor.api import Finding, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Imported, Imports, Libraries, Place, Python, Venv, Wanted

from ..python.versions import python_versions
from .facts import Interpreter
from .startup import redirected

NEEDED = ("_ssl", "_ctypes")  # pip fetches nothing without the first, numpy and torch do not load without the second
FIRST_FREE = (3, 14)  # the first minor version whose free-threaded build is supported: https://peps.python.org/pep-0779/
LACKING = re.compile(r"No module named '(\w+)'")


def build_kind(python: Python) -> str:
    """What is unusual about this build, in the terms of the table of wheels; empty where nothing is."""
    if python.libc == "musl":
        return "musl"
    if python.platform == "darwin" and python.machine == "x86_64":
        return "rosetta" if python.apple_silicon else "intel-mac"
    return "free-threaded" if python.free_threaded else ""


def unserved(name: str, python: Python) -> bool:
    """Whether a library has no wheel for such a build, and older ones do not help either."""
    kind = build_kind(python)
    return kind in ("musl", "rosetta", "free-threaded") and name in python_versions()["without"][kind]


@check("python.wheels", causes=("musl-libc", "free-threaded-python", "rosetta-x86-python", "intel-mac-no-wheels"))
def wheels_are_made_for_it(python: Python, wanted: Wanted, libraries: Libraries | Missing) -> Finding:
    """Wheels for this Python build.

    Where there are none, pip takes an ancient release, tries to compile, or finds "no matching distribution".
    """
    kind = build_kind(python)
    if not kind:
        return ok("wheels are made for this build")
    lost = _lost(python_versions()["without"][kind], wanted, libraries)
    names = ", ".join(lost[:4])
    if kind == "rosetta":
        return _rosetta(names)
    if kind == "intel-mac" and lost:
        message = f"{names}: new releases have no wheels for Intel Macs"
        return warn("intel-mac-no-wheels", message, fix=fix("python.intel-mac"))
    if kind == "musl" and lost:
        message = f"this Python is built for Alpine Linux (musl); no wheels for {names}"
        return fail("musl-libc", message, fix=fix("python.glibc"))
    if kind == "free-threaded":
        return _free_threaded(python, names)
    return ok("an unusual build, but every needed library has wheels for it")


def _lost(without: list[str], wanted: Wanted, libraries: Libraries | Missing) -> list[str]:
    """The wanted libraries that have no wheel, and are not there either."""
    names = (library.name for library in wanted.libraries if library.required and library.name in without)
    return sorted(name for name in names if isinstance(libraries, Missing) or not libraries.find(name))


def _rosetta(names: str) -> Finding:
    message = "this Python is built for Intel Macs and runs translated (Rosetta): it is slow and cannot use the GPU"
    if not names:
        return warn("rosetta-x86-python", message, fix=fix("python.arm64"))
    return fail("rosetta-x86-python", f"{message}; no new wheels for {names}", fix=fix("python.arm64"))


def _free_threaded(python: Python, names: str) -> Finding:
    """A build without the global lock: on purpose, mostly."""
    ordinary = fix("python.with-lock", version="{}.{}".format(*python.minor))
    what = f"this Python {python.version} is the free-threaded build"
    if names:
        return fail("free-threaded-python", f"{what}; no wheels for {names}", fix=ordinary)
    if python.minor < FIRST_FREE:
        message = f"{what}, which was experimental in this version: new releases have no wheels for it"
        return warn("free-threaded-python", message, fix=ordinary)
    return ok("the free-threaded build")


@check("python.complete", causes=("stdlib-extension-missing", "foreign-libpython"))
def python_is_complete(interpreter: Interpreter | Missing, python: Python | Missing, imports: Imports | Missing) -> Finding:
    """Standard library modules.

    A Python that was compiled without a library of the system lacks what needs it, and says so only later.
    """
    if isinstance(interpreter, Missing) or isinstance(python, Missing):
        return _unread(interpreter, python)
    if interpreter.lacking and redirected(python):
        return skip("the standard library belongs to another Python", blocked_by="python.home")
    if interpreter.own_library:
        return _foreign(interpreter, python)
    return _lacking(interpreter, imports) if interpreter.lacking else ok("the standard library is complete")


def _unread(interpreter: Interpreter | Missing, python: Python | Missing) -> Finding:
    if isinstance(python, Missing):
        return skip("this Python did not answer", blocked_by="python.starts")
    assert isinstance(interpreter, Missing)
    say = skip if interpreter.kind in (Why.NOT_ASKED, Why.ABSENT) else unknown
    return say(f"the standard library could not be checked: the probe {interpreter.reason}")


def _foreign(interpreter: Interpreter, python: Python) -> Finding:
    """It runs with a library that is not its own: a fault only where that shows."""
    message = f"this Python runs with {interpreter.library} instead of its own {interpreter.own_library}"
    signs = [f"{name} does not load" for name in interpreter.lacking]
    if not {python.purelib, str(PurePath(python.purelib))} & set(python.path):
        signs.append("its site-packages are not on sys.path")
    say = fail if signs else warn
    return say("foreign-libpython", "; ".join([message, *signs]), fix=fix("python.own-library"))


def _lacking(interpreter: Interpreter, imports: Imports | Missing) -> Finding:
    """Parts of the standard library that are not there, or do not load."""
    names = ", ".join(sorted(interpreter.lacking))
    reasons = {name: why for name, why in interpreter.lacking.items() if why}
    why = "do not load" if reasons else "are missing; usually they were left out when it was compiled"
    message = f"this Python's standard library is incomplete: {names} {why}"
    breaks = not isinstance(imports, Missing) and any(lacks(imported, interpreter) for imported in imports.libraries)
    say = fail if breaks or set(NEEDED) & interpreter.lacking.keys() else warn
    return say("stdlib-extension-missing", message, evidence=reasons, fix=fix("python.rebuild"))


def lacks(imported: Imported, interpreter: Interpreter | Missing) -> bool:
    """Whether an import failed for want of a part of the standard library."""
    if isinstance(interpreter, Missing) or imported.outcome != "error":
        return False
    lacking = LACKING.search(imported.message)
    return bool(lacking and lacking[1] in interpreter.lacking) or imported.message in filter(None, interpreter.lacking.values())


@check("python.command", causes=("python-command-missing",))
def a_command_runs_python(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """The `python` command.

    Without one, what every tutorial begins with ends in "command not found".
    """
    if isinstance(python, Missing):
        return skip("this Python did not answer", blocked_by="python.starts")
    found, only = venv.command("python", "python3"), venv.command("python")
    if found:
        return ok(f"`{found.name}` is {found.path}{'' if only else '; there is no `python`, so type python3'}")
    if venv.chosen_by in ("--python", "project", "kernel", "caller") or venv.lock:
        return skip("`python` is not needed on PATH here")
    if place.os == "windows":
        return skip("no `python` on PATH; type py")
    if venv.virtual_env and not venv.virtual_env_exists:
        return skip("no `python` on PATH", blocked_by="venv.active")
    return warn("python-command-missing", "`python` and `python3` are not on PATH", fix=fix("python.command"))
