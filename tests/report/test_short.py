"""One line for each finding."""

from __future__ import annotations

import re

from hypothesis import given, settings

from mlenv_doctor.model import Report
from mlenv_doctor.report import renderer
from mlenv_doctor.report.lines import plain
from mlenv_doctor.report.look import Look
from support.hostile import REPORTS, hostile
from support.reports import PLAIN, REPORT

render = renderer("short")


def test_each_finding_is_a_line_of_status_check_cause_and_sentence() -> None:
    assert render(REPORT, PLAIN).splitlines() == [
        "pass python.starts - CPython 3.12.1",
        "fail libraries.installed not-installed numpy is not installed",
        "pass libraries.installed - pandas 3",
        "skip gpu.driver - no GPU here",
        "warn llm.dotenv dotenv-unparsable line 3 is odd (/p/.env:3)",
        "unknown mlflow.server - it could not be told",
        "skip torch.card - no torch (see libraries.installed:torch)",
    ]


def test_ascii_is_ascii() -> None:
    assert render(hostile(), Look(ascii=True)).isascii()


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_makes_a_line_of_its_own_and_nothing_is_lost(report: Report) -> None:
    findings = [(result, finding) for result in report.results for finding in result.findings]
    lines = render(report, PLAIN).splitlines()
    assert len(lines) == len(findings)
    for line, (result, finding) in zip(lines, findings):
        assert re.match(rf"{finding.status.value} {re.escape(result.id)} {finding.cause or '-'} ", line)
        assert plain(finding.message).replace("\n", " ") in line and not re.search("[\x00-\x08\x1b\u202e]", line)
