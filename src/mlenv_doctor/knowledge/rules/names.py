"""A name that a module does not have: which of two libraries has to change, and in which direction."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import Candidate, Cure, Kind, Reading
from .changed_names import changed
from .common import Case, candidate
from .hidden import circle, nowhere, shadow

IMPORTED = re.compile(
    r"""[Cc]annot import name:? ['"]?(?P<name>[A-Za-z_]\w*)['"]?(?: from (?P<partly>partially initialized module"""
    r""" )?['"]?(?P<module>[A-Za-z_][\w.]*)['"]?"""
    r" ?(?:\((?P<why>most likely due to a circular import"
    r"|unknown location)?\)?)?(?:[ \t]*\(?(?P<path>[^()\n]{1,400}\.\w{1,12})\)?)?)?"
)
ATTRIBUTE = re.compile(
    r"""(?P<partly>partially initialized )?module ['"](?P<module>[A-Za-z_][\w.]*)['"] has no attribute ['"](?P<name>\w+)['"]"""
)

ONLY_ADDED_TO = (
    "typing", "dataclasses", "enum", "contextlib", "statistics", "math", "itertools", "functools", "zoneinfo", "graphlib",
)  # fmt: skip


def name_not_found(case: Case) -> Reading | None:
    """`cannot import name X from Y` and `module Y has no attribute X`: the same fault in two dresses."""
    found = _last(case, IMPORTED) or _last(case, ATTRIBUTE)
    if found is None:
        return None
    parts = {key: value or "" for key, value in found.groupdict().items()}
    module, name, path = parts.get("module", ""), parts["name"], parts.get("path", "")
    at = found.start()
    module = module or _imported_from(case, name)
    for reading in _readings(case, module, name, path, parts, at):
        if reading:
            return reading
    return None


def _readings(case: Case, module: str, name: str, path: str, parts: dict[str, str], at: int) -> Iterable[Reading | None]:
    yield shadow(case, module, name, path, bool(parts.get("partly")), at)
    if parts.get("why") == "unknown location" or "unknown location" in case.trace.text[at : at + 300]:
        yield nowhere(case, module, name)
    change = case.knowledge.change(module, name)
    if change:
        yield changed(case, change, at)
    if parts.get("partly"):
        yield circle(case, module, name, path)
    yield _between(case, module, name, at)


def _last(case: Case, pattern: re.Pattern[str]) -> re.Match[str] | None:
    found = list(pattern.finditer(case.trace.text))
    return found[-1] if found else None


def _imported_from(case: Case, name: str) -> str:
    """Old Pythons do not name the module: the line of code above does."""
    found = re.findall(rf"from ([A-Za-z_][\w.]*) import [^\n]{{0,200}}\b{re.escape(name)}\b", case.trace.text)
    return str(found[-1]) if found else ""


def _between(case: Case, module: str, name: str, at: int) -> Reading | None:
    """Nothing is known of the name: who uses it, who should have it, and what their versions say."""
    if not module:
        return _unnamed(case, name)
    dist = case.distribution(module) or module.partition(".")[0]
    if module.partition(".")[0] in case.knowledge.standard:
        return _of_python(case, module, name, at)
    torn = _torn(case, name, dist, at)
    if torn:
        return torn
    user = case.user(at, dist)
    known = case.with_version(dist)
    if user and user.top:
        who = case.library(user)
        asked = case.facts.unmet(who, dist)
        if asked:
            return Reading(
                Kind.ENVIRONMENT,
                f"{case.with_version(who)} requires {asked}, and {known} is installed, which has no {name}",
                "dependency-conflict",
                who,
                Cure(f"Install {asked}", install=(asked,)),
                (candidate("known-bad-pair", f"{who} and {dist} are not compatible"),),
            )
        both = tuple(d for d in (who, dist) if case.is_known(d))
        cure = Cure(
            f"Upgrade {who} and {dist} together; or install the older {dist} that {who} was made for", install=both, upgrade=True
        )
        said = f"{case.with_version(who)} uses {name} of {module}, which {known} does not have: their versions are not compatible"
        return Reading(
            Kind.ENVIRONMENT,
            said,
            "known-bad-pair",
            who,
            cure,
            (candidate("too-old-version", f"{dist} is older than {who} needs", f"`pip show {dist}`"),),
        )
    return _by_program(case, module, name, dist, known, user is not None and user.own)


