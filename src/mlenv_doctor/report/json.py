"""The report as one JSON document; its shape is published in schema.json."""

from __future__ import annotations

import json
import os
from typing import Any

from ..model import Finding, Prescription, Report, Status
from .look import Look

SCHEMA = "1.0"


def render(report: Report, look: Look) -> str:
    """One document, and nothing else. ASCII only: it survives every terminal and locale."""
    return json.dumps(document(report), indent=1) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema_version": SCHEMA,
        "tool": {"name": "mlenv-doctor", "version": report.version},
        "target": dict(report.target),
        "place": dict(report.place),
        "verdict": report.verdict.value,
        "stages": [{"name": s.name, "ready": s.ready, "missing": list(s.missing), "works": s.works} for s in report.stages],
        "results": [
            {"id": r.id, "family": r.family, "title": r.title, "findings": [_finding(report, f) for f in r.findings]}
            for r in report.results
        ],
        "summary": report.summary(),
        "duration_s": report.duration_s,
    }


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    prescription = report.prescription(finding) if finding.status is not Status.SKIP else None
    return {
        "status": finding.status.value,
        "cause": finding.cause or None,
        "message": finding.message,
        "subject": finding.subject or None,
        "evidence": dict(finding.evidence),
        "blocked_by": finding.blocked_by,
        "location": {"file": finding.location.file, "line": finding.location.line or None} if finding.location else None,
        "fix": _fix(prescription) if prescription else None,
    }


def _fix(prescription: Prescription) -> dict[str, Any]:
    return {
        "id": prescription.id,
        "title": prescription.title,
        "risk": prescription.risk,
        "who": prescription.who,
        "commands": [{"argv": list(command.argv), "text": command.text} for command in prescription.commands],
        "notes": list(prescription.notes),
        "verify": prescription.verify,
    }


def schema() -> str:
    """The JSON schema of the document, as text."""
    assert __spec__ is not None and __spec__.loader is not None
    data: bytes = __spec__.loader.get_data(os.path.join(os.path.dirname(__file__), "schema.json"))  # type: ignore[attr-defined]  # of all loaders
    return data.decode("utf-8")
