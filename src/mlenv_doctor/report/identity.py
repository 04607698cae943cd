"""What makes a finding the same one tomorrow: its check, cause and subject, and never what varies from run to run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from ..model import Finding, Report, Result
from .lines import plain
from .paths import within


def identified(report: Report, told: Iterable[tuple[Result, Finding]]) -> Iterator[tuple[Result, Finding, str]]:
    """Each finding with a fingerprint that no other has. Findings that are alike are counted, in their order."""
    seen: Counter[str] = Counter()
    for result, finding in told:
        print = fingerprint(report, result, finding)
        seen[print] += 1
        yield result, finding, f"{print}:{seen[print]}"


def fingerprint(report: Report, result: Result, finding: Finding) -> str:
    """A number for the check, the cause, the subject and the file. Messages, evidence, lines and folders may change."""
    file = _stable(report, finding.location.file) if finding.location else ""
    parts = (result.id, finding.cause, _stable(report, finding.subject), file)
    return hashlib.sha256("\n".join(map(plain, parts)).encode("utf-8")).hexdigest()[:32]


def _stable(report: Report, name: str) -> str:
    """A path of the project from there, of another file the name alone: homes and temporary folders differ. Else the name."""
    if "/" not in name and "\\" not in name:
        return name
    inside = within(report, name)
    return inside if inside is not None else name.replace("\\", "/").rstrip("/").rpartition("/")[2]
