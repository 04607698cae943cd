"""The probe of virtual environments, run for real on environments as venv, uv and hand-made files leave them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.patient import other_python
from mlenv_doctor.patient import Environment, Venv
from support.probing import probe

BASE = Path(sys.executable).resolve()
UV = shutil.which("uv") or (str(found) if (found := Path(sys.executable).with_name("uv")).exists() else "")
MINOR = ".".join(map(str, sys.version_info[:2]))
NAMES = ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "SUDO_USER")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def read(project: Path, env: dict[str, str] | None = None, **question: Any) -> Venv:
    given = {"target": "", "prefix": "", **question}
    found = probe(Venv, cwd=project, env={"PATH": "/nowhere", **(env or {})}, **given)
    assert isinstance(found, Venv), found
    return found


def make(folder: Path, *options: str, python: Path = BASE) -> Path:
    subprocess.run([python, "-m", "venv", *(options or ("--without-pip",)), folder], check=True)
    return folder


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def found_at(path: Path) -> Environment:
    found = read(path.parent, prefix=str(path)).target
    assert found
    return found


def only(found: Venv) -> Environment:
    assert len(found.project) == 1
    return found.project[0]


def test_nothing_anywhere(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.target, found.project, found.commands, found.virtual_env, found.lock) == (None, (), (), None, "")
    assert (found.sudo, found.started_within, found.target_prefix, found.project_writable) == (False, False, "", True)


@pytest.mark.parametrize("name", [".venv", "venv", "env", "ml_env"])
@pytest.mark.parametrize("folder", ["plain", "with a blank", "é 項目", "it's"])
def test_an_environment_of_the_project(folder: str, name: str, tmp_path: Path) -> None:
    project = tmp_path / folder
    path = make(project / name)
    script(path / "bin/pip", f"#!/bin/sh\n'''exec' \"{path}/bin/python\" \"$0\" \"$@\"\n' '''\n")
    found = only(read(project, target=str(path / "bin/python"), prefix=str(path)))
    assert (found.path, found.real, found.python) == (str(path), str(path), str(path / "bin/python"))
    assert (found.alive, found.there, found.foreign, found.home_exists, found.maker) == (True, True, False, True, "venv")
    assert (found.activates, found.pip_prefix) == (str(path), str(path))
    assert found.site == str(next(path.glob("lib/python*/site-packages")))
    assert found.version.startswith(MINOR + ".")


@pytest.mark.parametrize("minor", ["3.6", "3.9", "3.12", "3.13"])
def test_the_scripts_of_every_python_are_understood(minor: str, tmp_path: Path) -> None:
    found = only(read(make(tmp_path / ".venv", python=other_python(minor)).parent))
    assert (found.activates, found.version.rpartition(".")[0]) == (str(tmp_path / ".venv"), minor)


@pytest.mark.slow
def test_pip_as_it_installs_itself(tmp_path: Path) -> None:
    path = make(tmp_path / "a b" / ".venv", "--symlinks")
    assert only(read(path.parent)).pip_prefix == str(path)


@pytest.mark.skipif(not UV, reason="needs uv")
@pytest.mark.parametrize("folder", ["plain", "a b"])
@pytest.mark.parametrize(("options", "activates"), [((), True), (("--relocatable",), False)], ids=["fixed", "relocatable"])
def test_environments_of_uv(options: tuple[str, ...], activates: bool, folder: str, tmp_path: Path) -> None:
    path = tmp_path / folder / ".venv"
    subprocess.run([UV, "venv", "--offline", "--quiet", *options, "--python", BASE, path], check=True)
    found = only(read(path.parent))
    assert (found.maker, found.activates, found.pip_prefix) == ("uv", str(path) if activates else "", "")


def test_dead_moved_linked_and_broken_ones(tmp_path: Path) -> None:
    dead = make(tmp_path / "dead/.venv")
    (dead / "bin/python").unlink()
    (dead / "bin/python").symlink_to("/gone/bin/python3.12")
    (dead / "pyvenv.cfg").write_text("home = /gone/bin\nversion = 3.12.1\n")
    found = only(read(dead.parent))
    assert (found.alive, found.there, found.home, found.home_exists) == (False, True, "/gone/bin", False)

    make(tmp_path / "old/.venv")
    (tmp_path / "old").rename(tmp_path / "new")
    found = only(read(tmp_path / "new"))
    assert (found.activates, found.real) == (str(tmp_path / "old/.venv"), str(tmp_path / "new/.venv"))

    make(tmp_path / "store/one")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/.venv").symlink_to(tmp_path / "store/one")
    found = only(read(tmp_path / "linked"))
    assert found.activates == found.real == str(tmp_path / "store/one")

    made_through = tmp_path / "alias/two"  # as on macOS, where /tmp is a link
    made_through.parent.symlink_to(tmp_path / "store")
    make(made_through)
    assert found_at(tmp_path / "store/two").activates == str(tmp_path / "store/two")

    (tmp_path / "half/.venv").mkdir(parents=True)
    (tmp_path / "half/.venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    found = only(read(tmp_path / "half"))
    assert (found.alive, found.there, found.foreign, found.site) == (False, False, False, "")

    (tmp_path / "windows/.venv/Scripts").mkdir(parents=True)
    (tmp_path / "windows/.venv/pyvenv.cfg").write_text("home = C:\\Python312\r\nversion = 3.12.4\r\n")
    found = only(read(tmp_path / "windows"))
    assert (found.there, found.foreign, found.home, found.version) == (False, True, "C:\\Python312", "3.12.4")


def test_a_folder_scripts_beside_bin_is_no_sign_of_windows(tmp_path: Path) -> None:
    (make(tmp_path / ".venv") / "Scripts").mkdir()
    assert not only(read(tmp_path)).foreign


def test_what_is_no_environment(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / "venv").write_text("")
    (tmp_path / "env/pyvenv.cfg").mkdir(parents=True)
    assert read(tmp_path).project == ()


def test_parents_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    make(tmp_path / ".venv")
    (tmp_path / "a/b").mkdir(parents=True)
    assert read(tmp_path / "a/b").project == ()
    (tmp_path / ".git").mkdir()
    assert only(read(tmp_path / "a/b")).path == str(tmp_path / ".venv")


@pytest.mark.parametrize(
    ("files", "exists"),
    [((), False), (("pyvenv.cfg",), True), (("bin/python",), True), (("bin/pip",), False)],
    ids=["empty", "cfg", "old", "pip"],
)
def test_virtual_env(files: tuple[str, ...], exists: bool, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in files:
        script(tmp_path / "real" / name, "")
    found = read(tmp_path, {"VIRTUAL_ENV": str(tmp_path / "link")})
    assert (found.virtual_env, found.virtual_env_real) == (str(tmp_path / "link"), str(tmp_path / "real"))
    assert found.virtual_env_exists is exists
    assert not read(tmp_path, {"VIRTUAL_ENV": str(tmp_path / "gone")}).virtual_env_exists
    assert read(tmp_path, {"VIRTUAL_ENV": ""}).virtual_env is None


def test_conda(tmp_path: Path) -> None:
    (tmp_path / "c/conda-meta").mkdir(parents=True)
    env = {"CONDA_PREFIX": str(tmp_path / "c"), "CONDA_DEFAULT_ENV": "ml"}
    found = read(tmp_path, env, prefix=str(tmp_path / "c"))
    assert (found.conda_prefix, found.conda_base, found.target_conda, found.target) == (str(tmp_path / "c"), False, True, None)
    assert read(tmp_path, {**env, "CONDA_DEFAULT_ENV": "base"}).conda_base
    (tmp_path / "c/condabin").mkdir()
    assert read(tmp_path, env).conda_base


def test_sudo_locks_and_the_doctors_own_place(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    assert read(tmp_path, {"SUDO_USER": "ada"}).sudo
    assert read(tmp_path).started_within
    (tmp_path / "poetry.lock").write_text("")
    assert read(tmp_path).lock == "poetry"
    (tmp_path / "uv.lock").write_text("")
    assert read(tmp_path).lock == "uv"


def test_start_files_that_are_not_utf8(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    site = next((tmp_path / ".venv").glob("lib/python*/site-packages"))
    (site / "good.pth").write_bytes("/där/ü\n".encode())
    (site / "bad.pth").write_bytes(b"\xff\xfe/\0")
    (site / "bad.pth.off").write_bytes(b"\xff")
    (site / "folder.pth").mkdir()
    found = probe(Venv, cwd=tmp_path, prefix=str(tmp_path / ".venv"), env={"PYTHONHOME": sys.base_prefix})
    assert isinstance(found, Venv) and found.target
    assert (found.target.unreadable, found.python_home) == ((str(site / "bad.pth"),), sys.base_prefix)


def test_whether_the_active_environment_is_on_path(tmp_path: Path) -> None:
    path = make(tmp_path / ".venv")
    link = tmp_path / "link"
    link.symlink_to(path)
    shell = {"VIRTUAL_ENV": str(path), "CONDA_PREFIX": str(link)}
    on = read(tmp_path, env={**shell, "PATH": f"/nowhere{os.pathsep}{link}/bin"})
    off = read(tmp_path, env={**shell, "PATH": os.pathsep.join(["", ".venv/bin", str(path)])})
    assert (on.virtual_env_on_path, off.virtual_env_on_path) == (True, False)
    assert on.conda_real == str(path.resolve()) and on.conda_prefix == str(link)
    assert not read(tmp_path, env={"PATH": f"{path}/bin"}).virtual_env_on_path
