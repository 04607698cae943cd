"""Does what is installed keep to the project's limits, and to its lock file?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mlenv_doctor.api import Finding, Fix, Location, Missing, Why, check, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Declared, Libraries, Project, Python, Wanted, WantedLibrary
from mlenv_doctor.records import dataclass

from .dependencies import parsed, satisfies
from .facts import Lock, Locked

OF_PYTHON = ("pip", "setuptools", "wheel")  # every environment brings these, and people upgrade them
MANIFESTS = {"pipenv": "Pipfile"}
SHOWN = 5


@dataclass(frozen=True)
class Differing:
    """A library that is installed in another version than is locked."""

    installed: str
    locked: Locked


@check("libraries.limits", causes=("requirement-unmet",))
def libraries_within_limits(project: Project, wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Finding]:
    """Constraints, groups and extras.

    They do not say that a library has to be there; but where it is, another version than theirs was never tried.
    """
    limits = [*_limits(project, wanted, libraries, python), *_of_groups(project, wanted, libraries, python)]
    for (file, group), found in groupby(limits, key=lambda limit: (limit.file, limit.group)):
        yield _beyond(file, group, list(found), wanted, libraries)
    absent = _absent(project, libraries, python)
    if absent:
        yield skip(f"the group dev is not completely installed (not required): {_some(absent)}")
    if not limits and not absent:
        yield ok("all versions are within the project's limits")


def _limits(project: Project, wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Declared]:
    """The constraints that an installed library breaks; not where it is not even what the project requires."""
    for declared in project.limits:
        library = wanted.library(_name(declared))
        if _applies(declared, python) and _breaks(declared, libraries) and not (library and _is_red(library, libraries)):
            yield declared


def _is_red(library: WantedLibrary, libraries: Libraries) -> bool:
    found = libraries.find(library.name)
    return found is not None and not satisfies(found.version, library.specifier)


def _of_groups(project: Project, wanted: Wanted, libraries: Libraries, python: Python) -> Iterator[Declared]:
    """What an installed library breaks of every group that names it; not where the project itself requires it."""
    applying = sorted((declared for declared in project.grouped if _applies(declared, python)), key=_name)
    for name, several in groupby(applying, key=_name):
        group = list(several)
        library = wanted.library(name)
        own = library is not None and library.line > 0
        if not own and all(_breaks(declared, libraries) for declared in group):
            yield group[0]


def _beyond(file: str, group: str, limits: Sequence[Declared], wanted: Wanted, libraries: Libraries) -> Finding:
    """One sentence about all that one file limits."""
    where = PurePath(file).name + (f" ({group})" if group else "")
    names = [f"{_name(limit)} {_version(limit, libraries)} ({_asked(limit)})" for limit in limits]
    message = f"installed versions are not allowed by {where}: {_some(names)}"
    if len(limits) == 1:
        message = f"{_name(limits[0])} {_version(limits[0], libraries)} is installed; {where} allows {_asked(limits[0])}"
    repair = fix("libs.satisfy", packages=tuple(_both(limit, wanted) for limit in limits))
    if group:  # nobody asked for it: who does installs what it names
        return skip(message, fix=repair)
    return warn("requirement-unmet", message, location=Location(file, limits[0].line), fix=repair)


def _both(limit: Declared, wanted: Wanted) -> str:
    """What satisfies a limit, and what the project requires besides."""
    library = wanted.library(_name(limit))
    return _name(limit) + ",".join(part for part in (library.specifier if library else "", _asked(limit)) if part)


def _absent(project: Project, libraries: Libraries, python: Python) -> list[str]:
    """What is not installed of the group that most tools install without being asked."""
    dev = (declared for declared in project.grouped if declared.group == "group dev" and _applies(declared, python))
    return sorted({name for declared in dev if not libraries.find(name := _name(declared))})


def _breaks(declared: Declared, libraries: Libraries) -> bool:
    """Whether a library is installed, in a version that a declaration excludes."""
    found = libraries.find(_name(declared))
    return found is not None and not satisfies(found.version, _asked(declared))


def _version(declared: Declared, libraries: Libraries) -> str:
    found = libraries.find(_name(declared))
    return (found.version if found else None) or ""


def _requirement(declared: Declared) -> Requirement:
    return parsed(declared.text) or Requirement("unknown")


def _name(declared: Declared) -> str:
    return str(canonicalize_name(_requirement(declared).name))


def _asked(declared: Declared) -> str:
    return str(_requirement(declared).specifier)


def _applies(declared: Declared, python: Python) -> bool:
    marker = _requirement(declared).marker
    return marker is None or _holds(str(marker), python)


def _holds(marker: str, python: Python) -> bool:
    """Whether a marker holds for this Python; one that cannot be understood or compared does not."""
    try:
        return Marker(marker).evaluate({**python.markers, "extra": ""})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, KeyError):
        return False


def _some(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


@check("libraries.locked", causes=("lock-out-of-step", "requirement-unreadable"))
def libraries_as_locked(
    lock: Lock | Missing, project: Project, wanted: Wanted, libraries: Libraries, python: Python
) -> Iterator[Finding]:
    """Lock file.

    A lock file says which versions were tried together; with others a colleague's error cannot be reproduced, nor his success.
    """
    if isinstance(lock, Missing):
        asked = lock.kind != Why.NOT_ASKED
        yield (
            unknown(f"the lock file could not be read: the probe {lock.reason}")
            if asked
            else skip(f"the lock file: {lock.reason}")
        )
        return
    if not lock.file:
        yield skip("the project has no lock file")
        return
    name = PurePath(lock.file).name
    for bad in lock.unreadable:
        yield warn("requirement-unreadable", f"{name}: {bad.reason}", location=Location(bad.file, bad.line))
    if lock.packages:
        locked: dict[str, list[Locked]] = {}
        for package in lock.packages:
            locked.setdefault(package.name, []).append(package)
        yield from _remarks(name, lock, locked, project, python)
        if python.in_venv or python.conda:
            yield _compared(name, lock, list(_differing(locked, libraries, python)), wanted, libraries)


def _remarks(name: str, lock: Lock, locked: Mapping[str, object], project: Project, python: Python) -> Iterator[Finding]:
    unknown_to_it = _not_locked(lock, locked, project, python)
    if unknown_to_it:
        yield skip(f"{name} does not contain {_some(unknown_to_it)}: it was not updated since the project requires it")
    if not (python.in_venv or python.conda):
        yield skip(f"this Python is not in an environment that {name} is for")


def _compared(name: str, lock: Lock, differing: Sequence[Differing], wanted: Wanted, libraries: Libraries) -> Finding:
    """What differs; what is not even in the range that the project requires is told there."""
    red = {library.name for library in wanted.libraries if _is_red(library, libraries)}
    if [each for each in differing if each.locked.name not in red]:
        return _out_of_step(name, lock, [each for each in differing if each.locked.name not in red])
    if differing:
        by = f"libraries.versions:{differing[0].locked.name}"
        return skip(f"what differs from {name} does not match the project's requirements either", blocked_by=by)
    return ok(f"the installed versions match {name}")


def _not_locked(lock: Lock, locked: Mapping[str, object], project: Project, python: Python) -> list[str]:
    """What the project requires, in the file that its lock is made from, and the lock does not hold."""
    manifest = MANIFESTS.get(lock.tool, "pyproject.toml")
    asked = (d for d in project.requirements if PurePath(d.file).name == manifest and _applies(d, python))
    return sorted({_name(declared) for declared in asked} - locked.keys())


def _differing(locked: Mapping[str, Sequence[Locked]], libraries: Libraries, python: Python) -> Iterator[Differing]:
    """The installed libraries whose version is none of those that are locked."""
    for name, versions in sorted(locked.items()):
        found = libraries.find(name)
        if found and found.version and not found.editable and name not in OF_PYTHON:
            applying = [each for each in versions if _is_for(each, python)] or versions
            if not any(_same(each.version, found.version) for each in applying):
                yield Differing(found.version, applying[0])


def _is_for(locked: Locked, python: Python) -> bool:
    return not locked.markers or any(_holds(marker, python) for marker in locked.markers)


def _same(locked: str, installed: str) -> bool:
    """Whether two versions are the same, of whatever build: 2.9.0+cpu is the 2.9.0 that somebody locked elsewhere."""
    try:
        return not locked or Version(Version(locked).public) == Version(Version(installed).public)
    except ValueError:  # no version at all, or one of so many digits that Python refuses to count them
        return True


def _out_of_step(name: str, lock: Lock, differing: Sequence[Differing]) -> Finding:
    words = [f"{each.locked.name} {each.installed} (locked: {each.locked.version})" for each in differing]
    number = "an installed library has another version" if len(words) == 1 else f"{len(words)} installed libraries differ"
    message = f"{number}{' than' if len(words) == 1 else ' from'} {name}: {_some(words)}"
    place = Location(lock.file, differing[0].locked.line)
    return warn("lock-out-of-step", message, evidence={"differing": "\n".join(words)}, location=place, fix=_sync(lock))


def _sync(lock: Lock) -> Fix:
    """The command of the tool that the lock file belongs to."""
    if lock.tool == "pylock":
        return fix("libs.install-lock", file=lock.file)
    return fix({"uv": "libs.sync-uv", "poetry": "libs.sync-poetry", "pdm": "libs.sync-pdm"}.get(lock.tool, "libs.sync-pipenv"))
