"""A part of a library that is not found: it moved, came with a newer release, was not compiled, or is a package of its own."""

from __future__ import annotations

import re

from ..reading import Cure, Kind, Reading
from ..world import Change
from .common import Case, candidate, either
from .not_installed import LOCAL, install

COMPILED = re.compile(
    r"\.(?:_[A-Z]\w*|_C\w*|_ext\w*|_core\w*|_cext\w*|_rust|lib\w*_(?:cuda|cpu)\w*|\w+_cuda|\w*pybind\w*|_multiarray_umath)$"
)
PROGRAM = re.compile(r"(?:Scripts|bin)[\\/][\w-]+(?:\.exe)?(?:[\\/]__main__\.py)?$")


def submodule(case: Case, name: str, top: str, at: int) -> Reading | None:
    """A part of a library: it moved, it is a package of its own, or the library is of another version than its user expects."""
    stale = _stale_program(case, name, case.distribution(top) or top, at) if "." in name else None
    change = case.knowledge.change(name, "")
    if stale or change:
        return stale or (_moved(case, name, change, at) if change else None)
    if "." not in name:
        return None
    dist, base = case.distribution(name), case.distribution(top)
    if (
        dist
        and dist != base
        and case.knowledge.distribution(name) == dist
        and name not in (top,)
        and dist not in case.facts.versions
    ):
        return install(case, name, dist, at)
    if top in LOCAL or top in case.facts.local:
        return None
    if COMPILED.search(name):
        return _compiled_part(case, name, base or top, at)
    if case.facts.absent(base) and base:
        return install(case, name, base, at)
    return _other_version(case, name, base or top, at)


def _stale_program(case: Case, name: str, dist: str, at: int) -> Reading | None:
    """A start script that another version of the library installed."""
    user = case.user(at, dist)
    if not user or not PROGRAM.search(user.file):
        return None
    cure = Cure(
        f"Reinstall {dist} in its newest version, so that its program and its modules match",
        install=(dist,) if case.is_known(dist) else (),
        upgrade=True,
    )
    return Reading(
        Kind.ENVIRONMENT,
        f"The program {user.file} was installed by another version of {dist} than the one that is imported",
        "stale-entry-point",
        dist,
        cure,
    )


def _too_old(case: Case, name: str, change: Change) -> Reading:
    """The module came with a newer release."""
    dist, version = change.distribution, case.facts.version(change.distribution)
    said = f"{name} needs {dist} {change.version} or newer; the installed one{f' ({version})' if version else ''} is older"
    return Reading(
        Kind.ENVIRONMENT,
        said,
        "too-old-version",
        dist,
        Cure(f"Upgrade {dist} to {change.version} or newer", install=(f"{dist}>={change.version}",), upgrade=True),
        (candidate("interrupted-install", f"the files of {dist} are incomplete", "`mlenv-doctor check libraries`"),),
    )


def _compiled_part(case: Case, name: str, dist: str, at: int) -> Reading:
    """An extension module of a library: it was not built for this Python and platform."""
    cure = Cure(
        f"Reinstall {dist} with a wheel for this Python, system and processor",
        install=(dist,) if case.is_known(dist) else (),
        reinstall=True,
        options=("--no-cache-dir",),
        notes=(
            "vllm, flash-attn and others have no wheels for Windows: use WSL or Linux. In a checkout of the "
            f"source code of {dist}, start in another folder.",
        ),
    )
    return Reading(
        Kind.ENVIRONMENT,
        f"The compiled part {name} of {case.with_version(dist)} is missing: it was not built or installed for "
        "this Python and platform",
        "wrong-binary",
        dist,
        cure,
        (
            candidate("no-wheel-for-platform", f"{dist} has no build for this system", "its files on the index"),
            candidate(
                "source-folder-shadows-install",
                f"Python imports the source folder of {dist} in the working directory",
                f'`python -c "import {name.partition(".")[0]} as m; print(m.__file__)"`',
            ),
            candidate("interrupted-install", f"the files of {dist} are incomplete", "`mlenv-doctor check libraries`"),
        ),
    )


def _moved(case: Case, name: str, change: Change, at: int) -> Reading:
    """The module was removed or moved in a release that is named."""
    if change.how == "added":
        return _too_old(case, name, change)
    user = case.user(at, change.distribution)
    bound = f"{change.distribution}<{change.version}"
    where = f"; it is now {change.instead}" if change.instead else ""
    said = f"{change.distribution} {change.version} {change.how} {change.module}{where}"
    dist = case.knowledge.distribution(change.instead) if change.instead else ""
    if user and user.top:
        who = case.library(user)
        return Reading(
            Kind.ENVIRONMENT,
            f"{said}, and {case.with_version(who)} still imports it",
            "known-bad-pair",
            who,
            either(case, who, change.distribution, bound),
        )
    install = (dist,) if dist and dist != change.distribution else (bound,)
    cure = Cure(
        f"Import {change.instead} in the program, or install {bound}"
        if change.instead
        else f"Install {bound}, or change the program to the new API",
        install=install,
    )
    own = user.own if user else case.written(change.module)
    return Reading(
        Kind.PROGRAM if own else Kind.ENVIRONMENT,
        f"{said}; the program was written for an older version",
        "sdk-api-removed",
        change.distribution,
        cure,
        (candidate("api-moved-in-new-version", f"the module {name} moved in a newer {change.distribution}"),),
        where=user.place if user and own else "",
    )


def _other_version(case: Case, name: str, dist: str, at: int) -> Reading:
    """The library is there, and this part of it is not: by its versions nobody but the user of it can say which way."""
    user = case.user(at, dist)
    if user and user.top:
        return _unfit_pair(case, name, dist, case.library(user))
    own = user if user and user.own else None
    return Reading(
        Kind.PROGRAM if own else Kind.ENVIRONMENT,
        f"The installed {case.with_version(dist)} has no {name}: the program was written for another version of it",
        "api-moved-in-new-version",
        dist,
        Cure(
            f"Upgrade {dist}; or install the older {dist} that the program was written for",
            install=(dist,) if case.is_known(dist) else (),
            upgrade=True,
        ),
        (
            candidate(
                "sdk-api-removed",
                f"a newer {dist} removed or moved {name}: the program was written for an older release",
                "the release notes of " + dist,
                Cure(f"Install an older {dist}, or change the import"),
            ),
            candidate(
                "too-old-version",
                f"the installed {dist} is older than the program expects",
                f"`pip show {dist}`",
                Cure(f"Upgrade {dist}"),
            ),
            candidate("not-installed", f"{name} is a separate package, which is not installed", f"the documentation of {dist}"),
        ),
        where=own.place if own else "",
    )


def _unfit_pair(case: Case, name: str, dist: str, who: str) -> Reading:
    """Another library asks for the part: what it requires decides, else both are upgraded."""
    asked = case.facts.unmet(who, dist)
    cure = (
        Cure(f"Install {asked}, which {who} requires", install=(asked,))
        if asked
        else Cure(
            f"Upgrade {who} and {dist} together",
            install=tuple(d for d in (who, dist) if case.is_known(d)),
            upgrade=True,
            notes=(f"Or install the {dist} that {who} was made for.",),
        )
    )
    return Reading(
        Kind.ENVIRONMENT,
        f"{case.with_version(who)} imports {name}, which the installed {case.with_version(dist)} does not have",
        "dependency-conflict" if asked else "known-bad-pair",
        who,
        cure,
    )
