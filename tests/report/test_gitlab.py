"""GitLab's code quality: what its documentation demands of each entry, and nothing else in the list.

See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from mlenv_doctor import Location, fail
from mlenv_doctor.model import Report, Result
from mlenv_doctor.report import renderer
from mlenv_doctor.report.lines import LOUD, one_line, told
from support.hostile import REPORTS, hostile
from support.reports import PLAIN, REPORT

render = renderer("gitlab")
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def read(report: Report) -> list[dict[str, Any]]:
    """What GitLab gets: no byte order mark, and valid for it."""
    text = render(report, PLAIN)
    assert text.isascii() and text.startswith("[")
    issues: list[dict[str, Any]] = json.loads(text)
    jsonschema.validate(issues, SCHEMA)
    return issues


@pytest.mark.parametrize(
    "report",
    [REPORT, replace(REPORT, results=()), replace(REPORT, project="/p"), hostile()],
    ids=["plain", "empty", "project", "hostile"],
)
def test_it_follows_the_schema(report: Report) -> None:
    assert len(read(report)) == len(list(told(report, *LOUD)))


def test_what_is_not_well_is_told_with_its_place() -> None:
    numpy, dotenv, mlflow = read(replace(REPORT, project="/p"))
    assert numpy["description"] == "numpy is not installed. Fix: Title of libs.install: mlenv-doctor fix libraries.installed"
    assert (numpy["check_name"], numpy["severity"], numpy["location"]) == (
        "libraries.installed/not-installed",
        "critical",
        {"path": ".venv/bin/python", "lines": {"begin": 1}},
    )
    assert (dotenv["severity"], dotenv["location"]) == ("minor", {"path": ".env", "lines": {"begin": 3}})
    assert (mlflow["check_name"], mlflow["severity"]) == ("mlflow.server", "info")


def test_what_is_outside_keeps_its_whole_path() -> None:
    (issue,) = read(
        replace(REPORT, project="/q", results=(Result("a.b", "a", "T", (fail("c", "m", location=Location("/p/x")),)),))
    )
    assert issue["location"]["path"] == "/p/x"


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    issues = read(report)
    for issue, (result, finding) in zip(issues, told(report, *LOUD)):
        assert issue["description"].startswith(one_line(finding.message)) and "\n" not in issue["description"]
        assert issue["check_name"] == (f"{result.id}/{finding.cause}" if finding.cause else result.id)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
