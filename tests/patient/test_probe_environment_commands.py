"""What `python` and `pip` on PATH belong to, read from real and hand-made folders of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlenv_doctor.patient import OnPath
from patient.test_probe_environment import BASE, MINOR, make, read, script


def bin_of(folder: Path, python: Path | str | None = None, pip: str | None = None) -> Path:
    """A folder of commands: a link to an interpreter, and a pip that names one."""
    folder.mkdir(parents=True, exist_ok=True)
    if python:
        (folder / "python").symlink_to(python)
    if pip is not None:
        script(folder / "pip", pip)
    return folder


def on_path(tmp_path: Path, *folders: Path) -> dict[str, OnPath]:
    return {found.name: found for found in read(tmp_path, {"PATH": ":".join(map(str, folders))}).commands}


def test_commands_of_an_environment(tmp_path: Path) -> None:
    path = make(tmp_path / ".venv")
    bin_of(path / "bin", pip=f"#!{path}/bin/python3\n")
    found = on_path(tmp_path, path / "bin")
    assert set(found) == {"python", "python3", "pip"}
    assert {command.prefix for command in found.values()} == {str(path)}
    assert {command.minor for command in found.values()} == {MINOR}


def test_a_link_into_another_installation_is_that_installation(tmp_path: Path) -> None:
    """Homebrew's python3 and pip3 lie in /opt/homebrew/bin and belong to its Cellar."""
    cellar = tmp_path / "Cellar/python@3.12/3.12.4/bin"
    script(cellar / "python3.12", "\x7fELF")
    opt = tmp_path / "opt/python@3.12"
    opt.parent.mkdir()
    opt.symlink_to(cellar.parent)
    folder = bin_of(tmp_path / "bin", cellar / "python3.12", f"#!{opt}/bin/python3.12\n")
    found = on_path(tmp_path, folder)
    assert {(command.prefix, command.minor) for command in found.values()} == {(str(cellar.parent), "3.12")}


def test_a_link_to_an_environments_python_is_its_base(tmp_path: Path) -> None:
    path = make(tmp_path / "env")
    found = on_path(tmp_path, bin_of(tmp_path / "bin", path / "bin/python"))
    assert found["python"].prefix == str(BASE.parent.parent)


@pytest.mark.parametrize(
    ("pip", "leads"),
    [
        ("#!/usr/bin/env bash\nexec pyenv exec pip\n", ""),
        ("#!/usr/bin/env python3\n", ""),
        ("#!/bin/sh\nexec /opt/py/bin/python -m pip\n", ""),
        ("MZ\x90 a program", ""),
        ("", ""),
        ("#!/opt/py/bin/python3.11\n", "/opt/py"),
        ("#!/opt/py/bin/python3.11 -sE\n", "/opt/py"),
        ("#! /opt/py/bin/python3.11\n", "/opt/py"),
        ("#!/bin/sh\n'''exec' \"/opt/a b/bin/python\" \"$0\" \"$@\"\n' '''\n", "/opt/a b"),
        ("#!/bin/sh\n'''exec' '/opt/a b/bin/python' \"$0\" \"$@\"\n' '''\n", "/opt/a b"),
        ("#!/bin/sh\n'''exec' /opt/long/bin/python \"$0\" \"$@\"\n' '''\n", "/opt/long"),
    ],
    ids=["pyenv", "env", "sh", "binary", "empty", "plain", "options", "blank", "double quotes", "single quotes", "no quotes"],
)
def test_what_pip_works_for(pip: str, leads: str, tmp_path: Path) -> None:
    assert on_path(tmp_path, bin_of(tmp_path / "bin", pip=pip))["pip"].prefix == leads


def test_a_shim_tells_nothing(tmp_path: Path) -> None:
    pyenv = script(tmp_path / "shims/python", "#!/usr/bin/env bash\nexec pyenv exec python\n")
    assert on_path(tmp_path, pyenv.parent)["python"].prefix == ""
    mise = bin_of(tmp_path / "mise", script(tmp_path / "usr/bin/mise", "\x7fELF"))
    assert on_path(tmp_path, mise)["python"].prefix == ""
    assert read(tmp_path, target=str(pyenv)).target_prefix == ""


def test_the_target_is_known_by_its_path(tmp_path: Path) -> None:
    path = make(tmp_path / "env")
    assert read(tmp_path, target=str(path / "bin/python")).target_prefix == str(path)
    assert read(tmp_path, target=str(BASE)).target_prefix == str(BASE.parent.parent)
    assert read(tmp_path, target=str(path / "bin/gone")).target_prefix == str(path)
