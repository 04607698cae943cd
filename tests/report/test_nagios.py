"""What monitors get: a state, a line, numbers (https://nagios-plugins.org/doc/guidelines.html)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from mlenv_doctor import Finding, fail, ok, unknown, warn
from mlenv_doctor.model import Report, Result, Verdict, decide
from mlenv_doctor.report import nagios, renderer
from mlenv_doctor.report.lines import LOUD, one_line, told
from mlenv_doctor.report.look import Look
from support.hostile import REPORTS, hostile
from support.reports import PLAIN, REPORT

render = renderer("nagios")
FIRST = re.compile(r"MLENV (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]*) \| (.*)")
NUMBER = re.compile(r"[a-z]+=[0-9.]+s?;[0-9]*;[0-9]*;0")


def of(*findings: Finding, verdict: Verdict | None = None) -> Report:
    results = (Result("a.b", "a", "T", findings),)
    return replace(REPORT, results=results, verdict=verdict or decide(results))


@pytest.mark.parametrize(
    ("report", "code", "first"),
    [
        (of(ok("m")), 0, "MLENV OK - 1 check passed"),
        (of(ok("m"), warn("odd", "m")), 1, "MLENV WARNING - 1 warning; odd"),
        (of(ok("m"), unknown("m")), 0, "MLENV OK - 1 not verified"),
        (of(fail("bad", "m"), warn("odd", "m"), fail("bad", "m")), 2, "MLENV CRITICAL - 1 problem, 1 warning; bad, odd"),
        (of(warn("odd", "m"), verdict=Verdict.NOT_READY), 2, "MLENV CRITICAL - 1 warning; odd"),
        (of(unknown("m")), 3, "MLENV UNKNOWN - 1 not verified"),
        (replace(REPORT, results=(), verdict=Verdict.UNKNOWN), 3, "MLENV UNKNOWN - nothing was checked"),
        (of(*(fail(f"c{n}", "m") for n in range(7))), 2, "MLENV CRITICAL - 7 problems; c0, c1, c2, c3, c4 and 2 more"),
    ],
)
def test_the_state_and_its_line(report: Report, code: int, first: str) -> None:
    assert nagios.exit_code(report) == code and render(report, PLAIN).startswith(f"{first} | failed=")


def test_the_numbers() -> None:
    (first, *rest) = render(REPORT, PLAIN).splitlines()
    assert first.endswith(" | failed=1;;0;0 warnings=1;0;;0 unknown=1;;;0 time=1.250s;;;0")
    assert rest[0] == "fail libraries.installed not-installed numpy is not installed" and len(rest) == 3


def test_ascii_is_ascii() -> None:
    assert render(hostile(), Look(ascii=True)).isascii()


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    (first, *rest) = render(report, PLAIN).splitlines()
    found = FIRST.fullmatch(first)
    assert found and all(NUMBER.fullmatch(number) for number in found[3].split(" ")) and len(first) < 1024
    assert len(rest) == len(list(told(report, *LOUD))) and "|" not in "".join(rest)
    for line, (_, finding) in zip(rest, told(report, *LOUD)):
        assert one_line(finding.message).replace("|", "/") in line
