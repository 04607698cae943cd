"""An argument that a function does not take, and calls that fail between two libraries."""

from __future__ import annotations

import re

from ..reading import Cure, Kind, Reading
from .common import Case, candidate
from .program import of_a_hook, wrong_type

UNEXPECTED = re.compile(
    r"(?:(?P<call>[\w.]{1,80})\(\) got )?(?:an unexpected keyword arguments?:?"
    r"|[Uu]nexpected keyword arguments?(?:\(s\))?:?|some positional-only arguments passed as keyword arguments:?"
    r"""|multiple values for (?:keyword )?argument) ['"]?(?P<name>\w+)"""
)
BETWEEN = re.compile(
    r"(?P<said>(?:'[\w.]{1,200}' object|type object '[\w.]{1,200}') has no attribute '\w{1,200}'"
    r"|\b[A-Z]\w{1,200} has no attribute \w{1,200}|__init__\(\) (?:missing|takes) [^\n]{1,200}"
    r"|\b\w{1,200}\(\) (?:missing \d+ required|takes (?:exactly |from )?\d+)[^\n]{0,200})"
)
FITS = re.compile(
    r"has no attribute|cannot import name|unexpected keyword|takes \d|missing \d+ required|metaclass conflict"
    r"|not subscriptable|annotation|is not callable|must be"
)
IMPORT = re.compile(r"^(?:[-> \d]{0,8}|>>> )(?:import|from) ([A-Za-z_]\w*)", re.M)
SKEWED = {"AttributeError", "TypeError", "ImportError"}


def unexpected_argument(case: Case) -> Reading | None:
    """`f() got an unexpected keyword argument 'x'`."""
    found = list(UNEXPECTED.finditer(case.trace.text))
    if not found:
        return None
    call, name, at = found[-1]["call"] or "the function", found[-1]["name"], found[-1].start()
    user = next((f for f in reversed(case.trace.before(at)) if not f.standard), None)
    if user and user.top:
        return _by_library(case, call, name, case.library(user))
    return _by_program(case, call, name, user.place if user else "")


def _by_library(case: Case, call: str, name: str, who: str) -> Reading:
    frames = [case.library(frame) for frame in case.trace.frames if frame.top]
    before = next((library for library in reversed(frames) if library != who), "")
    both = tuple(d for d in (before, who) if d and case.is_known(d))
    pair = f"{before} and {who}" if before else who
    return Reading(
        Kind.ENVIRONMENT,
        f"{case.with_version(who)} passes the argument {name} to {call}, which does not take it: two libraries "
        "are of incompatible versions",
        "known-bad-pair",
        who,
        Cure(
            f"Upgrade {pair}",
            install=both,
            upgrade=True,
            notes=("Where that does not help, install the older version of the one that was upgraded last.",),
        ),
        (candidate("argument-renamed", f"the program passes {name} on, and the library renamed it"),),
    )


def _by_program(case: Case, call: str, name: str, place: str) -> Reading:
    function = call.removesuffix(".__init__")
    return Reading(
        Kind.PROGRAM,
        f"{function} does not take the argument {name} in the installed version: it was renamed, moved or "
        "removed, or comes with a newer one",
        "argument-renamed",
        function,
        Cure(
            f"Look up {function} in the documentation of the installed version and change the call, or install "
            "the version that the program was written for"
        ),
        (
            candidate(
                "too-old-version",
                f"the library is older than the release that added {name}",
                "its version",
                Cure("Upgrade the library"),
            ),
            candidate("sdk-api-removed", f"a newer release removed {name}", "its release notes", Cure("Pin the older version")),
            candidate("known-bad-pair", f"a library passes {name} to another one that no longer takes it", "the whole traceback"),
        ),
        where=place,
    )


