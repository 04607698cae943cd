"""The formats as people ask for them: on the screen, in files, in a job of GitHub, for a monitor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from lab.ward import Ward
from support.pasted import collect_env


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv(libraries=("numpy",))
    return made


@pytest.mark.parametrize("form", ["short", "json", "junit", "sarif", "github", "gitlab", "markdown"])
def test_every_format_on_the_screen_and_in_a_file(ward: Ward, form: str) -> None:
    visit = ward.doctor("check", "--quick", "--format", form, "--output", f"{form}:report", "--output", "text:b.txt")
    assert visit.code == 1 and visit.stderr == "" and "pandas is not installed" in visit.stdout
    assert (ward.project / "report").read_text("utf-8").count("not-installed") == visit.stdout.count("not-installed")
    assert "pandas is not installed" in (ward.project / "b.txt").read_text("utf-8") or "libraries are not installed:" in (
        ward.project / "b.txt"
    ).read_text("utf-8")


def test_a_job_of_github_gets_its_summary(ward: Ward) -> None:
    ward.environ["GITHUB_STEP_SUMMARY"] = str(ward.project / "summary.md")
    assert ward.doctor("check", "--quick").code == 1 and not (ward.project / "summary.md").exists()
    assert ward.doctor("check", "--quick", "--output", "github:commands.txt").code == 1
    assert (ward.project / "summary.md").read_text("utf-8").startswith("### mlenv-doctor ")


def test_a_monitor_is_answered_in_its_own_codes(ward: Ward) -> None:
    assert ward.doctor("check", "--quick", "--nagios").code == 2
    well = ward.doctor("check", "--quick", "--nagios", "python")
    assert well.code == 0 and well.stdout.startswith("MLENV OK - ")
    ward.environ.pop("OPENAI_API_KEY")
    assert ward.doctor("check", "--quick", "--nagios", "llm.key").stdout.startswith("MLENV WARNING - 1 warning; key-missing | ")


@pytest.mark.parametrize("words", [["--nope"], ["--python", "/nowhere|x"], ["--skip", "gpuu"], ["--format", "json"]])
def test_what_a_monitor_asks_wrongly_is_unknown(ward: Ward, words: list[str]) -> None:
    """2 would be CRITICAL, and a monitor shows only the first stream."""
    visit = ward.doctor("check", "--nagios", *words)
    assert visit.code == 3 and re.fullmatch(r"MLENV UNKNOWN - [^|\n]+\n", visit.stdout) and visit.stderr == ""


def test_what_is_said_of_this_machine_follows_the_published_schemas(ward: Ward) -> None:
    for what, document in (
        ("snapshot", ward.doctor("snapshot").stdout),
        ("report", ward.doctor("check", "--format", "json").stdout),
    ):
        jsonschema.validate(json.loads(document), json.loads(ward.doctor("schema", what).stdout))


def test_a_pasted_report_follows_the_published_schema(ward: Ward) -> None:
    ward.write("report.txt", collect_env())
    document = json.loads(ward.doctor("check", "--from", "report.txt", "--format", "json").stdout)
    assert document["target"]["chosen_by"] == "the report"
    jsonschema.validate(document, json.loads(ward.doctor("schema").stdout))
    assert "as a pasted report says" in ward.doctor("check", "--from", "report.txt", "--format", "markdown").stdout


def test_a_file_that_is_to_blame_is_named_from_the_project(ward: Ward) -> None:
    ward.write("requirements.txt", "numpy>=1\n\n==broken==\n")
    report = json.loads(ward.doctor("check", "--quick", "libraries", "--format", "sarif").stdout)
    places = [result["locations"][0]["physicalLocation"] for result in report["runs"][0]["results"]]
    assert {"artifactLocation": {"uri": "requirements.txt", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 3}} in places
