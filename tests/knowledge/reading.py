"""Help for tests of the reader: read a text against what is said to be installed."""

from __future__ import annotations

from typing import Any

from mlenv_checks.error_texts import knowledge
from mlenv_doctor.knowledge.reader import read
from mlenv_doctor.knowledge.reading import Reading
from mlenv_doctor.knowledge.surroundings import Surroundings


def of(text: str, versions: dict[str, str] | None = None, **known: Any) -> Reading:
    """What the reader makes of a text."""
    return read(text, Surroundings(versions=versions or {}, **known), knowledge())


def cures(reading: Reading) -> str:
    """All that is said about what to do, as one text."""
    cure = reading.cure
    parts = (cure.says, *cure.install, *cure.remove, *cure.run, *cure.notes) if cure else ()
    return " ".join((*parts, *(other.cure.says for other in reading.candidates if other.cure)))
