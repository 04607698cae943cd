"""What probes share does what the standard library does, without what that brings along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import url2pathname

import pytest

from mlenv_doctor.probekit import path_of_address, which


def commands(tmp_path: Path) -> str:
    """A PATH of two folders with things of one name, of which only some can be run."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        for name in ("both", "text" if folder == first else "late"):
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o644 if name == "text" else 0o755)
    (first / "late").mkdir()
    (second / "link").symlink_to(tmp_path / "nowhere")
    return os.pathsep.join(["/nowhere", str(first), str(second)])


@pytest.mark.parametrize("name", ["both", "text", "late", "link", "none"])
def test_a_command_is_found_as_the_standard_library_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = commands(tmp_path)
    assert which(name, path=path) == shutil.which(name, path=path)
    monkeypatch.setenv("PATH", path)
    assert which(name) == shutil.which(name)
    assert (which(name) is None) == (name in ("text", "link", "none"))


@pytest.mark.parametrize("file", ["first/both", "first/text", "first/late", "./second/late", "none/both", ""])
def test_a_path_is_no_command_of_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.setenv("PATH", commands(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert which(file) == shutil.which(file)
    assert which(f"{tmp_path}/{file}") == shutil.which(f"{tmp_path}/{file}")
    monkeypatch.setenv("PATH", "")
    assert which(file) == shutil.which(file)


def test_without_path_the_usual_folders_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    found = which("sh")
    assert found and os.path.samefile(found, str(shutil.which("sh")))


@pytest.mark.parametrize("path", ["/a/b", "/a%20b/%C3%A4", "/a+b", "", "/%2e%2e/x", "/100%"])
def test_the_path_in_an_address_is_what_the_standard_library_makes_of_it(path: str) -> None:
    assert path_of_address(path) == url2pathname(path)


@pytest.mark.parametrize(
    ("work", "unneeded"),
    [
        (
            "from mlenv_doctor.examine.registry import find_plugins; find_plugins(names=['python'])",
            ["email", "importlib.metadata"],
        ),
        (
            "from mlenv_doctor.cli.app import command; command('check')",
            ["mlenv_doctor.cli.fix", "mlenv_doctor.report.html", "rich"],
        ),
        ("from mlenv_doctor.patient.probes.python import read_python; read_python({})", ["platform", "email"]),
        ("from mlenv_checks.system.probes.file_systems import disk_of; disk_of('room', '/')", ["bz2", "lzma"]),
        (
            "import contextlib, io, sys; from mlenv_doctor.cli import program; sys.argv[1:] = ['--help']\n"
            "with contextlib.redirect_stdout(io.StringIO()): program._run()",
            ["mlenv_doctor.patient", "mlenv_doctor.model", "mlenv_doctor.foreign", "json"],
        ),
    ],
    ids=["plug-ins", "commands", "python", "disks", "help"],
)
def test_what_a_quick_look_has_no_use_for_is_not_loaded(work: str, unneeded: list[str]) -> None:
    shown = f"{work}\nimport sys\nprint([name for name in {unneeded!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", done.stderr
