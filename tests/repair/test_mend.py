"""The same in this process, where it can be stopped at any point: a step that fails, that harms, that changes too much."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest

from lab.repairing import proofs
from lab.ward import Ward
from mlenv_doctor.cli import repairs
from mlenv_doctor.cli.app import cli
from mlenv_doctor.errors import BadInput
from mlenv_doctor.examine.order import Order
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.foreign.clean import Cleaner
from mlenv_doctor.model import Command, Fix, Prescription, Report, Status, Verdict, fail, ok, plan_key
from mlenv_doctor.patient.settings import Settings
from mlenv_doctor.repair import treat
from mlenv_doctor.repair.changes import Preview
from mlenv_doctor.repair.mend import Choice, Plan, mend
from mlenv_doctor.repair.prescribing import cheat_sheet, is_proven
from mlenv_doctor.repair.states import State, Store, kept
from mlenv_doctor.repair.steps import steps
from mlenv_doctor.repair.verify import lost
from mlenv_doctor.report.look import Look

from . import clinic
from .test_apply import whole
from .test_plan import SCOPE, report, result

Run = Callable[..., int]


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    made = clinic.project(tmp_path)
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture
def doctor() -> Run:
    def run(*arguments: str) -> int:
        try:
            cli.main(list(arguments), standalone_mode=False)
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def test_two_rounds_are_one_state(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What the first step reveals comes in a second plan; files of both come back together."""
    clinic.base_gone(ward)
    clinic.uninstalled_by_hand(ward)
    ward.write("random.py", "mine = True\n")
    before = whole(ward)
    assert doctor("fix", "--apply", "--yes") == 0
    said = capsys.readouterr().out
    assert said.count("Plan for") == 2 and said.count("done and verified") == 3 and "to go back: mlenv-doctor undo 1" in said
    assert len(kept(Store(ward.project / ".venv"))) == 1
    assert doctor("undo", "--list") == 0 and "before: " in capsys.readouterr().out
    assert doctor("undo", "1", "--yes") == 0 and "To go forward again: mlenv-doctor undo" in capsys.readouterr().out
    assert whole(ward) == before
    with pytest.raises(BadInput, match="there is no state 9"):
        doctor("undo", "9", "--yes")


