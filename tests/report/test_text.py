"""The report as text and as guidance: what is wrong comes first, and commands come out whole."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest

from mlenv_doctor import Finding, fail, fix, ok, skip, warn
from mlenv_doctor.model import Report, Result, Verdict, plan_key
from mlenv_doctor.report import guide, markdown, text
from mlenv_doctor.report.look import Look
from mlenv_doctor.stage import StageState
from support.reports import INSTALL, LONG, PLAIN, REPORT, RESULTS, missing, prescription


def test_what_failed_comes_first_and_what_passed_is_folded() -> None:
    lines = text.render(REPORT, PLAIN).splitlines()
    assert lines[:3] == [
        "mlenv-doctor 1.2.3",
        "Python 3.12.1 at /p/.venv/bin/python (this project's virtual environment)",
        "Linux (debian), container",
    ]
    order = [
        next(n for n, line in enumerate(lines) if line.startswith(sign))
        for sign in ("Problems", "✗ numpy", "Warnings", "! Line 3", "Not verified", "? It could", "✓ Python")
    ]
    assert order == sorted(order)
    assert "✗ numpy is not installed  libraries.installed" in lines
    assert "! Line 3 is odd (/p/.env:3)  llm.dotenv" in lines
    assert "✓ Python     3.12.1" in lines and "no GPU here" not in text.render(REPORT, PLAIN)
    assert lines[-2:] == [
        "✗ Not ready: 1 problem, 1 warning, 1 not verified (1 check passed) in 1.2 s",
        "Next: run the commands above, from top to bottom, then check again",
    ]
    assert "Ready for      llm" in lines and "Not ready for  foundations: needs numpy" in lines


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
    assert "    cause: c\n    driver: 535" in text.render(located, replace(PLAIN, verbose=True))
    assert "- gpu.driver               no GPU here" in shown and "no torch (see libraries.installed:torch)" in shown


def test_many_of_one_cause_are_told_together_with_one_fix() -> None:
    many = replace(REPORT, results=(Result("libraries.installed", "libraries", "L", tuple(missing(n) for n in "abcd")),))
    shown = text.render(many, PLAIN)
    assert "✗ 4 libraries are not installed: a, b, c, d  libraries.installed" in shown and shown.count("Fix:") == 1


def test_who_must_act_is_said() -> None:
    admin = replace(REPORT, plan={plan_key(INSTALL): prescription("libs.install", "x", who="admin", risk="changes the system")})
    assert "Fix: Title of libs.install (changes the system; needs admin rights)" in text.render(admin, PLAIN)
    harmless = replace(REPORT, plan={plan_key(INSTALL): prescription("libs.install", "x", who="admin", risk="nothing")})
    assert "Fix: Title of libs.install (needs admin rights)" in text.render(harmless, PLAIN)


def test_hostile_text_stays_text() -> None:
    odd = replace(REPORT, results=(Result("a.b", "a", "[bold]T[/bold]", (fail("c", "[red]m[/red] :smile: \\[x]"),)),))
    for look in (PLAIN, Look(100, True, False)):
        shown = text.render(odd, look)
        assert "[red]m[/red] :smile: \\[x]" in shown


def test_an_empty_report_is_no_crash() -> None:
    empty = replace(REPORT, results=(), stages=(), verdict=Verdict.UNKNOWN)
    assert "nothing was checked" in text.render(empty, PLAIN) and "nothing was checked" in guide.render(empty, PLAIN)


def test_guidance_is_numbered_and_optional_things_are_only_told_when_asked() -> None:
    shown = guide.render(REPORT, PLAIN)
    assert "1. Title of libs.install (adds packages)" in shown and LONG in shown and "gpu.cloud" not in shown
    assert "! line 3 is odd  no automatic fix" in shown
    assert "2. Title of gpu.cloud" in guide.render(REPORT, PLAIN, optional=True)


def test_guidance_says_when_all_is_well() -> None:
    well = replace(REPORT, results=RESULTS[:1])
    assert "✓ Nothing to repair (1 check passed)" in guide.render(well, PLAIN)


def test_two_fixes_of_one_kind_are_both_shown() -> None:
    """They differ in what they name: one does not help for the other."""
    findings = tuple(fail("key-missing", f"{key} is missing", subject=key, fix=fix("llm.set-key", name=key)) for key in "AB")
    fixes = {plan_key(f.fix): prescription("llm.set-key", f"set {f.subject}") for f in findings if f.fix}
    shown = text.render(replace(REPORT, results=(Result("llm.keys", "llm", "L", findings),), plan=fixes), PLAIN)
    assert "    set A\n" in shown and "    set B\n" in shown


@pytest.mark.parametrize("form", [text, markdown])
def test_a_stage_whose_libraries_did_real_work_says_so(form: ModuleType) -> None:
    stages = (StageState("foundations", True, (), works=True), StageState("llm", True, ()))
    assert "foundations (works), llm" in form.render(replace(REPORT, stages=stages), PLAIN)


def test_verbose_folds_nothing() -> None:
    many = replace(REPORT, results=(Result("libraries.installed", "libraries", "L", tuple(missing(n) for n in "abcd")),))
    shown = text.render(many, replace(PLAIN, verbose=True))
    assert all(f"{name} is not installed" in shown for name in "abcd") and shown.count("    cause: not-installed") == 4


def test_a_family_has_one_line_wherever_its_checks_stand() -> None:
    late = Result("python.build", "python", "B", (skip("switched off"),))
    shown = text.render(replace(REPORT, results=(*RESULTS, late)), PLAIN).splitlines()
    assert [line for line in shown if "Python " in line][1:] == ["✓ Python     3.12.1"]


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


def of(*findings: Finding) -> Report:
    """A report with these findings of one check, and a repair for what is not installed."""
    return replace(REPORT, results=(Result("libraries.installed", "libraries", "L", findings),), stages=())


def test_two_or_three_of_a_kind_are_named_in_a_sentence() -> None:
    assert "✗ a and b are not installed  libraries.installed" in text.render(of(missing("a"), missing("b")), PLAIN)
    assert "✗ a, b and c are not installed  " in text.render(of(*map(missing, "abc")), PLAIN)


def test_what_one_repair_cures_is_one_problem() -> None:
    other = fail("module-missing", "import b fails: b is missing", subject="b", fix=INSTALL)
    shown = text.render(of(missing("a"), other, fail("odd", "c is odd")), PLAIN)
    assert "✗ a is not installed  libraries.installed\n  import b fails: b is missing\n  Fix:" in shown
    assert "✗ Not ready: 2 problems in" in shown


def test_a_long_list_of_sentences_is_cut_unless_all_is_asked_for() -> None:
    many = of(*(fail("odd", f"line {n} is odd in another way: {n}") for n in range(9)))
    assert "\n  and 5 more (-v shows all)\n" in text.render(many, PLAIN)
    assert "line 8 is odd" in text.render(many, replace(PLAIN, verbose=True))


def test_the_last_line_says_what_is_next() -> None:
    def last(report: Report) -> str:
        return text.render(report, PLAIN).splitlines()[-1]

    assert last(replace(of(missing("a")), repairs="mlenv-doctor fix --apply")) == "Next: mlenv-doctor fix --apply"
    asks = fail("denied", "d is denied", fix=fix("ask"))
    asking = replace(of(asks), plan={plan_key(fix("ask")): prescription("ask", who="admin")})
    assert last(asking) == "Next: Title of ask (needs admin rights), then check again"
    assert last(of(fail("odd", "c is odd"))) == "Next: correct what is described above, then check again"
    warned = replace(of(warn("odd", "c is odd")), verdict=Verdict.READY)
    assert last(warned) == "✓ Ready: 1 warning in 1.2 s"
    assert last(replace(warned, verdict=Verdict.NOT_READY, strict=True)).startswith("Next: ")


def test_where_all_is_skipped_the_screen_says_why() -> None:
    assert "- no GPU here (see gpu.driver)\n" in text.render(of(skip("no GPU here", blocked_by="gpu.driver")), PLAIN)


def test_what_is_fine_is_told_in_brief() -> None:
    gpu = Result("gpu.x", "gpu", "G", (ok("a", brief="RTX 3060"), ok("b", brief="driver 550.54")))
    fine = replace(REPORT, results=(gpu, Result("network.x", "network", "N", (ok("c"),))))
    assert "✓ GPU        RTX 3060 · driver 550.54\n✓ No problems: Network\n" in text.render(fine, PLAIN)
    assert "+ GPU        RTX 3060, driver 550.54\n" in text.render(fine, replace(PLAIN, ascii=True))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_name_of_the_check_ends_at_the_right(width: int) -> None:
    lines = text.render(of(*map(missing, [f"library-{n}" for n in range(20)])), Look(width, False, False)).splitlines()
    (headline,) = [line for line in lines if line.endswith("libraries.installed")]
    assert len(headline) == min(width, 100) and headline.startswith("✗ 20 libraries are not installed: ")


def test_on_a_narrow_terminal_it_stands_below() -> None:
    lines = text.render(of(missing("a")), Look(40, False, False)).splitlines()
    assert lines[lines.index("✗ a is not installed") + 1] == "  libraries.installed"
