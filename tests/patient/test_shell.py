"""What a launcher put before the user's own PATH and VIRTUAL_ENV is taken off, and nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlenv_doctor.patient.shell import restore
from mlenv_doctor.patient.target import is_short_lived, is_tool_environment


def environment(folder: Path, *signs: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    for name in ("pyvenv.cfg", *signs):
        (folder / name).touch()
    return folder


def path(*folders: Path | str) -> str:
    return os.pathsep.join(str(folder) for folder in folders)


@pytest.mark.parametrize("bucket", ["archive-v0", "builds-v0", "archive-v12"])
def test_what_uv_made_for_one_run_is_taken_off(tmp_path: Path, bucket: str) -> None:
    run, user = environment(tmp_path / bucket / ".tmpX"), environment(tmp_path / "project/.venv")
    shell = {"PATH": path(run / "bin", user / "bin", "/usr/bin"), "VIRTUAL_ENV": str(run)}
    restore(shell)
    assert shell == {"PATH": path(user / "bin", "/usr/bin")}
    assert is_short_lived(run) and is_tool_environment(run) and not is_short_lived(user)


def test_the_tool_that_the_doctor_is_installed_as_is_taken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = environment(tmp_path / "own", "uv-receipt.toml"), environment(tmp_path / "other", "uv-receipt.toml")
    monkeypatch.setattr(sys, "prefix", str(own))
    shell = {"PATH": path(own / "bin", other / "bin"), "VIRTUAL_ENV": str(own)}
    restore(shell)
    assert shell == {"PATH": path(other / "bin"), "VIRTUAL_ENV": str(own)}


@pytest.mark.parametrize("name", ["project/.venv", "archive-vx/a", "archive/a", "builds-v0/a"])
def test_what_is_the_users_stays(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    user = environment(tmp_path / name)
    if name == "builds-v0/a":
        (user / "pyvenv.cfg").unlink()  # a folder that happens to be called so
    monkeypatch.setattr(sys, "prefix", str(user))
    shell = {"PATH": path(user / "bin", "", "relative/bin"), "VIRTUAL_ENV": str(user)}
    before = dict(shell)
    restore(shell)
    assert shell == before


def test_without_any_variable() -> None:
    shell: dict[str, str] = {}
    restore(shell)
    assert shell == {}
