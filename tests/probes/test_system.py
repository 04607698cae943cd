"""The probe of disk and memory, run for real, also on file systems made small by mounts that nobody else sees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

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
    assert [one.use for one in found.disks] == ["environment", "project", "temporary files", "home"]
    assert all(0 <= one.free <= one.total and os.path.ismount(one.mount) for one in found.disks)
    assert disk(found, "environment").path == str(tmp_path)  # the folder that is there
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


def test_no_home(tmp_path: Path) -> None:
    assert disk(read(tmp_path, {"HOME": str(tmp_path / "gone")}), "home").path == str(tmp_path)


def limits(folder: Path, group: str) -> int | None:
    """The limit that the probe finds in this tree of control groups, which stands for /sys/fs/cgroup."""
    space: dict[str, Any] = {"os": os, "sys": sys}
    exec(compile(text_of("system"), "system", "exec"), space)
    (folder / "self").write_text(group)
    real = open

    def instead(path: str, *args: Any) -> Any:
        return real(path.replace("/proc/self/cgroup", str(folder / "self")).replace("/sys/fs/cgroup", str(folder)), *args)

    space["open"] = instead
    found: int | None = space["_sys_memory_limit"]()
    return found


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/\n", {"memory.max": "2147483648"}, 2 * GIB),
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": str(GIB), "memory.max": "max"}, GIB),  # a parent's counts
        ("0::/a\n", {"a/memory.max": "max"}, None),
        ("0::/a\n", {}, None),
        ("0::/../x\n", {"memory.max": "max"}, None),
        ("5:cpu,memory:/d\n4:pids:/d\n", {"memory/d/memory.limit_in_bytes": str(GIB)}, GIB),
        ("5:memory:/d\n", {"memory/d/memory.limit_in_bytes": "9223372036854771712"}, None),  # as version 1 says: none
        ("5:memory:/d\n0::/u\n", {"memory/memory.limit_in_bytes": str(3 * GIB), "u/memory.max": str(2 * GIB)}, 2 * GIB),
    ],
)
def test_limits_of_memory(group: str, files: dict[str, str], expected: int | None, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content + "\n")
    assert limits(tmp_path, group) == expected


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
