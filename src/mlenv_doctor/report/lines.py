"""Text as documents need it: harmless, in characters that every format may hold, and on one line where it must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..foreign.clean import harmless
from ..model import Finding, Report, Result, Status

UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")  # halves of characters, and what is none: XML knows no way to say them
LOUD = (Status.FAIL, Status.WARN, Status.UNKNOWN)


def plain(text: str) -> str:
    """The text without what terminals obey and without what hides; what cannot be written is spelled out, as in Python."""
    return UNWRITABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", harmless(text))


def one_line(text: str) -> str:
    """The same without line breaks."""
    return plain(text).replace("\n", " ")


def evidence_of(finding: Finding) -> list[tuple[str, str]]:
    """The evidence of a finding, a line each: what an error printed must not look like something that we say."""
    return [(one_line(name), one_line(value)) for name, value in finding.evidence.items()]


def told(report: Report, *statuses: Status) -> Iterator[tuple[Result, Finding]]:
    """All findings of these statuses (of all, if none is named), in the order of the statuses and then of the report."""
    for status in statuses or tuple(Status):
        for result in report.results:
            for finding in result.findings:
                if finding.status is status:
                    yield result, finding


def count(number: int, what: str) -> str:
    """Such as "1 finding" or "2 findings"."""
    return f"{number} {what}" + ("" if number == 1 else "s")
