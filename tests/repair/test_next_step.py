"""The command that a report ends with: it repeats what decides what is examined, and is left out where it would do nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlenv_doctor.examine.order import Order
from mlenv_doctor.model import Command, Prescription, Report, Result, Status, Verdict, fail, fix, ok, plan_key, warn
from mlenv_doctor.patient.settings import Settings
from mlenv_doctor.patient.target import Target
from mlenv_doctor.repair.prescribing import repair_command

PROJECT = Path("/p")
TARGET = Target("/p/.venv/bin/python", "/p/.venv", "project")
ORDER = Order(PROJECT, Settings())
INSTALL = fix("libs.install")


def report(*argv: str, status: Status = Status.FAIL) -> Report:
    """One finding, whose repair is this command."""
    say = {Status.FAIL: fail, Status.WARN: warn}[status]
    found = say("not-installed", "numpy is not installed", fix=INSTALL)
    made = Prescription("libs.install", "Install", "adds packages", "you", (Command(argv, " ".join(argv)),), (), "again")
    results = (Result("libraries.installed", "libraries", "L", (found,)),)
    return Report("1", {}, {}, Verdict.NOT_READY, (), results, {}, {plan_key(INSTALL): made}, 0.1)


PIP = report(TARGET.python, "-m", "pip", "install", "numpy")


def test_what_the_doctor_can_repair_has_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlenv_doctor.repair.place.is_environment", lambda prefix: True)
    assert repair_command(PIP, ORDER, TARGET) == "mlenv-doctor fix --apply"
    asked = replace(ORDER, python="/q/my env", settings=Settings(profile=("llm",), require=("gpu",)))
    assert repair_command(PIP, asked, replace(TARGET, chosen_by="--python")) == (
        "mlenv-doctor fix --apply --target '/q/my env' --profile llm --require gpu"
    )
    assert repair_command(PIP, replace(ORDER, called="%mlenv", session="jupyter"), TARGET) == "%mlenv fix --apply --yes"


def test_what_it_cannot_repair_has_none(tmp_path: Path) -> None:
    assert repair_command(report("sudo", "apt-get", "install", "x"), ORDER, TARGET) == ""
    assert repair_command(PIP, replace(ORDER, saved=Path("x.json")), TARGET) == "", "another machine"
    assert repair_command(PIP, replace(ORDER, called="mlenv_doctor.check"), TARGET) == "", "a function repairs nothing"
    well = replace(PIP, results=(Result("a.b", "a", "A", (ok("fine"),)),))
    assert repair_command(well, ORDER, TARGET) == ""
    base = tmp_path / "conda"
    (base / "conda-meta").mkdir(parents=True)
    (base / "condabin").mkdir()
    assert repair_command(PIP, ORDER, Target(str(base / "bin/python"), str(base), "CONDA_PREFIX")) == "", "conda's base"
