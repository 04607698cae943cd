"""JUnit XML, as its schema and its readers want it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import junitparser
import pytest
import xmlschema
from hypothesis import given, settings

from mlenv_doctor import Finding, fail, ok, unknown, warn
from mlenv_doctor.model import Report, Result
from mlenv_doctor.report import renderer
from mlenv_doctor.report.lines import one_line, plain
from support.hostile import REPORTS, hostile, report_of
from support.reports import LONG, PLAIN, REPORT

render = renderer("junit")
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas/junit-10.xsd"))


@pytest.mark.parametrize("report", [REPORT, replace(REPORT, results=()), hostile()], ids=["plain", "empty", "hostile"])
def test_it_follows_the_schema(report: Report) -> None:
    assert render(report, PLAIN).isascii()
    SCHEMA.validate(render(report, PLAIN))


def test_each_finding_is_a_case() -> None:
    root = ET.fromstring(render(REPORT, PLAIN))
    assert root.attrib == {"name": "mlenv-doctor", "time": "1.250", "tests": "7", "failures": "1", "errors": "0"}
    assert [suite.get("name") for suite in root] == ["python", "libraries", "gpu", "llm", "mlflow", "torch"]
    (numpy, pandas) = root.findall("testsuite[@name='libraries']/testcase")
    assert numpy.attrib == {"name": "The libraries are installed: numpy", "classname": "libraries.installed"}
    (failure,) = numpy
    assert failure.attrib == {"message": "numpy is not installed", "type": "libraries.installed/not-installed"}
    assert failure.text and f"Fix: Title of libs.install (adds packages)\n  {LONG}\n  A note.\nThen: " in failure.text
    assert [child.tag for child in pandas] == ["system-out"] and pandas[0].text == "pass: pandas 3"


def test_a_reader_finds_them() -> None:
    xml = junitparser.JUnitXml.fromstring(render(REPORT, PLAIN).encode())
    cases = [case for suite in xml for case in suite]
    assert (xml.tests, xml.failures, xml.errors) == (7, 1, 0) and sum(suite.skipped for suite in xml) == 3
    assert [case.name for case in cases if any(isinstance(r, junitparser.Failure) for r in case.result)] == [
        "The libraries are installed: numpy"
    ]


def test_a_warning_passes_unless_it_counts() -> None:
    report = replace(REPORT, results=(Result("a.b", "a", "T", (warn("c-d", "odd"), unknown("who knows"))),))
    assert [[child.tag for child in case] for case in ET.fromstring(render(report, PLAIN)).iter("testcase")] == [
        ["system-out"],
        ["skipped"],
    ]
    strict = ET.fromstring(render(replace(report, strict=True), PLAIN))
    assert [[child.tag for child in case] for case in strict.iter("testcase")] == [["failure"], ["error"]]


def test_what_was_asked_for_and_a_broken_check_are_errors() -> None:
    results = (
        Result("a.b", "a", "T", (unknown("who knows", required=True),)),
        Result("a.c", "a", "T", (unknown("a bug"),), broken=True),
    )
    assert ET.fromstring(render(replace(REPORT, results=results), PLAIN)).get("errors") == "2"


def test_names_do_not_depend_on_what_is_found_and_no_two_are_alike() -> None:
    """GitLab keeps one of two with the same name, and takes a case of another name for another case."""

    def of(*findings: Finding) -> list[str | None]:
        text = render(report_of(Result("a.b", "a", "T", findings)), PLAIN)
        return [case.get("name") for case in ET.fromstring(text).iter("testcase")]

    assert of(ok("well"), ok("well")) == of(fail("c", "bad"), warn("d", "odd")) == ["T", "T #2"]


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    text = render(report, PLAIN)
    SCHEMA.validate(text)
    cases = list(ET.fromstring(text).iter("testcase"))
    findings = sorted(
        ((r, f) for r in report.results for f in r.findings),
        key=lambda pair: list(dict.fromkeys(r.family for r in report.results)).index(pair[0].family),
    )
    assert len(cases) == len(findings)
    for case, (result, finding) in zip(cases, findings):
        (child,) = case
        told = (child.text or "").replace("[[ATTACHMENT |", "[[ATTACHMENT|")
        assert case.get("classname") == result.id and plain(finding.message) in told
        assert child.tag == "system-out" or child.get("message") == one_line(finding.message)
        assert child.tag != "system-out" or "[[ATTACHMENT|" not in (child.text or "")
