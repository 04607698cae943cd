"""The probe of the folders that programs write to, run for real."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from lab.patient import require
from lab.ward import Ward
from mlenv_checks.system.facts import Folders
from support.probing import probe

QUIET = {
    "TMPDIR": "",
    "TEMP": "",
    "TMP": "",
    "XDG_CACHE_HOME": "",
    "HF_HOME": "",
    "UV_CACHE_DIR": "",
    "PIP_CACHE_DIR": "",
    "TORCH_HOME": "",
    "MPLCONFIGDIR": "",
}


def read(project: Path, **environ: str) -> Folders:
    found = probe(Folders, cwd=project, env={**QUIET, **environ})
    assert isinstance(found, Folders), found
    return found


def test_the_folders_are_those_of_tempfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in QUIET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert [one.path for one in read(tmp_path).temporary] == tempfile._candidate_tempdir_list()  # type: ignore[attr-defined]


def test_variables_come_first(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    found = read(tmp_path, TMPDIR=str(tmp_path / "gone"), TMP=str(tmp_path / "here"), TEMP="/").temporary
    assert [(one.variable, one.obstacle == "absent") for one in found[:3]] == [("TMPDIR", True), ("TEMP", False), ("TMP", False)]
    assert found[0].existing == str(tmp_path) and found[-1].path == str(tmp_path)


def test_home_and_downloads(tmp_path: Path) -> None:
    (tmp_path / "h").mkdir()
    found = read(tmp_path, HOME=str(tmp_path / "h"), HF_HOME=str(tmp_path / "models"))
    assert (found.home.path, found.home.variable, found.home.obstacle) == (str(tmp_path / "h"), "HOME", "")
    assert (found.downloads.path, found.downloads.existing) == (str(tmp_path / "h/.cache"), str(tmp_path / "h"))
    assert [(one.variable, one.path, one.existing) for one in found.named] == [
        ("HF_HOME", str(tmp_path / "models"), str(tmp_path))
    ]
    other = read(tmp_path, HOME=str(tmp_path / "h"), XDG_CACHE_HOME=str(tmp_path / "c"))
    assert (other.downloads.path, other.downloads.variable) == (str(tmp_path / "c"), "XDG_CACHE_HOME")
    assert read(tmp_path, HOME=str(tmp_path / "h"), XDG_CACHE_HOME="c").downloads.path == str(tmp_path / "h/.cache")


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "h").mkdir()
    read(tmp_path, HOME=str(tmp_path / "h"), HF_HOME=str(tmp_path / "h/models"), TMP=str(tmp_path / "h/t"))
    assert not list((tmp_path / "h").iterdir())


def snapshot(ward: Ward) -> Any:
    return ward.doctor("snapshot").report["facts"]


def test_rights_of_mounts(tmp_path: Path) -> None:
    require("root")
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    (ward.root / "tmp").mkdir()
    ward.environ["TMPDIR"] = str(ward.root / "tmp")
    ward.mounts += [
        f"mount -t tmpfs -o noexec none '{ward.root}/tmp'",
        f"mount --bind '{ward.home}' '{ward.home}'",
        f"mount -o remount,bind,ro '{ward.home}'",
    ]
    found = snapshot(ward)["folders"]
    assert found["temporary"][0]["noexec"] is True and found["temporary"][-1]["noexec"] is False
    assert found["home"]["obstacle"] == found["downloads"]["obstacle"] == "read-only"


def test_a_compiler_is_seen(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    assert snapshot(ward)["folders"]["compiler"] == ""
    ward.script(ward.bin / "clang", "#!/bin/sh\n")
    assert snapshot(ward)["folders"]["compiler"] == str(ward.bin / "clang")
