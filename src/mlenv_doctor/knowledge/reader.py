"""Read an error text: what it means, whose fault it is, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from packaging.utils import canonicalize_name

from .entries import Entry, Words, filled, filled_cure
from .reading import Candidate, Kind, Reading
from .rules import RULES
from .rules.common import Case
from .rules.keywords import known_pair
from .rules.native import build_tool, python_header
from .rules.present import here
from .rules.program import failed_test, mistake
from .rules.unknown import not_understood
from .surroundings import Surroundings
from .text import prepared
from .trace import library_of, traced
from .world import Knowledge

IN_PACKAGES = re.compile(r"[\w.\\/:-]{0,300}-packages[\\/][\w.\\/-]{1,200}")
BY_FACTS = (python_header, build_tool)  # what the machine has decides, where that is known
OTHERS = 4  # further readings that are shown


def read(text: str, facts: Surroundings, knowledge: Knowledge) -> Reading:
    """What a text means: the sharpest entry first, then what general rules make of it, then the vague entries."""
    case = Case(traced(prepared(text)), facts, knowledge)
    readings = list(_readings(case))
    if not readings:
        return not_understood(case)
    first = readings[0]
    more = tuple(_as_candidate(other) for other in readings[1:] if other.cause not in {first.cause, ""})
    known = {candidate.cause for candidate in first.candidates}
    fresh = {found.cause: found for found in reversed(more) if found.cause not in known}
    candidates = (*first.candidates, *reversed(fresh.values())) if not first.candidates else first.candidates
    return replace(first, candidates=candidates[:OTHERS], here=here(case))


def _readings(case: Case) -> Iterator[Reading]:
    """All that is understood, the surest first."""
    text, facts = case.trace.text, case.facts
    test = failed_test(case)
    if test:
        yield test  # what a test compares is no error
    pair = known_pair(case)
    if pair:
        yield pair  # the versions that are installed decide
    yield from (found for rule in BY_FACTS if (found := rule(case)))
    strong = [e for e in case.knowledge.entries if not e.weak]
    weak = [e for e in case.knowledge.entries if e.weak]
    yield from (found for entry in strong if (found := told(entry, text, facts, case)))
    yield from (found for rule in RULES if (found := rule(case)))
    yield from (found for entry in weak if (found := told(entry, text, facts, case)))
    own = mistake(case)
    if own:
        yield own


def told(entry: Entry, text: str, facts: Surroundings, case: Case) -> Reading | None:
    """What an entry makes of a text; None where its words or its circumstances are not given."""
    found = entry.found(text) if entry.fits(facts) else None
    if found is None:
        return None
    words = Words(found, facts, _who(entry, case, found) if "{who}" in entry.says else "")

    def known(name: str) -> bool:
        return case.is_known(canonicalize_name(name))

    own = case.trace.own if entry.kind is Kind.PROGRAM else None
    return Reading(
        entry.kind,
        filled(entry.says, words),
        entry.cause,
        filled(entry.culprit, words),
        filled_cure(entry.cure, words, known),
        tuple(
            replace(other, message=filled(other.message, words), cure=filled_cure(other.cure, words, known))
            for other in entry.others
        ),
        where=own.place if own else "",
        source=entry.source,
    )


def _who(entry: Entry, case: Case, found: re.Match[str]) -> str:
    """The library in whose files it failed, with its version, or the program; empty where the text does not show it."""
    frames = [frame for frame in case.trace.frames if not frame.standard and frame.top not in entry.besides]
    if not frames:
        line = found.string[found.string.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        top, module = library_of(next(iter(IN_PACKAGES.findall(line)), ""))
        return case.with_version(case.distribution(module) or top.replace("_", "-"))
    return case.with_version(case.library(frames[-1])) if frames[-1].top else "The program"


def _as_candidate(reading: Reading) -> Candidate:
    return Candidate(reading.cause, reading.message, cure=reading.cure)
