"""The probe of disk and memory, run for real, also on file systems made small by mounts that nobody else sees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.patient import require
from lab.ward import Ward
from mlenv_doctor.facts import Disk, System
from mlenv_doctor.probes import text as text_of
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


def test_memory_where_neither_the_kernel_nor_psutil_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    space: dict[str, Any] = {"os": os, "sys": sys}
    exec(compile(text_of("system"), "system", "exec"), space)

    def closed(path: str, *args: Any) -> Any:
        raise OSError

    space["open"] = closed
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert space["_sys_memory"]()["MemTotal"] > GIB // 4
    monkeypatch.delattr(os, "sysconf")
    assert space["_sys_memory"]() == {}


def test_the_kind_of_a_file_system(tmp_path: Path) -> None:
    require("root")
    ward = Ward(tmp_path / "with a blank")
    ward.venv(libraries=())
    (ward.root / "tmp").mkdir()
    ward.environ["TMPDIR"] = str(ward.root / "tmp")
    ward.mounts.append(f"mount -t tmpfs -o nr_inodes=500 none '{ward.root}/tmp'")
    space: dict[str, Any] = {"os": os, "sys": sys}
    exec(compile(text_of("system"), "system", "exec"), space)
    assert space["_sys_kind"]("/proc") == "proc" and space["_sys_kind"]("/not/mounted") == ""
    program = "import os, sys\n" + text_of("system").decode() + "\nprint(_sys_kind(sys.argv[1]))"
    assert ward.run(ward.python, "-c", program, ward.root / "tmp").stdout == "tmpfs\n"
    disks = ward.doctor("snapshot").report["facts"]["system"]["disks"]
    assert [disk["inodes"] for disk in disks if disk["use"] == "temporary files"] == [500]


def test_a_file_system_that_makes_up_its_numbers(tmp_path: Path) -> None:
    space: dict[str, Any] = {"os": os, "sys": sys}
    exec(compile(text_of("system"), "system", "exec"), space)
    space["_sys_kind"] = lambda mount: "fuse.sshfs"
    found = space["_sys_disk"]("project", str(tmp_path))
    assert (found["inodes"], found["inodes_free"]) == (0, 0) and found["total"] > 0
