"""The report as text, guidance and JSON: what is wrong comes first, and commands come out whole."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from mlenv_doctor import Finding, Location, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.errors import BadInput
from mlenv_doctor.model import Command, Prescription, Report, Result, StageState, Verdict, fix_key, plan_key
from mlenv_doctor.report import guide, output, renderer, text
from mlenv_doctor.report.json import schema
from mlenv_doctor.report.look import Look, look_for, wants_color

LONG = "/home/me/my project/.venv/bin/python -m pip install " + " ".join(f"package-{n}" for n in range(40))
INSTALL = fix("libs.install", packages=("numpy",))
CLOUD = fix("gpu.cloud")


def prescription(id: str, command: str = "", **more: str) -> Prescription:
    commands = (Command(tuple(command.split()), command),) if command else ()
    return Prescription(
        id,
        f"Title of {id}",
        more.get("risk", "nothing"),
        more.get("who", "you"),
        commands,
        ("A note.",),
        f"mlenv-doctor check {id}",
    )


def missing(name: str) -> Finding:
    return fail("not-installed", f"{name} is not installed", subject=name, fix=fix("libs.install", packages=(name,)))


RESULTS = (
    Result("python.starts", "python", "Python starts", (ok("CPython 3.12.1", evidence={"path": "/x"}),)),
    Result(
        "libraries.installed", "libraries", "The libraries are installed", (missing("numpy"), ok("pandas 3", subject="pandas"))
    ),
    Result("gpu.driver", "gpu", "The driver is there", (skip("no GPU here", fix=CLOUD),)),
    Result(
        "llm.dotenv",
        "llm",
        "The file can be read",
        (warn("dotenv-unparsable", "line 3 is odd", location=Location("/p/.env", 3)),),
    ),
    Result("mlflow.server", "mlflow", "It answers", (unknown("it could not be told"),)),
    Result("torch.card", "torch", "The card fits", (skip("no torch", blocked_by="libraries.installed:torch"),)),
)
REPORT = Report(
    "1.2.3",
    {"python": "/p/.venv/bin/python", "version": "3.12.1", "chosen_by": "project"},
    {"os": "linux", "distro": "debian", "kind": "container", "shell": "sh"},
    Verdict.NOT_READY,
    (StageState("foundations", False, ("numpy",)), StageState("llm", True, ())),
    RESULTS,
    {fix_key(INSTALL): prescription("libs.install", LONG, risk="adds packages")},
    {plan_key(INSTALL): prescription("libs.install", LONG, risk="adds packages"), plan_key(CLOUD): prescription("gpu.cloud")},
    1.25,
)
PLAIN = Look(0, False, False)


def test_what_failed_comes_first_and_what_passed_is_folded() -> None:
    lines = text.render(REPORT, PLAIN).splitlines()
    assert lines[:3] == [
        "mlenv-doctor 1.2.3",
        "Python 3.12.1 at /p/.venv/bin/python: the virtual environment of this project",
        "Linux (debian), container",
    ]
    order = [
        next(n for n, line in enumerate(lines) if line.startswith(sign))
        for sign in ("✗ The lib", "! The file", "? It answers", "✓ python")
    ]
    assert order == sorted(order)
    assert "  numpy is not installed  [not-installed]" in lines
    assert "  line 3 is odd (/p/.env:3)  [dotenv-unparsable]" in lines
    assert "✓ python     CPython 3.12.1" in lines and "- gpu        no GPU here" in lines
    assert "- torch      no torch (see libraries.installed:torch)" in lines
    assert lines[-1] == "✗ Not ready: 1 failed, 1 to look at, 2 passed, 2 skipped, 1 unknown in 1.2 s"
    assert "Ready for      llm" in lines and "Not yet ready  foundations: needs numpy" in lines


@pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
@pytest.mark.parametrize("color", [True, False])
def test_a_command_is_never_wrapped(width: int, color: bool) -> None:
    shown = text.render(REPORT, Look(width, color, False))
    (line,) = [line for line in shown.splitlines() if "package-39" in line]
    assert line.replace("\x1b[36m", "").replace("\x1b[0m", "").strip() == LONG
    assert color or "\x1b" not in shown


def test_prose_is_wrapped_to_the_terminal() -> None:
    shown = text.render(REPORT, Look(40, False, False)).splitlines()
    assert all(len(line) <= 40 for line in shown if "pip install" not in line)


def test_ascii_is_ascii() -> None:
    odd = replace(REPORT, results=(Result("a.b", "a", "Grüße", (fail("c", "naïve ✓"),)),))
    for look in (Look(0, False, True), Look(60, False, True)):
        assert text.render(odd, look).isascii()


def test_verbose_tells_everything() -> None:
    shown = text.render(REPORT, replace(PLAIN, verbose=True))
    assert "✓ libraries.installed      pandas 3" in shown
    located = replace(REPORT, results=(Result("a.b", "a", "A", (fail("c", "m", evidence={"driver": "535"}),)),))
    assert "    driver: 535" in text.render(located, replace(PLAIN, verbose=True))


def test_many_of_one_cause_are_told_together_with_one_fix() -> None:
    many = replace(REPORT, results=(Result("libraries.installed", "libraries", "L", tuple(missing(n) for n in "abcd")),))
    shown = text.render(many, PLAIN)
    assert "  4 not-installed: a, b, c, d" in shown and shown.count("Fix:") == 1


def test_who_must_act_is_said() -> None:
    admin = replace(REPORT, plan={plan_key(INSTALL): prescription("libs.install", "x", who="admin", risk="changes the system")})
    assert "Fix: Title of libs.install (changes the system; your admin must do it)" in text.render(admin, PLAIN)


def test_hostile_text_stays_text() -> None:
    odd = replace(REPORT, results=(Result("a.b", "a", "[bold]T[/bold]", (fail("c", "[red]m[/red] :smile: \\[x]"),)),))
    for look in (PLAIN, Look(100, True, False)):
        shown = text.render(odd, look)
        assert "[red]m[/red] :smile: \\[x]" in shown and "[bold]T[/bold]" in shown


def test_an_empty_report_is_no_crash() -> None:
    empty = replace(REPORT, results=(), stages=(), verdict=Verdict.UNKNOWN)
    assert "nothing was looked at" in text.render(empty, PLAIN) and "nothing was looked at" in guide.render(empty, PLAIN)


def test_guidance_is_numbered_and_optional_things_are_only_told_when_asked() -> None:
    shown = guide.render(REPORT, PLAIN)
    assert "1. Title of libs.install (adds packages)" in shown and LONG in shown and "gpu.cloud" not in shown
    assert "! line 3 is odd" in shown
    assert "2. Title of gpu.cloud" in guide.render(REPORT, PLAIN, optional=True)


def test_guidance_says_when_all_is_well() -> None:
    well = replace(REPORT, results=RESULTS[:1])
    assert "✓ Nothing to repair: CPython 3.12.1" in guide.render(well, PLAIN)


def test_json_follows_its_schema() -> None:
    document = json.loads(renderer("json")(REPORT, PLAIN))
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    jsonschema.validate(document, json.loads(schema()))
    found = document["results"][1]["findings"][0]
    assert found["fix"]["commands"][0]["text"] == LONG and found["cause"] == "not-installed"
    assert document["results"][3]["findings"][0]["location"] == {"file": "/p/.env", "line": 3}
    assert document["results"][2]["findings"][0]["fix"] is None
    assert document["summary"] == {"pass": 2, "warn": 1, "fail": 1, "skip": 2, "unknown": 1}


@pytest.mark.parametrize(
    ("asked", "terminal", "environ", "wanted"),
    [
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", True, {"FORCE_COLOR": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_who_decides_about_colour(asked: str, terminal: bool, environ: dict[str, str], wanted: bool) -> None:
    assert wants_color(asked, terminal, environ) is wanted


def test_a_pipe_is_not_wrapped() -> None:
    assert look_for(io.StringIO()).width == 0 and look_for(None).ascii


@pytest.mark.parametrize(
    ("encoding", "ascii"), [("utf-8", False), ("ascii", True), ("cp1252", True), ("latin-1", True), ("no-such", True)]
)
def test_signs_fit_the_encoding(encoding: str, ascii: bool) -> None:
    class Stream(io.StringIO):
        pass

    stream = Stream()
    Stream.encoding = encoding  # type: ignore[assignment, misc]
    assert look_for(stream).ascii is ascii


def test_files_are_written_whole(tmp_path: Path) -> None:
    files = output.understood([f"json:{tmp_path}/a.json", f"text:{tmp_path}/b.txt"], "text")
    output.write(REPORT, files)
    assert json.loads((tmp_path / "a.json").read_text())["verdict"] == "not-ready" and "✗" in (tmp_path / "b.txt").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "b.txt"]


@pytest.mark.parametrize("bad", ["json", "json:", "xml:a", ":a", "json:/nowhere/a", "json:/"])
def test_bad_outputs_are_refused_before_the_work(bad: str) -> None:
    with pytest.raises(BadInput):
        output.understood([bad], "text")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(BadInput, match="choose from text, json"):
        output.understood([], "xml")


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        output.write(REPORT, [("text", tmp_path / "nowhere" / "x")])
