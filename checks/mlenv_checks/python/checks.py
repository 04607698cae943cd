"""Does this Python start, and is it one that today's libraries are made for?"""

from __future__ import annotations

from pathlib import PurePath

from packaging.specifiers import SpecifierSet

from mlenv_doctor.api import Finding, Fix, Location, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Project, Python, Venv, Wanted

from ..python.versions import number, python_versions, without_wheel
from .startup_errors import epitaph

DIED = (Why.NOT_STARTED, Why.NO_ANSWER, Why.KILLED)
STOPPED = (
    "python-does-not-start", "python-too-old", "pythonhome-set", "sitecustomize-crash", "broken-pth", "python-command-missing",
)  # fmt: skip


@check("python.starts", causes=STOPPED)
def python_starts(python: Python | Missing, venv: Venv | Missing, project: Project | Missing) -> Finding:
    """Python interpreter.

    If it does not, nothing else about it can be known.
    """
    if isinstance(python, Python):
        return ok(f"{python.implementation} {python.version}", brief=python.version)
    if python.kind == Why.NOT_ASKED:
        return skip(f"this Python: {python.reason}")
    if python.kind == Why.ABSENT:
        return skip(f"this Python {python.reason}")
    if python.kind == Why.TOO_OLD:
        return fail("python-too-old", f"this Python {python.reason}", fix=install(project))
    owner = _owner(venv, python)
    if owner:
        return skip("its environment is broken", blocked_by=owner)
    if python.kind in (Why.BUDGET, Why.ERROR) or (python.kind == Why.NOT_STARTED and not python.detail):
        return unknown(f"this Python {python.reason}{': ' if python.detail else ''}{python.detail}")
    return epitaph(python, venv)


def _owner(venv: Venv | Missing, python: Missing) -> str:
    """The check that names the reason where the environment around a Python is to blame; else empty."""
    if isinstance(venv, Missing):
        return ""
    if venv.chosen_by == "VIRTUAL_ENV" and not venv.virtual_env_exists:
        return "venv.active"
    dead = venv.target and (not venv.target.alive or (python.kind in DIED and not venv.target.home_exists))
    return "venv.intact" if dead else ""


def install(project: Project | Missing) -> Fix:
    """The fix that brings a Python for which everything has wheels, and that the project allows."""
    return fix("python.install", version=_allowed(_asked(project)))


def _asked(project: Project | Missing) -> str:
    """Which Pythons the project allows; empty where it does not say."""
    return "" if isinstance(project, Missing) else project.requires_python or ""


def _allowed(asked: str) -> str:
    """A minor version that a project allows: the best one, else the nearest below or above it."""
    best = number(python_versions()["best"])
    for minor in (best[1], *range(best[1] - 1, 5, -1), *range(best[1] + 1, best[1] + 8)):
        if SpecifierSet(asked).contains(f"3.{minor}.99"):
            return f"3.{minor}"
    return str(python_versions()["best"])


@check("python.version", causes=("python-too-old", "python-too-new"))
def python_version(python: Python, wanted: Wanted, libraries: Libraries | Missing, project: Project | Missing) -> Finding:
    """Python version.

    For one that is too old they are no longer made, for one that is too new not yet: pip then takes an ancient release, or
    tries to compile.
    """
    known = python_versions()
    asked = _asked(project)
    if not SpecifierSet(asked).contains(python.version, prereleases=True):
        return skip("the project does not support this Python", blocked_by="python.project")
    if python.minor < number(known["oldest"]):
        if number(_allowed(asked)) < number(known["oldest"]) or _complete(wanted, libraries):
            message = f"Python {python.version} works for this project but is too old for current ML libraries"
            return warn("python-too-old", message, fix=install(project))
        message = (
            f"Python {python.version} is too old: current ML libraries need {known['oldest']} or newer ({known['best']} is best)"
        )
        return fail("python-too-old", message, fix=install(project))
    without = _without(python, wanted, libraries)
    if without:
        message = f"Python {python.version} is too new: no wheels yet for {', '.join(without)}"
        return fail("python-too-new", message, fix=install(project))
    if python.minor > number(known["newest"]) or python.release_level != "final":
        level = "" if python.release_level == "final" else f" ({python.release_level})"
        message = f"Python {python.version}{level} is very new: many libraries have no wheels for it yet"
        return warn("python-too-new", message, fix=install(project))
    if python.minor < number(known["comfortable"]):
        message = f"Python {python.version} works, but the newest numpy, pandas and torch need {known['comfortable']} or newer"
        return warn("python-too-old", message, fix=install(project))
    return ok(f"Python {python.version} is supported")


def _complete(wanted: Wanted, libraries: Libraries | Missing) -> bool:
    """Whether all that a project declares is installed: an old project, frozen on purpose, whose versions fit its Python."""
    if isinstance(libraries, Missing) or not wanted.declared:
        return False
    return all(libraries.find(library.name) for library in wanted.libraries if library.required)


def _without(python: Python, wanted: Wanted, libraries: Libraries | Missing) -> list[str]:
    """The wanted libraries that are not installed, and that have no wheel for a Python this new."""
    names = (library.name for library in wanted.libraries if library.required and without_wheel(library.name, python.minor))
    return sorted(name for name in names if isinstance(libraries, Missing) or not libraries.find(name))


@check("python.build", causes=("python-32bit",))
def python_build(python: Python) -> Finding:
    """64-bit Python.

    torch, scikit-learn and the like are not made for 32 bits.
    """
    if python.bits == 64:
        return ok("64-bit")
    message = f"this Python is a {python.bits}-bit build; torch and scikit-learn have no wheels for it"
    remedy = fix("python.install-64bit", version=_allowed(""))
    return fail("python-32bit", message, evidence={"machine": python.machine}, fix=remedy)


@check("python.project", causes=("requires-python-unmet",))
def python_fits_project(python: Python, project: Project) -> Finding:
    """Python version required by the project.

    Installers refuse a project if its requires-python excludes this Python.
    """
    if not project.requires_python:
        return skip("the project sets no Python version")
    asked, file = project.requires_python, PurePath(project.requires_python_file).name
    if SpecifierSet(asked).contains(python.version, prereleases=True):
        return ok(f"{file} requires {asked}")
    place = Location(project.requires_python_file, project.requires_python_line)
    message = f"{file} requires Python {asked}; this is {python.version}"
    return fail("requires-python-unmet", message, location=place, fix=install(project))