def _by_program(case: Case, module: str, name: str, dist: str, known: str, own: bool) -> Reading:
    others = _missing_name(module, name, dist, known)
    install = (dist,) if case.is_known(dist) else ()
    where = case.trace.own.place if own and case.trace.own else ""
    shrinks = sum(1 if change.how != "added" else -1 for change in case.knowledge.changes if change.distribution == dist) > 4
    if shrinks:
        return Reading(
            Kind.PROGRAM if own else Kind.ENVIRONMENT,
            f"{known} has no {name} in {module} (any more): {dist} removed or moved much of its older API",
            "sdk-api-removed",
            dist,
            Cure(
                f"Change the import to the new API of {dist}, or install the older {dist} that the code was "
                f"written for; if {name} is new, upgrade {dist}",
                install=install,
                upgrade=True,
            ),
            others[:1],
            where=where,
        )
    return Reading(
        Kind.UNKNOWN if own else Kind.ENVIRONMENT,
        f"The installed {known} has no {name} in {module}: it is too old or too new for the code that asks for "
        "it, or the name is misspelled",
        "too-old-version",
        dist,
        Cure(
            f"Upgrade {dist}; if the name was removed, install the older {dist} that the code was written for",
            install=install,
            upgrade=True,
        ),
        others,
        where=where,
        more=f"The version: `pip show {dist}`; and in which release {name} exists.",
    )


def _missing_name(module: str, name: str, dist: str, known: str) -> tuple[Candidate, ...]:
    """Why a library can lack a name that a program asks for."""
    return (
        candidate(
            "too-old-version",
            f"the installed {known} is older than the release that added {name}",
            f"`pip show {dist}`",
            Cure(f"Upgrade {dist}"),
            "likely",
        ),
        candidate(
            "sdk-api-removed",
            f"a newer {dist} removed or renamed {name}",
            f"the release notes of {dist}",
            Cure(f"Install an older {dist}"),
        ),
        candidate(
            "shadowed-by-file",
            f"a file or folder called {module.partition('.')[0]} in the project hides the library",
            f'`python -c "import {module}; print({module}.__file__)"`',
        ),
    )


def _torn(case: Case, name: str, dist: str, at: int) -> Reading | None:
    """A library asks itself for a name that it does not have: its files are those of two versions."""
    frames = [frame for frame in case.trace.before(at) if not frame.standard and frame.at <= at]
    if not frames or not frames[-1].top or case.library(frames[-1]) != dist or frames[-1].function != "<module>":
        return None
    return Reading(
        Kind.ENVIRONMENT,
        f"The files of {case.with_version(dist)} are from two versions: one imports {name}, which another does not have",
        "interrupted-install",
        dist,
        Cure(
            f"Reinstall {dist}",
            install=(dist,) if case.is_known(dist) else (),
            reinstall=True,
            options=("--no-cache-dir",),
            notes=(f"Where it stays the same, delete the folder {dist.replace('-', '_')} in site-packages first.",),
        ),
        (candidate("shadowed-by-file", f"a file of the project has the name of a module that {dist} imports"),),
    )


def _unnamed(case: Case, name: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"A module has no {name}: a file of the project hides the library, or the library has another version than expected",
        "shadowed-by-file",
        name,
        Cure("Look for a file or folder in the project with the library's name, and rename it; else upgrade the library"),
        (
            candidate("too-old-version", f"the library is older than the release that added {name}"),
            candidate("sdk-api-removed", f"a newer release removed {name}"),
        ),
    )


def _of_python(case: Case, module: str, name: str, at: int) -> Reading | None:
    """Python's own library changed."""
    if module in ONLY_ADDED_TO:
        return _newer_python(case, module, name, at)
    user = case.user(at, "")
    who = case.library(user) if user and user.top else "the program"
    cure = Cure(f"Upgrade {who}, or use an older Python", install=(who,) if case.is_known(who) else (), upgrade=True)
    return Reading(
        Kind.ENVIRONMENT,
        f"{who} uses {name} of Python's module {module}, which this Python does not have",
        "python-too-new",
        who,
        cure,
        (candidate("shadowed-stdlib-module", f"a file called {module.partition('.')[0]}.py hides Python's own module"),),
    )


def _newer_python(case: Case, module: str, name: str, at: int) -> Reading:
    """Names come to these modules with new Pythons, and hardly ever leave them."""
    user = case.user(at, "")
    who = case.library(user) if user and user.top else "the program"
    known = f" ({case.facts.python})" if case.facts.python else ""
    return Reading(
        Kind.ENVIRONMENT,
        f"{who} uses {module}.{name}, which this Python{known} does not have yet",
        "python-too-old",
        who,
        Cure(f"Use a newer Python, or install an older release of {who}"),
        (candidate("shadowed-stdlib-module", f"a file called {module}.py hides Python's own module"),),
    )
