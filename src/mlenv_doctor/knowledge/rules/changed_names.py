"""A name whose change is known: the release in which a library, or Python itself, removed, moved or added it."""

from __future__ import annotations

from ..reading import Cure, Kind, Reading
from ..world import Change
from .common import Case, candidate, either, upgrade


def changed(case: Case, change: Change, at: int) -> Reading:
    """The release in which the name changed is known."""
    dist, version = change.distribution, case.facts.version(change.distribution)
    if dist == "python":
        return _changed_in_python(case, change, at)
    user = case.user(at, dist)
    who = case.library(user) if user and user.top else ""
    name, bound = f"{change.module}.{change.name}", f"{dist}<{change.version}"
    if change.how == "added":
        return _added(change, version, who)
    if version and case.facts.meets(bound):
        return Reading(
            Kind.ENVIRONMENT, f"The installed {dist} {version} is too old to have {name}", "too-old-version", dist, upgrade(dist)
        )
    if (user and user.own) or (user is None and case.written(change.module)):
        return Reading(
            Kind.PROGRAM,
            f"The program uses {name}, which {dist} {change.version} removed{_instead(change)}",
            "user-code-removed-api",
            dist,
            Cure(
                f"Use {change.instead or 'what replaces it'} in the program, or install {bound}",
                notes=(f"pip install '{bound}'",),
            ),
            where=user.place if user else "",
        )
    return _gone_for_library(case, change, version, who)


def _instead(change: Change) -> str:
    return f" ({change.instead})" if change.instead else ""


def _added(change: Change, version: str, who: str) -> Reading:
    """The name came with a newer release."""
    dist, here = change.distribution, f" ({version})" if version else ""
    return Reading(
        Kind.ENVIRONMENT,
        f"{change.module}.{change.name} needs {dist} {change.version} or newer; the installed one{here} is older",
        "too-old-version",
        dist,
        Cure(f"Upgrade {dist} to {change.version} or newer", install=(f"{dist}>={change.version}",), upgrade=True),
        (candidate("known-bad-pair", f"{who} needs a newer {dist}"),) if who else (),
    )


def _gone_for_library(case: Case, change: Change, version: str, who: str) -> Reading:
    """The name was removed, and a library still uses it: that library has to change, or the provider has to be older."""
    dist, name = change.distribution, f"{change.module}.{change.name}"
    bound = f"{dist}<{change.version}"
    by = case.with_version(who) if who else "a library"
    cure = (
        either(case, who, dist, bound)
        if who
        else Cure(f"Upgrade the library that uses {name}, or install {bound}", install=(bound,))
    )
    older = candidate("too-old-version", f"or {dist} is too old to have {name}", f"`pip show {dist}`")
    return Reading(
        Kind.ENVIRONMENT,
        f"{dist} {change.version} {change.how} {name}{_instead(change)}, and {by} still uses it",
        "numpy-removed-names" if dist == "numpy" else "known-bad-pair",
        who or dist,
        cure,
        () if version else (older,),
    )


def _changed_in_python(case: Case, change: Change, at: int) -> Reading:
    """Python's own library changed: the library that uses the name has to follow, or the Python has to be older."""
    user = case.user(at, "")
    who = case.library(user) if user and user.top else ""
    name = f"{change.module}.{change.name}"
    where = user.place if user and user.own else ""
    if change.how == "added":
        return Reading(
            Kind.ENVIRONMENT,
            f"{name} needs Python {change.version} or newer",
            "python-too-old",
            who,
            Cure(f"Use Python {change.version} or newer"),
        )
    if change.version == "3.0":
        cure = Cure(f"Write {change.instead or 'it for Python 3'}")
        return Reading(Kind.PROGRAM, f"{name} exists only in Python 2", "user-code-python-2", who, cure, where=where)
    said = f"{who or 'The program'} uses {name}, which Python {change.version} removed{_instead(change)}"
    if user is not None and user.own:
        cure = Cure(f"Write {change.instead or 'what replaces it'}, or use a Python older than {change.version}")
        return Reading(Kind.PROGRAM, said, "user-code-removed-api", "", cure, where=where)
    return _library_and_python(case, change, said, who)


def _library_and_python(case: Case, change: Change, said: str, who: str) -> Reading:
    """A library, known or not, uses what this Python no longer has."""
    return Reading(
        Kind.ENVIRONMENT,
        said,
        "python-too-new",
        who,
        Cure(
            f"Upgrade {who or 'the library that uses it'}, or use a Python older than {change.version}",
            install=(who,) if case.is_known(who) else (),
            upgrade=True,
        ),
        (
            candidate("known-bad-pair", f"{who or 'the library'} is too old for this Python"),
            candidate("too-old-version", f"{who or 'the library'} is too old", cure=Cure("Upgrade it")),
        ),
    )
