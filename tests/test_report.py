"""The report as text and as guidance: what is wrong comes first, and commands come out whole."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mlenv_doctor import fail, fix, ok, skip
from mlenv_doctor.model import Result, Verdict, plan_key
from mlenv_doctor.report import guide, text
from mlenv_doctor.report.look import Look
from support.reports import INSTALL, LONG, PLAIN, REPORT, RESULTS, missing, prescription


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
    assert "Fix: Title of libs.install (changes the system; needs an administrator)" in text.render(admin, PLAIN)
    harmless = replace(REPORT, plan={plan_key(INSTALL): prescription("libs.install", "x", who="admin", risk="nothing")})
    assert "Fix: Title of libs.install (needs an administrator)" in text.render(harmless, PLAIN)


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


def test_two_fixes_of_one_kind_are_both_shown() -> None:
    """They differ in what they name: one does not help for the other."""
    findings = tuple(fail("key-missing", f"{key} is missing", subject=key, fix=fix("llm.set-key", name=key)) for key in "AB")
    fixes = {plan_key(f.fix): prescription("llm.set-key", f"set {f.subject}") for f in findings if f.fix}
    shown = text.render(replace(REPORT, results=(Result("llm.keys", "llm", "L", findings),), plan=fixes), PLAIN)
    assert "    set A\n" in shown and "    set B\n" in shown


def test_verbose_folds_nothing() -> None:
    many = replace(REPORT, results=(Result("libraries.installed", "libraries", "L", tuple(missing(n) for n in "abcd")),))
    shown = text.render(many, replace(PLAIN, verbose=True))
    assert all(f"  {name} is not installed  [not-installed]" in shown for name in "abcd")


def test_a_family_has_one_line_wherever_its_checks_stand() -> None:
    late = Result("python.build", "python", "B", (skip("switched off"),))
    shown = text.render(replace(REPORT, results=(*RESULTS, late)), PLAIN).splitlines()
    assert [line for line in shown if " python " in line] == ["✓ python     CPython 3.12.1"]


@pytest.mark.parametrize("look", [PLAIN, Look(60, True, False)], ids=["plain", "shaped"])
def test_no_text_commands_the_terminal(look: Look) -> None:
    evil = "a\x1b]0;title\x07b\x1b[2Jc\x9bd\u202ee"
    bad = prescription("libs.install", f"run {evil}")
    odd = replace(
        REPORT,
        target={"python": evil, "version": "3.12", "chosen_by": "PATH"},
        results=(Result("a.b", "a", "T", (fail("c", evil, fix=INSTALL, evidence={"e": evil}), skip(evil), ok(evil))),),
        plan={plan_key(INSTALL): bad},
    )
    for shown in (text.render(odd, look), text.render(odd, replace(look, verbose=True)), guide.render(odd, look)):
        assert "abcde" in shown and not {"\x07", "\x9b", "\u202e"} & set(shown)
        assert re.findall(r"\x1b(?!\[[0-9;]*m)", shown) == []
