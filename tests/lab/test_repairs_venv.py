"""Repairs of environments: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .patient import other_python
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


def moved_on(ward: Ward) -> None:
    """Its `python3` leads to the next minor version now, as after an upgrade of the system."""
    for name in ("python", "python3"):
        (ward.prefix / "bin" / name).unlink()
    (ward.prefix / "bin/python3").symlink_to(other_python("3.13").resolve())
    (ward.prefix / "bin/python").symlink_to("python3")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["moved", "base gone", "moved on"])
def test_a_dead_environment_is_made_again_with_what_was_in_it(ward: Ward, fault: str) -> None:
    where = "old/.venv" if fault == "moved" else ".venv"
    ward.venv(where, libraries=(), python=other_python("3.12") if fault == "moved on" else sys.executable)
    ward.library("six", "1.17.0")
    if fault == "moved":
        (ward.project / "old/.venv").rename(ward.project / ".venv")
        ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}
    elif fault == "moved on":
        moved_on(ward)
    else:
        for link in (ward.prefix / "bin").glob("python*"):
            link.unlink()
            link.symlink_to("/nowhere/python3")
    cause = {"moved": "venv-moved", "base gone": "venv-base-gone", "moved on": "venv-minor-upgraded"}[fault]
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


@pytest.mark.slow
def test_an_environment_without_pip_gets_one(ward: Ward) -> None:
    ward.venv(pip=False)
    ward.script(ward.bin / "pip", f"#!{other_python('3.12')}\nprint('pip')\n")
    repair(ward, "no-pip-in-venv", *VENV)
    assert (ward.prefix / "bin/pip").exists()


@pytest.mark.slow
def test_the_users_folder_is_kept_out(ward: Ward) -> None:
    """A Python of one's own, not in an environment, whose numpy is hidden by one that `pip install --user` left."""
    python = whole_python(ward)
    mine = ward.home / ".local/lib/python3.12/site-packages"
    for site, version in ((python.parent.parent / "lib/python3.12/site-packages", "2.4.6"), (mine, "1.26.4")):
        (site / "numpy").mkdir(parents=True)
        (site / "numpy/__init__.py").write_text(f"__version__ = '{version}'\n")
        info = site / f"numpy-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: numpy\nVersion: {version}\n")
    ward.write("requirements.txt", "numpy\n")
    ward.environ["PATH"] = f"{python.parent}:{ward.bin}"
    repair(ward, "user-site-leak", "venv.user-site")
    assert ward.environ["PYTHONNOUSERSITE"] == "1"


def whole_python(ward: Ward) -> Path:
    """A copy of a whole Python, without the libraries that are in it."""
    home, copy = other_python("3.12").resolve().parent.parent, ward.root / "opt"
    shutil.copytree(home, copy, symlinks=True, ignore=shutil.ignore_patterns("test", "site-packages", "*.a", "idlelib"))
    return copy / "bin/python3.12" if not (copy / "bin/python").exists() else copy / "bin/python"
