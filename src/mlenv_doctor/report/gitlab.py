"""The report for the code quality widget of GitLab's merge requests."""

from __future__ import annotations

import json
from typing import Any

from ..model import Finding, Report, Result, Status
from .identity import identified
from .lines import LOUD, one_line, told
from .look import Look
from .paths import place_of, within

SEVERITIES = {Status.FAIL: "critical", Status.WARN: "minor", Status.UNKNOWN: "info"}


def render(report: Report, look: Look) -> str:
    """A list of what is to be looked at; of what is well GitLab wants to hear nothing."""
    issues = [_issue(report, *found) for found in identified(report, told(report, *LOUD))]
    return json.dumps(issues, indent=1) + "\n"


def _issue(report: Report, result: Result, finding: Finding, fingerprint: str) -> dict[str, Any]:
    """One finding. GitLab demands a place: what no file is to blame for is shown at the Python that was examined."""
    file, line = place_of(report, finding)
    prescription = report.prescription(finding)
    remedy = f". Fix: {prescription.title}: mlenv-doctor fix {result.id}" if prescription else ""
    return {
        "description": one_line(f"{finding.message}{remedy}"),
        "check_name": one_line(f"{result.id}/{finding.cause}" if finding.cause else result.id),
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.status],
        "location": {"path": one_line(within(report, file) or file) or ".", "lines": {"begin": line or 1}},
    }
