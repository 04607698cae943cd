"""All there is to say about one finding, as plain text of several lines."""

from __future__ import annotations

from ..model import Finding, Report
from .lines import LOUD, evidence_of, plain
from .text import heading


def story(report: Report, finding: Finding) -> str:
    """The message, its place, its cause, its evidence, and what is to be done."""
    lines = [finding.message]
    if finding.location:
        lines.append(f"In: {finding.location.file}:{finding.location.line or 1}")
    if finding.cause:
        lines.append(f"Cause: {finding.cause}")
    if finding.blocked_by:
        lines.append(f"See: {finding.blocked_by}")
    lines += [f"{name}: {value}" for name, value in evidence_of(finding)]
    return plain("\n".join([*lines, *remedy(report, finding)]))


def remedy(report: Report, finding: Finding) -> list[str]:
    """The fix, line by line; nothing where nothing has to be done."""
    prescription = report.prescription(finding) if finding.status in LOUD else None
    if not prescription:
        return []
    commands = [f"  {command.text}" for command in prescription.commands]
    notes = [f"  {note}" for note in prescription.notes]
    return [f"Fix: {heading(prescription)}", *commands, *notes, f"Then: {prescription.verify}"]
