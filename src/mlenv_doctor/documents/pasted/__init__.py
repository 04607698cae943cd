"""Read what people paste into issues: reports of torch.utils.collect_env and its relatives, and the words of errors."""

from __future__ import annotations

from ...foreign.clean import Cleaner
from .facts import LONGEST_ERROR, Facts, facts_of
from .labels import PastedReport, sort
from .lines import decoded, unpasted
from .values import said_of, unsaid, version_in

__all__ = ["PastedReport", "decoded", "read_report", "said_of", "unsaid", "version_in", "words"]

LONGEST = 2_000_000  # characters that are looked at


def read_report(text: str) -> Facts | None:
    """The facts of a pasted report; None where the text holds none. What it does not say is missing, never assumed."""
    report = sort(_clean(text[:LONGEST]).split("\n"))
    return facts_of(report) if report.is_report else None


def words(text: str) -> str:
    """The words of an error as they were printed."""
    return "\n".join(line.strip() for line in _clean(text[:LONGEST_ERROR]).split("\n") if line.strip())


def _clean(text: str) -> str:
    """The lines as they were printed, without what looks like a secret."""
    return Cleaner()("\n".join(unpasted(text)), limit=LONGEST)
