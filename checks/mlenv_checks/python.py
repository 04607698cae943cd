"""Does this Python start, and is it one that today's libraries are made for?"""

from __future__ import annotations

import re
from pathlib import PurePath

from packaging.specifiers import SpecifierSet

from mlenv_doctor import Finding, Fix, Location, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Libraries, Project, Python, Venv, Wanted, Why

from .contents import python_versions

HOME = re.compile(r"No module named '?encodings|Failed to import encodings")
SITE = re.compile(r"init_import_site|Failed to import the site module|sitecustomize|usercustomize")


def number(minor: str) -> tuple[int, int]:
    """ "3.11" as (3, 11)."""
    major, _, rest = minor.partition(".")
    return int(major), int(rest)


@check("python.starts", causes=("python-does-not-start", "python-too-old"))
def python_starts(python: Python | Missing, venv: Venv) -> Finding:
    """The Python to examine starts.

    If it does not, nothing else about it can be known.
    """
    if isinstance(python, Python):
        return ok(f"{python.implementation} {python.version}")
    if python.kind == Why.TOO_OLD:
        return fail("python-too-old", f"this Python {python.reason}", fix=install())
    if venv.target and not venv.target.alive:
        return skip("its environment is broken", blocked_by="venv.intact")
    if python.kind == Why.BUDGET:
        return unknown(f"this Python {python.reason}")
    message = f"this Python does not start: it {python.reason}{_because(python.detail)}"
    last = "\n".join(python.detail.splitlines()[-8:])
    return fail("python-does-not-start", message, evidence={"it said": last}, fix=fix("python.repair"))


def _because(detail: str) -> str:
    """What the last words of a Python that died point to."""
    if HOME.search(detail):
        return "; it cannot find its own library: PYTHONHOME is set wrongly, or the installation is damaged"
    if SITE.search(detail):
        return "; a sitecustomize, usercustomize or .pth file stops it"
    lines = detail.strip().splitlines()
    return f": {lines[-1]}" if lines else ""


def install() -> Fix:
    """The fix that brings a Python for which everything has wheels."""
    return fix("python.install", version=python_versions()["best"])


@check("python.version", causes=("python-too-old", "python-too-new"))
def python_version(python: Python, wanted: Wanted, libraries: Libraries) -> Finding:
    """This version of Python has wheels of today's libraries.

    For one that is too old they are no longer made, for one that is too new not yet: pip then takes an ancient release, or
    tries to compile.
    """
    known = python_versions()
    if python.minor < number(known["oldest"]):
        message = f"Python {python.version} is too old: today's ML libraries need {known['oldest']}, better {known['comfortable']} or newer"
        return fail("python-too-old", message, fix=install())
    without = sorted(
        library.name
        for library in wanted.libraries
        if library.name in known["until"]
        and python.minor > number(known["until"][library.name])
        and not libraries.find(library.name)
    )
    if without:
        message = f"Python {python.version} is too new: there is no wheel of {', '.join(without)} for it yet"
        return fail("python-too-new", message, fix=install())
    if python.minor > number(known["newest"]) or python.release_level != "final":
        message = f"Python {python.version} ({python.release_level}) is newer than the libraries: many have no wheels for it yet"
        return warn("python-too-new", message, fix=install())
    if python.minor < number(known["comfortable"]):
        message = f"Python {python.version} works, but the newest numpy, pandas and torch need {known['comfortable']} or newer"
        return warn("python-too-old", message, fix=install())
    return ok(f"Python {python.version}")


@check("python.build", causes=("python-32bit",))
def python_build(python: Python) -> Finding:
    """This Python is a 64-bit program.

    torch, scikit-learn and the like are not made for 32 bits.
    """
    if python.bits == 64:
        return ok("64-bit")
    message = f"this Python is a {python.bits}-bit program: there are no wheels of torch or scikit-learn for it"
    return fail("python-32bit", message, evidence={"machine": python.machine}, fix=install())


@check("python.project", causes=("requires-python-unmet",))
def python_fits_project(python: Python, project: Project) -> Finding:
    """This Python is one that the project allows.

    Installers refuse a project whose requires-python excludes the Python at hand.
    """
    if not project.requires_python:
        return skip("the project asks for no particular Python")
    asked, file = project.requires_python, PurePath(project.requires_python_file).name
    if SpecifierSet(asked).contains(python.version, prereleases=True):
        return ok(f"{file} asks for {asked}")
    place = Location(project.requires_python_file, project.requires_python_line)
    message = f"{file} asks for Python {asked}, and this is {python.version}"
    return fail("requires-python-unmet", message, location=place, fix=fix("python.install", version=_allowed(asked)))


def _allowed(asked: str) -> str:
    """A minor version that a project allows: the best one, else the nearest below or above it."""
    best = number(python_versions()["best"])
    for minor in (best[1], *range(best[1] - 1, 5, -1), *range(best[1] + 1, best[1] + 8)):
        if SpecifierSet(asked).contains(f"3.{minor}.99"):
            return f"3.{minor}"
    return str(python_versions()["best"])
