"""Repairs of environments: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.patient import other_python
from lab.real import at_the_index
from lab.repairing import printed_fix, repair
from lab.ward import Ward

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


def base_gone(ward: Ward) -> None:
    """The Python that it was made from was removed."""
    for link in (ward.prefix / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    config = ward.prefix / "pyvenv.cfg"
    config.write_text(config.read_text().replace("home = ", "prompt = mine\nhome = /nowhere"))
    (ward.bin / f"python{sys.version_info[0]}.{sys.version_info[1]}").symlink_to(Path(sys.executable).resolve())


def moved(ward: Ward) -> None:
    """The whole project was renamed."""
    (ward.project / "old/.venv").rename(ward.project / ".venv")
    ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}


def moved_and_base_gone(ward: Ward) -> None:
    moved(ward)
    base_gone(ward)


def contents(site: Path) -> dict[str, bytes]:
    """Every file of the libraries, those that a build on this machine left included."""
    return {
        str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }


@pytest.mark.parametrize(
    ("harm", "cause"), [(moved, "venv-moved"), (base_gone, "venv-base-gone"), (moved_and_base_gone, "venv-base-gone")]
)
def test_an_environment_is_repaired_in_place_and_offline(ward: Ward, harm: Callable[[Ward], None], cause: str) -> None:
    """Whatever no index has stays: a private library, an editable one, one by hand, one that is listed twice."""
    ward.venv("old/.venv" if "moved" in harm.__name__ else ".venv", libraries=("numpy", "private"))
    ward.library("joblib", "1.1.0")
    (ward.site / "joblib-1.6.0.dist-info").mkdir()
    (ward.site / "joblib-1.6.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: joblib\nVersion: 1.6.0\n")
    (ward.site / "mine.pth").write_text("/p/src\n")
    (ward.site / "by_hand.py").write_text("here = True\n")
    for name in ("tool", "pip3"):
        ward.script(ward.prefix / "bin" / name, f"#!{ward.prefix}/bin/python\nimport by_hand, sys; print(sys.prefix)\n")
    ward.script(ward.prefix / "bin/foreign", "#!/usr/bin/python3\n")
    kernel = ward.prefix / "share/jupyter/kernels/mine/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(f'{{"argv": ["{ward.prefix}/bin/python", "-m", "ipykernel_launcher"]}}')
    harm(ward)
    before = contents(ward.site)
    repair(ward, cause, "venv.intact")
    assert contents(ward.site) == before
    for name in ("tool", "pip3"):
        assert ward.run(ward.prefix / "bin" / name).stdout.strip() == str(ward.prefix)
    assert (ward.prefix / "bin/foreign").read_text() == "#!/usr/bin/python3\n"
    assert f'"{ward.prefix}/bin/python"' in (ward.prefix / "share/jupyter/kernels/mine/kernel.json").read_text()
    assert "prompt" in (ward.prefix / "pyvenv.cfg").read_text() or harm is moved
    assert not list(ward.prefix.rglob("*.new"))


def test_a_python_that_is_not_there_changes_nothing(ward: Ward) -> None:
    ward.venv(libraries=("numpy",))
    base_gone(ward)
    (ward.bin / f"python{sys.version_info[0]}.{sys.version_info[1]}").unlink()
    before = {
        path: os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in ward.prefix.rglob("*")
        if not path.is_dir()
    }
    for text in printed_fix(ward, "venv-base-gone", "venv.intact"):
        assert subprocess.run(["sh", "-c", text], env=ward.environ, capture_output=True).returncode
    assert before == {path: os.readlink(path) if path.is_symlink() else path.read_bytes() for path in before}


def moved_on(ward: Ward) -> None:
    """Its `python3` leads to the next minor version now, as after an upgrade of the system."""
    for name in ("python", "python3"):
        (ward.prefix / "bin" / name).unlink()
    (ward.prefix / "bin/python3").symlink_to(other_python("3.13").resolve())
    (ward.prefix / "bin/python").symlink_to("python3")


def first_that_fails(ward: Ward, commands: list[str]) -> str:
    """Run commands as a user would, up to the first that fails: that one with its output; empty where all is well."""
    for command in commands:
        done = subprocess.run(["sh", "-c", command], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
        if done.returncode:
            return command + done.stdout + done.stderr
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("index", ["there", "gone"])
def test_another_minor_version_is_built_beside_and_swapped(ward: Ward, index: str) -> None:
    ward.venv(libraries=(), python=other_python("3.12"))
    ward.library("six", "1.16.0")
    ward.library("six", "1.17.0")
    (ward.site / "editable-1.0.dist-info").mkdir()
    (ward.site / "editable-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: editable\nVersion: 1.0\n")
    (ward.site / "editable-1.0.dist-info/direct_url.json").write_text(
        json.dumps({"url": (ward.project / "editable").as_uri(), "dir_info": {"editable": True}})
    )
    ward.write("editable/pyproject.toml", "[project]\nname = 'editable'\nversion = '1.0'\n")
    ward.write("editable/editable.py", "")
    moved_on(ward)
    if index == "there":
        at_the_index(ward)
    else:
        ward.environ |= {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_RETRIES": "0"}
    old = contents(ward.prefix)
    failed = first_that_fails(ward, printed_fix(ward, "venv-minor-upgraded", "venv.intact"))
    saved = (ward.project / ".venv.saved.txt").read_text()
    assert saved == f"-e {(ward.project / 'editable').as_uri()}\nsix==1.17.0\n"
    kept = ward.prefix if index == "gone" else next(ward.project.glob(".venv.old-*"))
    assert contents(kept) == old, "the old environment is whole, wherever the way ended"
    if index == "gone":
        assert " install " in failed
    else:
        after = ward.check(*VENV)
        assert not failed and after.causes("fail") == set(), f"\n{after}"
        assert ward.run(ward.prefix / "bin/pip", "--version").stdout.count(str(ward.prefix)) == 1


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
