"""What is new, what is gone and what stayed between the findings of two reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..foreign.clean import Cleaner
from ..model import Finding, Result, Status
from ..records import dataclass

LOUD = (Status.WARN, Status.FAIL)
SILENT = (Status.SKIP, Status.UNKNOWN)
CLEAN = Cleaner()
KNOWN_AS = "baseline"  # the evidence of a finding that was already known: as what


@dataclass(frozen=True)
class Identity:
    """What makes a finding the same one on another day: words and evidence may change, this does not."""

    check: str
    cause: str
    subject: str

    def __str__(self) -> str:
        return f"{self.cause} ({self.check}{': ' if self.subject else ''}{self.subject})"


@dataclass(frozen=True)
class Comparison:
    """Findings by what became of them; a finding that turned from a warning into a failure is new.

    unseen: those of the older report whose check could not look again: nobody can tell.
    """

    new: Mapping[Identity, Finding]
    gone: Mapping[Identity, Finding]
    same: Mapping[Identity, Finding]
    unseen: Mapping[Identity, Finding]


def compare(before: Iterable[Result], after: Iterable[Result]) -> Comparison:
    """Compare the findings of two reports."""
    before, after = tuple(before), tuple(after)
    old, now = dict(loud(before)), dict(loud(after))
    new = {key: finding for key, finding in now.items() if key not in old or _worse(old[key], finding)}
    left = {key: finding for key, finding in old.items() if key not in now}
    gone = {key: finding for key, finding in left.items() if _looked_again(key, after)}
    return Comparison(
        new,
        gone,
        {key: finding for key, finding in now.items() if key not in new},
        {key: finding for key, finding in left.items() if key not in gone},
    )


def loud(results: Iterable[Result]) -> Iterator[tuple[Identity, Finding]]:
    """The failures and warnings, also those that were hidden because an earlier baseline knew them; the mild ones first."""
    found = [(identity(result, finding), finding) for result in results for finding in result.findings if level(finding)]
    yield from sorted(found, key=lambda pair: level(pair[1]))  # of two with one identity the worse one counts


def identity(result: Result, finding: Finding) -> Identity:
    """The identity of a finding. Saved reports are read without control characters, so there are none here either."""
    return Identity(*(str(CLEAN.data(text)) for text in (result.id, finding.cause, finding.subject)))


def level(finding: Finding) -> int:
    """0 for what is no trouble, 1 for a warning, 2 for a failure; of what a baseline knew, what it would be without."""
    known = finding.evidence.get(KNOWN_AS, "") if finding.status is Status.SKIP and finding.cause else ""
    return {"warn": 1, "fail": 2}.get(known or finding.status.value, 0)


def _worse(old: Finding, new: Finding) -> bool:
    return level(new) > level(old)


def _looked_again(key: Identity, results: Iterable[Result]) -> bool:
    """Whether the check of a finding ran, and was not kept from looking at its subject."""
    again = [result for result in results if result.id == key.check]
    return bool(again) and not any(
        finding.status in SILENT and not level(finding) and finding.subject in ("", key.subject)
        for result in again
        for finding in result.findings
    )
