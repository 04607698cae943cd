"""Is this Python whole, is it of a build that wheels are made for, and does the command line lead to one?"""

from __future__ import annotations

import re
from pathlib import PurePath

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Imported, Imports, Interpreter, Libraries, Place, Python, Venv, Wanted, Why

from .contents import python_versions
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
    """Wheels are made for this build of Python.

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
        message = f"{names}: new releases have no wheels for Macs with an Intel processor"
        return warn("intel-mac-no-wheels", message, fix=fix("python.intel-mac"))
    if kind == "musl" and lost:
        message = f"this Python uses musl, the C library of Alpine Linux, for which there is no wheel of {names}"
        return fail("musl-libc", message, fix=fix("python.glibc"))
    if kind == "free-threaded":
        return _free_threaded(python, names)
    return ok("an unusual build, but nothing that is wanted lacks wheels for it")


def _lost(without: list[str], wanted: Wanted, libraries: Libraries | Missing) -> list[str]:
    """The wanted libraries that have no wheel, and are not there either."""
    names = (library.name for library in wanted.libraries if library.required and library.name in without)
    return sorted(name for name in names if isinstance(libraries, Missing) or not libraries.find(name))


def _rosetta(names: str) -> Finding:
    message = "this Python was built for Intel Macs, and this Mac translates it (Rosetta): it is slow, and sees no GPU"
    if not names:
        return warn("rosetta-x86-python", message, fix=fix("python.arm64"))
    return fail("rosetta-x86-python", f"{message}; there are no new wheels of {names}", fix=fix("python.arm64"))


def _free_threaded(python: Python, names: str) -> Finding:
    """A build without the global lock: on purpose, mostly."""
    ordinary = fix("python.with-lock", version="{}.{}".format(*python.minor))
    what = f"this Python {python.version} is the free-threaded build"
    if names:
        return fail("free-threaded-python", f"{what}, for which there is no wheel of {names}", fix=ordinary)
    if python.minor < FIRST_FREE:
        message = f"{what}, which was an experiment in this version: new releases have no wheels for it"
        return warn("free-threaded-python", message, fix=ordinary)
    return ok("the free-threaded build")


@check("python.complete", causes=("stdlib-extension-missing", "foreign-libpython"))
def python_is_complete(interpreter: Interpreter | Missing, python: Python | Missing, imports: Imports | Missing) -> Finding:
    """Python has all of its standard library, and it is its own.

    A Python that was compiled without a library of the system lacks what needs it, and says so only later.
    """
    if isinstance(interpreter, Missing) or isinstance(python, Missing):
        return _unread(interpreter, python)
    if interpreter.lacking and redirected(python):
        return skip("its standard library is not its own", blocked_by="python.home")
    if interpreter.own_library:
        return _foreign(interpreter, python)
    return _lacking(interpreter, imports) if interpreter.lacking else ok("its standard library is complete")


def _unread(interpreter: Interpreter | Missing, python: Python | Missing) -> Finding:
    if isinstance(python, Missing):
        return skip("this Python did not answer", blocked_by="python.starts")
    assert isinstance(interpreter, Missing)
    say = skip if interpreter.kind in (Why.NOT_ASKED, Why.ABSENT) else unknown
    return say(f"its standard library could not be looked at: the probe {interpreter.reason}")


def _foreign(interpreter: Interpreter, python: Python) -> Finding:
    """It runs with a library that is not its own: a fault only where that shows."""
    message = f"this Python runs with {interpreter.library} instead of its own {interpreter.own_library}"
    signs = [f"{name} does not load" for name in interpreter.lacking]
    if not {python.purelib, str(PurePath(python.purelib))} & set(python.path):
        signs.append("its site-packages are not found")
    say = fail if signs else warn
    return say("foreign-libpython", "; ".join([message, *signs]), fix=fix("python.own-library"))


def _lacking(interpreter: Interpreter, imports: Imports | Missing) -> Finding:
    """Parts of the standard library that are not there, or do not load."""
    names = ", ".join(sorted(interpreter.lacking))
    reasons = {name: why for name, why in interpreter.lacking.items() if why}
    why = "do not load" if reasons else "are not there; most often they were left out when it was compiled"
    message = f"parts of this Python's standard library ({names}) {why}"
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
    """The command line knows a `python`.

    Without one, what every tutorial begins with ends in "command not found".
    """
    if isinstance(python, Missing):
        return skip("this Python did not answer", blocked_by="python.starts")
    found, only = venv.command("python", "python3"), venv.command("python")
    if found:
        return ok(f"`{found.name}` is {found.path}{'' if only else '; there is no `python`, so type python3'}")
    if venv.chosen_by in ("--python", "project", "kernel", "caller") or venv.lock:
        return skip("no `python` on PATH is needed here")
    if place.os == "windows":
        return skip("no `python` on PATH; type py")
    if venv.virtual_env and not venv.virtual_env_exists:
        return skip("no `python` on PATH", blocked_by="venv.active")
    return warn("python-command-missing", "there is neither `python` nor `python3` on PATH", fix=fix("python.command"))
