"""Which requirements no wheel for this Python can meet: data/first_wheels.csv."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import rows
from mlenv_doctor.patient import Libraries, Python, WantedLibrary

from ..python.versions import number
from .dependencies import satisfies

STUCK = "project.installable"  # where they are told
OLDEST = 8  # the minor version below which no Python is advised


def first_wheel(name: str, minor: tuple[int, int]) -> str:
    """The first release of a library with a wheel for a Python; empty where that is not known."""
    return _table().get((name, minor), "")


@cache
def _table() -> dict[tuple[str, tuple[int, int]], str]:
    return {(row["library"], number(row["python"])): row["first"] for row in rows(__package__, "first_wheels")}


def too_old_for(library: WantedLibrary, minor: tuple[int, int]) -> bool:
    """Whether every release that a requirement allows is older than the first with a wheel for this Python."""
    first = first_wheel(library.name, minor)
    try:
        return bool(first) and any(_ends_before(part, Version(first)) for part in SpecifierSet(library.specifier))
    except (InvalidSpecifier, InvalidVersion):
        return False


def _ends_before(part: Specifier, first: Version) -> bool:
    """Whether one bound lets nothing through that is as new as this."""
    if part.operator not in ("==", "~=", "<", "<=", "==="):
        return False
    bound = Version(part.version.removesuffix(".*"))
    return bound <= first and not part.contains(first, prereleases=True)


def unmeetable(wanted: Iterable[WantedLibrary], libraries: Libraries, python: Python) -> tuple[WantedLibrary, ...]:
    """The requirements that are not met, and for which no wheel can be had. CPython only: others have other wheels."""
    if python.implementation != "CPython" or python.conda:
        return ()
    return tuple(each for each in wanted if each.line and not _is_met(each, libraries) and too_old_for(each, python.minor))


def _is_met(library: WantedLibrary, libraries: Libraries) -> bool:
    found = libraries.find(library.name)
    return found is not None and satisfies(found.version, library.specifier)


def fitting_python(stuck: Iterable[WantedLibrary], minor: tuple[int, int]) -> str:
    """The newest Python below this one that is known to have wheels for all of them; empty where none is."""
    stuck = tuple(stuck)
    older = ((minor[0], number) for number in range(minor[1] - 1, OLDEST - 1, -1))
    return next((f"{old[0]}.{old[1]}" for old in older if all(_fits(each, old) for each in stuck)), "")


def _fits(library: WantedLibrary, minor: tuple[int, int]) -> bool:
    return bool(first_wheel(library.name, minor)) and not too_old_for(library, minor)
