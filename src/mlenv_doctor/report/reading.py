"""The answer to an error text, as people read it and as programs do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from ..knowledge.commands import commands
from ..knowledge.reading import Cure, Kind, Reading
from ..knowledge.surroundings import Surroundings
from .lines import one_line, plain
from .look import Look

SIGNS = {Kind.ENVIRONMENT: "fail", Kind.PROGRAM: "warn", Kind.UNKNOWN: "unknown"}
WHOSE = {
    Kind.PROGRAM: "The program itself has to change; nothing is wrong with the environment.",
}
WIDTH = 100


def as_text(reading: Reading, look: Look, facts: Surroundings) -> str:
    """The answer on a screen."""
    return plain("\n".join(_lines(reading, look, facts)) + "\n")


def _lines(reading: Reading, look: Look, facts: Surroundings) -> Iterator[str]:
    width = look.width or WIDTH
    sign = look.glyphs[SIGNS[reading.kind]]
    tag = f"   {reading.cause}" if reading.cause else ""
    yield f"{sign} {one_line(reading.message)}{tag}"
    for line in (
        reading.here and f"But: {reading.here}",
        WHOSE.get(reading.kind, ""),
        reading.where and f"Where to look: {reading.where}",
        *reading.understood,
    ):
        yield from _indented(line, width)
    if reading.cure:
        yield from _cure(reading.cure, width, facts)
    if reading.candidates:
        yield "  It can also mean:" if reading.explained else "  It can mean:"
        for candidate in reading.candidates:
            tail = f" What decides: {candidate.decides}." if candidate.decides else ""
            cure = f" {candidate.cure.says}." if candidate.cure else ""
            yield from _indented(f"- {candidate.message} ({candidate.cause}).{cure}{tail}", width)
    for line in (reading.more, *reading.evidence, reading.source and f"Source: {reading.source}"):
        yield from _indented(line, width)


def _cure(cure: Cure, width: int, facts: Surroundings) -> Iterator[str]:
    who = " (needs admin rights)" if cure.admin else ""
    yield from _indented(f"Fix{who}: {cure.says}", width)
    for command in commands(cure, facts):
        yield f"    {one_line(command)}"
    for note in cure.notes:
        yield from _indented(note, width, "    ")


def _indented(line: str, width: int, by: str = "  ") -> Iterator[str]:
    for part in wrap(one_line(line), max(30, width - len(by)), break_long_words=False, break_on_hyphens=False):
        yield by + part


def as_json(reading: Reading, facts: Surroundings) -> str:
    """The answer as a document; docs/contract.md describes it."""
    return json.dumps(document(reading, facts), indent=1) + "\n"


def document(reading: Reading, facts: Surroundings) -> dict[str, object]:
    """The same as plain data."""
    return {
        "kind": reading.kind.value,
        "cause": reading.cause or None,
        "culprit": reading.culprit or None,
        "message": reading.message,
        "where": reading.where or None,
        "candidates": [
            {
                "cause": candidate.cause,
                "message": candidate.message,
                "likelihood": candidate.likelihood,
                "decides": candidate.decides or None,
                "fix": _fix(candidate.cure, facts),
            }
            for candidate in reading.candidates
        ],
        "fix": _fix(reading.cure, facts),
        "here": reading.here or None,
        "evidence": list(reading.evidence),
        "understood": list(reading.understood),
        "more": reading.more or None,
        "source": reading.source or None,
    }


def _fix(cure: Cure | None, facts: Surroundings) -> dict[str, object] | None:
    if cure is None:
        return None
    who = "admin" if cure.admin else "you"
    return {"title": cure.says, "commands": list(commands(cure, facts)), "notes": list(cure.notes), "who": who}