def test_a_step_that_breaks_another_import_is_undone(
    ward: Ward, doctor: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.uninstalled_by_hand(ward)
    before = whole(ward)
    monkeypatch.setattr(treat, "lost", lambda *_: ["alpha"])
    assert doctor("fix", "--apply", "--yes") == 1
    assert "undone; alpha could be imported before, and not afterwards" in capsys.readouterr().out
    assert whole(ward) == before


def test_a_package_that_the_plan_did_not_show_is_not_changed(
    ward: Ward, doctor: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.uninstalled_by_hand(ward)
    before = whole(ward)
    run = treat.run

    def more(*arguments: object) -> None:
        run(*arguments)  # type: ignore[arg-type]
        clinic.too_old(ward)

    monkeypatch.setattr(treat, "run", more)
    assert doctor("fix", "--apply", "--yes") == 1
    assert "undone; it changed beta, which the plan did not show" in capsys.readouterr().out
    assert whole(ward) == before


@pytest.mark.parametrize("answer", [True, False])
def test_whoever_can_answer_is_asked(
    ward: Ward, doctor: Run, answer: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.uninstalled_by_hand(ward)
    before = whole(ward)
    asked: list[str] = []
    monkeypatch.setattr(repairs, "refuse_silence", lambda **_: None)
    monkeypatch.setattr(click, "confirm", lambda question, **_: asked.append(question) or answer)
    assert doctor("fix", "--apply") == (0 if answer else 1)
    assert asked == ["Apply this step?"] and (whole(ward) == before) is not answer
    assert ("nothing was changed" in capsys.readouterr().err) is not answer


def test_what_another_step_cured_is_not_done(tmp_path: Path) -> None:
    bad = fail("c", "m", fix=Fix("x"))
    (step,) = steps(report(result("a.b", bad)), SCOPE, (Status.FAIL,))
    said: list[str] = []
    cured = report(result("a.b", ok("fine")))
    treatment = treat.Treatment(Store(tmp_path / ".venv"), tmp_path, "", lambda: cured, cured, said.append, Cleaner())
    treatment.carry_out([treat.Planned(step, Preview())])
    assert [outcome.how for outcome in treatment.outcomes] == ["needless"] and not said and not list(tmp_path.iterdir())


def test_the_images_packages_stand_in_for_the_environments(ward: Ward) -> None:
    python = str(ward.project / ".venv/bin/python")
    assert lost(python, ["alpha"], ward.project / ".venv") == []


def test_a_state_says_what_it_is(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.uninstalled_by_hand(ward)
    assert doctor("fix", "--dry-run") == 1 and "gamma 2.0 (new)" in capsys.readouterr().out
    assert doctor("fix", "--dry-run", "--format", "json") == 1
    assert doctor("fix", "--apply", "--yes") == 0
    (state,) = kept(Store(ward.project / ".venv"))
    assert isinstance(state, State) and "missing" in state.title and state.kind == "repair"


def test_what_did_not_cure_is_followed_by_the_next_way(ward: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    """The first way writes a file that helps nothing, and is undone; the second one cures, and is shown before."""
    python, first, second = (str(ward.project / name) for name in (".venv/bin/python", "first", "second"))
    write = "import os, sys; open(sys.argv[1] + '.new', 'w').close(); os.replace(sys.argv[1] + '.new', sys.argv[1])"

    def look() -> Report:
        well = Path(second).exists()
        found = result("a.b", ok("fine") if well else fail("c", "m", fix=Fix("one")))
        ways = [(name, Command((python, "-c", write, file), file)) for name, file in (("one", first), ("two", second))]
        plan = {
            plan_key(Fix(name)): Prescription(
                name, name, "edits a file", "you", (c,), (), "", otherwise=plan_key(Fix("two")) if name == "one" else ""
            )
            for name, c in ways
        }
        return replace(report(found), plan=plan, verdict=Verdict.READY if well else Verdict.NOT_READY)

    order = Order(ward.project, Settings())
    plans: list[Plan] = []
    done = mend(order, Choice(), look, lambda plan: plans.append(plan) or True, lambda title: None)  # type: ignore[func-returns-value]
    assert [[p.step.prescription.id for p in plan.steps] for plan in plans] == [["one"], ["two"]]
    assert [(o.step.prescription.id, o.how) for o in done.outcomes] == [("one", "undone"), ("two", "kept")]
    assert Path(second).exists() and not Path(first).exists() and done.report.verdict is Verdict.READY
    assert repairs.dry_run(order, (), look, Look(), form="text") == 0


def test_a_fix_is_marked_as_proven_for_its_causes_only(ward: Ward, doctor: Run, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.uninstalled_by_hand(ward)
    assert doctor("fix", "--dry-run", "--format", "json") == 1
    (step,) = json.loads(capsys.readouterr().out)["steps"]
    cause = step["findings"][0]["cause"]
    assert (step["mark"] == "proven") is ((step["fix"], cause) in {(fix, c) for fix, c, _ in proofs()})
    sheet, _ = cheat_sheet(find_plugins())
    (pair,) = list({(fix, c) for fix, c, _ in proofs()})[:1]
    assert is_proven(Fix(pair[0]), [pair[1]], sheet) and not is_proven(Fix(pair[0]), [pair[1], "other"], sheet)


def test_what_proves_a_fix_is_there() -> None:
    """The table of proven fixes names tests, fixes and causes that exist."""
    root = Path(__file__).parents[2]
    sheet, _ = cheat_sheet(find_plugins())
    known = {cause for plugin in find_plugins() for cause in plugin.causes}
    assert len(proofs()) > 10
    for fix, cause, test in proofs():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (root / file).read_text("utf-8"), test
        assert sheet.entry(fix).id == fix and cause in known
