"""The probe of disk and memory, run for real, also on file systems made small by mounts that nobody else sees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.patient import require
from lab.ward import Ward
from mlenv_checks.system.facts import Disk, System
from mlenv_checks.system.probes import file_systems, system
from support.probing import probe

GIB = 1 << 30


def read(project: Path, env: dict[str, str] | None = None, **question: Any) -> System:
    found = probe(System, cwd=project, env=env, **question)
    assert isinstance(found, System), found
    return found


def disk(found: System, use: str) -> Disk:
    return next(disk for disk in found.disks if disk.use == use)


def test_this_machine(tmp_path: Path) -> None:
    found = read(tmp_path, prefix=str(tmp_path / "not" / "made" / "yet"))
    assert [one.use for one in found.disks] == ["environment", "project", "temporary files", "downloads", "home"]
    assert all(0 <= one.free <= one.total and os.path.ismount(one.mount) for one in found.disks)
    assert disk(found, "environment").path == str(tmp_path)  # the folder that is there
    assert all(0 <= one.inodes_free <= one.inodes for one in found.disks)
    assert found.cores >= 1 and found.memory_total and found.memory_total > GIB // 4


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_linux_tells_more(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.memory_available and found.memory_total and found.memory_available <= found.memory_total
    assert found.swap_total is not None
    assert (found.shm_total is None) is (not os.path.isdir("/dev/shm"))


def test_the_folder_for_temporary_files_is_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    assert disk(read(tmp_path, {"TMPDIR": str(tmp_path / "tmp")}), "temporary files").path == str(tmp_path / "tmp")
    gone = disk(read(tmp_path, {"TMPDIR": str(tmp_path / "gone")}), "temporary files")
    assert gone.path != str(tmp_path / "gone")


def test_downloads_go_where_a_variable_says(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    assert disk(read(tmp_path, home), "downloads").path == str(tmp_path)
    assert disk(read(tmp_path, {**home, "XDG_CACHE_HOME": str(tmp_path / "kept")}), "downloads").path == str(tmp_path / "kept")
    assert disk(read(tmp_path, {**home, "XDG_CACHE_HOME": "kept"}), "downloads").path == str(tmp_path)  # only whole paths count


def test_no_home(tmp_path: Path) -> None:
    assert disk(read(tmp_path, {"HOME": str(tmp_path / "gone")}), "home").path == str(tmp_path)


def test_memory_where_neither_the_kernel_nor_psutil_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "MEMORY_FILE", str(tmp_path / "absent"))
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert system.memory_of_machine()["MemTotal"] > GIB // 4
    monkeypatch.delattr(os, "sysconf")
    assert system.memory_of_machine() == {}


def test_the_kind_of_a_file_system() -> None:
    assert file_systems.kind_of("/proc") == "proc" and file_systems.kind_of("/not/mounted") == ""


def test_a_file_system_in_a_folder_with_a_blank(tmp_path: Path) -> None:
    require("root")
    ward = Ward(tmp_path / "with a blank")
    ward.venv(libraries=())
    (ward.root / "tmp").mkdir()
    ward.environ["TMPDIR"] = str(ward.root / "tmp")
    ward.mounts.append(f"mount -t tmpfs -o nr_inodes=500 none '{ward.root}/tmp'")
    program = "import sys; from mlenv_checks.system.probes.file_systems import kind_of; print(kind_of(sys.argv[1]))"
    assert ward.run(sys.executable, "-c", program, ward.root / "tmp").stdout == "tmpfs\n"
    disks = ward.doctor("snapshot").report["facts"]["system"]["disks"]
    assert [disk["inodes"] for disk in disks if disk["use"] == "temporary files"] == [500]


def test_a_file_system_that_makes_up_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_systems, "kind_of", lambda mount: "fuse.sshfs")
    found = file_systems.disk_of("project", str(tmp_path))
    assert found and (found["inodes"], found["inodes_free"]) == (0, 0) and found["total"] > 0
