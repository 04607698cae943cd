"""One line for each finding: its status, its check, its cause and its sentence. Made for grep, cut and awk."""

from __future__ import annotations

from ..model import Finding, Report, Result
from .lines import one_line
from .look import Look


def render(report: Report, look: Look) -> str:
    """All findings in the order of the report. Nothing else: without a finding there is no line."""
    text = "".join(f"{line(result, finding)}\n" for result in report.results for finding in result.findings)
    return text.encode("ascii", "backslashreplace").decode() if look.ascii else text


def line(result: Result, finding: Finding) -> str:
    """Such as "fail libraries.installed not-installed numpy is not installed (/p/requirements.txt:3)"."""
    words = (finding.status.value, result.id, finding.cause or "-", finding.message)
    place = f"({finding.location.file}:{finding.location.line or 1})" if finding.location else ""
    blocked = f"(see {finding.blocked_by})" if finding.blocked_by else ""
    return one_line(" ".join(filter(None, (*words, place, blocked))))
