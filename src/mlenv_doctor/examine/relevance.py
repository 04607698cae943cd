"""Only what is used is judged: what a family finds wrong is no fault of a project that uses nothing of its subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..model import Finding, Result, Status, skip
from ..patient import Wanted
from ..records import dataclass


@dataclass(frozen=True)
class Subject:
    """What a family is about: the libraries by whose use it matters (NAME* for all that begin so), and what to say without."""

    libraries: tuple[str, ...]
    unused: str


def relevant(
    results: Iterable[Result], subjects: Mapping[str, Subject], wanted: Wanted, asked: Iterable[str]
) -> tuple[Result, ...]:
    """The results, without the complaints of families that this project has no use for. asked: families and checks by name."""
    named = {name.partition(".")[0] for name in asked}
    idle = {
        family: subject
        for family, subject in subjects.items()
        if family not in named and not wanted.uses(*subject.libraries) and not wanted.reaches(*subject.libraries)
    }
    return tuple(_without_complaints(result, idle[result.family]) if result.family in idle else result for result in results)


def _without_complaints(result: Result, subject: Subject) -> Result:
    return replace(result, findings=tuple(_quiet(finding, subject) for finding in result.findings))


def _quiet(finding: Finding, subject: Subject) -> Finding:
    if finding.status in (Status.PASS, Status.SKIP):
        return finding
    return skip(f"{subject.unused}; found: {finding.message}", subject=finding.subject)
