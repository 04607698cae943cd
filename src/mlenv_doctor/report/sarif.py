"""The report as SARIF 2.1.0, for code scanning and editors: a rule for each check, a result for each finding that is not well."""

from __future__ import annotations

import json
import re
from typing import Any

from ..model import Finding, Report, Result, Status
from .identity import identified
from .lines import LOUD, plain, told
from .look import Look
from .paths import absolute, place_of, uri, within
from .story import remedy

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Status.FAIL: "error", Status.WARN: "warning", Status.UNKNOWN: "note"}
ROOT = "%SRCROOT%"
PLACEHOLDER = re.compile(r"\{\d+\}")


def render(report: Report, look: Look) -> str:
    """One log with one run. ASCII only."""
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=1) + "\n"


def _run(report: Report) -> dict[str, Any]:
    first = {result.id: result for result in reversed(report.results)}
    rules = {result.id: first[result.id] for result in report.results}
    order = {id: number for number, id in enumerate(rules)}
    root = {"originalUriBaseIds": {ROOT: {"uri": absolute(report, report.project).rstrip("/") + "/"}}} if report.project else {}
    return {
        "tool": {
            "driver": {
                "name": "mlenv-doctor",
                "version": report.version,
                "rules": [_rule(result) for result in rules.values()],
            }
        },
        "automationDetails": {"id": "mlenv-doctor/"},
        **root,
        "invocations": [{"executionSuccessful": not any(result.broken for result in report.results)}],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(report, order[result.id], result, finding, fingerprint)
            for result, finding, fingerprint in identified(report, told(report, *LOUD))
        ],
        "properties": {"verdict": report.verdict.value, "summary": report.summary()},
    }


def _rule(result: Result) -> dict[str, Any]:
    """A check, explained in the words of its docstring."""
    title, why = _text(f"{result.title}."), _text(result.why or f"{result.title}.")
    return {
        "id": plain(result.id),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": f"{why}\n\nLook again with: mlenv-doctor check"},
        "properties": {"tags": [plain(result.family)]},
    }


def _result(report: Report, number: int, result: Result, finding: Finding, fingerprint: str) -> dict[str, Any]:
    """A finding. Its fingerprint is given twice: GitHub knows but one name for it."""
    return {
        "ruleId": plain(result.id),
        "ruleIndex": number,
        "level": LEVELS[finding.status],
        "message": {"text": _text("\n".join([finding.message, *remedy(report, finding)]))},
        "locations": [{"physicalLocation": _place(report, *place_of(report, finding))}],
        "partialFingerprints": {"mlenvDoctor/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": {
            "cause": plain(finding.cause),
            "subject": plain(finding.subject),
            "evidence": {plain(name): plain(value) for name, value in finding.evidence.items()},
        },
    }


def _place(report: Report, file: str, line: int) -> dict[str, Any]:
    """A file and a line. Each result has one: GitHub demands them, and refuses the whole log for one result without a file."""
    base = {"uriBaseId": ROOT} if report.project and within(report, file) is not None else {}
    return {"artifactLocation": {"uri": uri(report, file), **base}, "region": {"startLine": line or 1}}


def _text(text: str) -> str:
    """A message in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6).

    Other braces stay as they are, though there they should be doubled: viewers show what stands there, and commands are pasted.
    """
    return PLACEHOLDER.sub(r"{\g<0>}", plain(text).replace("](", "] ("))
