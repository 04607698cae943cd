"""Repairs of environments: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .repairing import repair
from .ward import Ward

VENV = ("python", "venv")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path / "with a blank")
    (made.bin / "python3").symlink_to(Path(sys.executable).resolve())  # what makes environments: a Python with pip
    return made


def test_an_environment_that_is_not_active_is_activated(ward: Ward) -> None:
    ward.venv(activate=False)
    after = repair(ward, "venv-not-active", *VENV)
    assert after.report["target"]["chosen_by"] == "VIRTUAL_ENV"


def test_a_variable_that_leads_nowhere_is_unset(ward: Ward) -> None:
    ward.venv("elsewhere")
    shutil.rmtree(ward.prefix)
    ward.environ["PATH"] = str(ward.bin)
    repair(ward, "virtual-env-mismatch", *VENV)
    assert "VIRTUAL_ENV" not in ward.environ


@pytest.mark.parametrize("fault", ["moved", "base gone"])
def test_a_dead_environment_is_made_again_with_what_was_in_it(ward: Ward, fault: str) -> None:
    where = "old/.venv" if fault == "moved" else ".venv"
    ward.venv(where, libraries=())
    ward.library("six", "1.17.0")
    if fault == "moved":
        (ward.project / "old/.venv").rename(ward.project / ".venv")
        ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}
    else:
        for link in (ward.prefix / "bin").glob("python*"):
            link.unlink()
            link.symlink_to("/nowhere/python3")
    cause = {"moved": "venv-moved", "base gone": "venv-base-gone"}[fault]
    before = ward.check(*VENV)
    (found,) = [f for f in before.findings("fail") if f["cause"] == cause]
    commands = [command["text"] for command in found["fix"]["commands"]]
    (install,) = [text for text in commands if " install " in text]
    offline = [text for text in commands if text != install]  # the last one fetches from the package index
    for text in offline:
        subprocess.run(["sh", "-c", text], cwd=ward.project, env=ward.environ, check=True, capture_output=True)
    saved = Path(install.split()[-1].strip("'")) if "'" not in install.split()[-1] else ward.project / "saved-requirements.txt"
    assert "six==1.17.0" in saved.read_text()
    after = ward.check(*VENV)
    assert after.causes("fail") == set() and "the environment is whole" in str(after), f"\n{after}"