def between_libraries(case: Case) -> Reading | None:
    """The call that failed passes from one library into another: their versions may not fit."""
    last = case.trace.last
    frames = [frame for frame in case.trace.frames if not frame.standard]
    tops = [(f, case.library(f)) for f in frames if f.top]
    if not tops or not frames[-1].top:
        return None
    inner = tops[-1][1]
    outer = next((library for _, library in reversed(tops) if library != inner), "")
    if not outer:
        return None
    for user, provider in ((outer, inner), (inner, outer)):
        asked = case.facts.unmet(user, provider)
        if asked:
            return Reading(
                Kind.ENVIRONMENT,
                f"{case.with_version(user)} requires {asked}, and {case.with_version(provider)} is installed",
                "dependency-conflict",
                user,
                Cure(f"Install {asked}", install=(asked,)),
            )
    if (last and last.name not in SKEWED) or wrong_type(case):
        return None
    if last is None or not BETWEEN.search(last.message):
        return _truncated(case, outer, inner) if last is None else None
    both = tuple(d for d in (outer, inner) if case.is_known(d))
    return Reading(
        Kind.UNKNOWN if of_a_hook(case) else Kind.ENVIRONMENT,
        f"{case.with_version(outer)} and {case.with_version(inner)} are not compatible: one calls something that the other "
        f"does not have ({last.message.splitlines()[0][:120]})",
        "known-bad-pair",
        outer,
        Cure(
            f"Upgrade {outer} and {inner} together",
            install=both,
            upgrade=True,
            notes=(f"Or install the older {inner} that {outer} was made for.",),
        ),
        (candidate("library-bug", f"a bug of {outer}", "whether its newest release does the same"),),
    )


def import_failed(case: Case) -> Reading | None:
    """A library raises an error of versions while it is imported: it does not fit one of those that it imports."""
    last = case.trace.last
    if last is None or last.name not in SKEWED:
        return None
    frames = [frame for frame in case.trace.frames if frame.top and frame.function == "<module>"]
    if not FITS.search(last.message):
        return None
    line = IMPORT.findall(case.trace.text[: last.at])
    name = case.library(frames[-1]) if frames else case.distribution(line[-1]) if line else ""
    if not name or (frames and case.trace.own and case.trace.own.at > frames[-1].at):
        return None
    return Reading(
        Kind.ENVIRONMENT,
        f"{case.with_version(name)} fails on import: a library that it uses has another version than "
        f"it needs ({last.message.splitlines()[0][:120]})",
        "known-bad-pair",
        name,
        Cure(
            f"Upgrade {name} and what it requires; or install the older library that it supports",
            install=(name,) if case.is_known(name) else (),
            upgrade=True,
            notes=("`pip check` lists the conflicts.",),
        ),
        (candidate("dependency-conflict", "the installed versions are not those that it requires", "`pip check`"),),
    )


def _truncated(case: Case, outer: str, inner: str) -> Reading:
    """Only frames, and no exception: a guess, said as one."""
    both = tuple(d for d in (outer, inner) if case.is_known(d))
    return Reading(
        Kind.UNKNOWN,
        f"{outer} calls {inner} and fails there; the end of the error message is missing",
        "",
        outer,
        Cure(f"Upgrade {outer} and {inner} together", install=both, upgrade=True),
        (
            candidate(
                "known-bad-pair",
                f"{case.with_version(outer)} is not compatible with {case.with_version(inner)}: the newer one removed what "
                "the older one uses",
                "the last line of the error",
                Cure(f"Upgrade {outer}, or install an older {inner}"),
                "likely",
            ),
        ),
        more="The last lines of the error, with the exception and its message.",
    )


def known_pair(case: Case) -> Reading | None:
    """Two libraries of the error whose installed versions are known not to work together."""
    named = {case.library(frame) for frame in case.trace.frames if frame.top}
    for pair in case.knowledge.pairs:
        bad = case.facts.meets(f"{pair.owner}{pair.owner_versions}"), case.facts.meets(f"{pair.other}{pair.other_versions}")
        if all(bad) and (pair.owner in named or pair.other in named or pair.owner in case.trace.text.replace("_", "-").lower()):
            notes = (f"Or keep {pair.owner}: pip install '{pair.instead}'",) if pair.instead else ()
            said = f"{case.with_version(pair.owner)} does not work with {case.with_version(pair.other)}: {pair.reason}"
            return Reading(
                Kind.ENVIRONMENT,
                said,
                pair.cause or "known-bad-pair",
                pair.owner,
                Cure(
                    f"Install {pair.remedy}" + (f", or {pair.instead}" if pair.instead else ""),
                    install=(pair.remedy,),
                    notes=notes,
                ),
                source=pair.source,
            )
    return None
