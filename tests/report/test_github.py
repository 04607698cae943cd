"""Workflow commands, read as the runner of GitHub Actions reads them, and the summary of the job."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from mlenv_doctor import Location, fail, unknown, warn
from mlenv_doctor.model import Report, Result
from mlenv_doctor.report import github, output, renderer
from mlenv_doctor.report.lines import LOUD, one_line, plain, told
from mlenv_doctor.report.look import Look
from support.hostile import REPORTS, hostile
from support.reports import PLAIN, REPORT

render = renderer("github")
Command = tuple[str, dict[str, str], str]


def understood(line: str) -> Command | None:
    """What the runner takes a line of the log for: a command, its properties and its text, or nothing but text."""
    found = re.match(r"\s*::(\w[\w-]*)(?: (.*?))?::(.*)$", line, re.S)
    if not found:
        assert not line.lstrip().startswith("::") and "##[" not in line, line
        return None
    pairs = [pair.split("=", 1) for pair in (found[2] or "").strip().split(",") if pair]
    return found[1], {name: unescaped(value, ":,") for name, value in pairs}, unescaped(found[3])


def unescaped(text: str, more: str = "") -> str:
    """The runner decodes each sign in its turn, the per cent last."""
    for sign in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def read(report: Report) -> tuple[list[Command], list[str]]:
    """The commands and the plain lines of a log."""
    lines = render(report, PLAIN).splitlines()
    return [command for line in lines if (command := understood(line))], [line for line in lines if not understood(line)]


def test_what_is_not_well_is_an_annotation() -> None:
    (numpy, dotenv, mlflow), rest = read(replace(REPORT, project="/p"))
    assert numpy[:2] == ("error", {"title": "libraries.installed: not-installed"})
    assert numpy[2].startswith("numpy is not installed\nCause: not-installed\nFix: Title of libs.install")
    assert dotenv[:2] == ("warning", {"title": "llm.dotenv: dotenv-unparsable", "file": "/p/.env", "line": "3"})
    assert mlflow == ("notice", {"title": "mlflow.server"}, "it could not be told")
    assert rest == ["mlenv-doctor: Not ready: 1 problem, 1 warning, 1 not verified (1 check passed)"]


@pytest.mark.parametrize(
    ("os", "project", "file"), [("linux", "/p", "/p/a,b::c%.txt"), ("windows", "C:\\p", "C:\\p\\a,b::c%.txt")]
)
def test_a_relative_file_is_named_from_the_root(os: str, project: str, file: str) -> None:
    """The runner finds it in the repository, wherever in it the project is."""
    report = replace(
        REPORT,
        project=project,
        place={"os": os},
        results=(Result("a.b", "a", "T", (fail("c", "m", location=Location("a,b::c%.txt")),)),),
    )
    ((_, properties, _),), _ = read(report)
    assert properties["file"] == file and properties["line"] == "1"


def test_no_more_than_ten_of_a_kind_and_the_rest_in_the_log() -> None:
    def of(amount: int) -> Report:
        results = (Result(f"a.b{n}", "a", "T", (fail("c", f"message {n}"),)) for n in range(amount))
        return replace(REPORT, results=tuple(results))

    assert len(read(of(10))[0]) == 10
    commands, rest = read(of(12))
    assert len(commands) == 10 and commands[-1][2] == "3 more findings in the log of this step: a.b9, a.b10, a.b11"
    assert rest[:3] == ["fail a.b9 c message 9", "fail a.b10 c message 10", "fail a.b11 c message 11"]


def test_what_is_cut_stands_whole_in_the_log() -> None:
    long = "word " * 2000
    ((kind, _, text),), rest = read(replace(REPORT, results=(Result("a.b", "a", "T", (warn("c", long),)),)))
    assert kind == "warning" and len(text) == 4096 and text.endswith("…") and long in rest[0]


def test_a_command_is_written_as_githubs_own_toolkit_does() -> None:
    written = github.command("error", "50%\r\na::b, c", title="a::b, c=%", line="3")
    assert written == "::error title=a%3A%3Ab%2C c=%25,line=3::50%25%0D%0Aa::b, c"


@pytest.mark.parametrize("text", ["::error::x", "  ::error::x", "##[error]x", "a ##[group]b"])
def test_a_line_of_the_log_is_no_command(text: str) -> None:
    assert understood(github.inert(text)) is None


def test_ascii_is_ascii() -> None:
    assert render(hostile(), Look(ascii=True)).isascii()


@given(REPORTS)
@settings(derandomize=True)
def test_nothing_is_injected_and_nothing_lost(report: Report) -> None:
    log = render(report, PLAIN)
    commands, rest = read(report)
    kinds = Counter(kind for kind, _, _ in commands)
    assert set(kinds) <= {"error", "warning", "notice"} and max(kinds.values(), default=0) <= 10
    assert all(set(properties) <= {"title", "file", "line"} and len(text) <= 4096 for _, properties, text in commands)
    said = [*(text for _, _, text in commands), *rest]
    for _, finding in told(report, *LOUD):
        wanted = plain(finding.message)
        assert any(wanted in text or one_line(wanted).replace("##[", "## [") in text for text in said)
    assert log.endswith("\n")


def test_a_hostile_log_keeps_to_the_limits() -> None:
    commands, rest = read(hostile())
    assert Counter(kind for kind, _, _ in commands) == {"error": 10, "warning": 10, "notice": 10} and len(rest) >= 91


def test_the_summary_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    file.write_text("what another tool said\n")
    github.summarize(REPORT, {"GITHUB_STEP_SUMMARY": str(file)})
    assert re.match(r"what another tool said\n### mlenv-doctor 1\.2\.3\n", file.read_text("utf-8"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    output.summarize(REPORT, {"text", "github"})
    output.summarize(REPORT, {"text", "json"})
    assert file.read_text("utf-8").count("### mlenv-doctor") == 2


def test_the_summary_is_never_too_large(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    huge = replace(REPORT, results=tuple(Result(f"a.b{n}", "a", "T", (unknown("é" * 10_000),)) for n in range(80)))
    for before in (0, 900_000, (1 << 20) - 100):
        file.write_bytes(b"x" * before)
        github.summarize(huge, {"GITHUB_STEP_SUMMARY": str(file)})
        assert file.stat().st_size <= 1 << 20 and (file.stat().st_size > before) == (before < 1_000_000)


@pytest.mark.parametrize("path", ["", "/nowhere/summary.md", "/dev/null", "/", "a\0b"])
def test_without_a_summary_nothing_happens(path: str) -> None:
    github.summarize(REPORT, {"GITHUB_STEP_SUMMARY": path} if path else {})
