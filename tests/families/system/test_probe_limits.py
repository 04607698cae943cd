"""The probes of limits and control groups, run for real: also in a group made for it, and as another user."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.system.facts import Limits, System
from mlenv_checks.system.probes import control_groups
from mlenv_checks.system.probes.limits import is_listed
from support.probing import as_user, probe

GIB = 1 << 30
Enter = Callable[[str, dict[str, str]], None]
NAMES = {"LOGNAME": "", "USER": "", "LNAME": "", "USERNAME": ""}
THREADS = {"OMP_NUM_THREADS": "", "OPENBLAS_NUM_THREADS": "", "MKL_NUM_THREADS": ""}


def read(env: dict[str, str] | None = None, **question: Any) -> Limits:
    found = probe(Limits, env=env, **question)
    assert isinstance(found, Limits), found
    return found


def test_this_session() -> None:
    found = read({**THREADS, **NAMES, "SUDO_USER": ""})
    assert (found.open_files, found.open_files_most) == resource.getrlimit(resource.RLIMIT_NOFILE)
    assert found.uid == os.getuid() and (found.threads_set, found.user_named, found.sudo_user) == ("", False, "")
    assert abs(found.clock - time.time()) < 60 and found.long_paths is None


def test_variables() -> None:
    found = read({**THREADS, "MKL_NUM_THREADS": "2", "USERNAME": "me", "SUDO_USER": "you"})
    assert (found.threads_set, found.user_named, found.sudo_user) == ("MKL_NUM_THREADS", True, "you")


def test_the_number_of_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        assert read().open_files == 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_witnesses_of_the_time(tmp_path: Path) -> None:
    later = time.time() + 5 * 86400
    (tmp_path / "installed").write_text("")
    os.utime(tmp_path / "installed", (later, later))
    ours, theirs = read(prefix=str(tmp_path)).witnesses
    assert abs(theirs - later) < 1 and 0 < ours < time.time()
    assert len(read(prefix=str(tmp_path / "gone")).witnesses) == 1 == len(read(prefix="").witnesses)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
@pytest.mark.parametrize(("uid", "listed"), [(65534, True), (54321, False)])
def test_a_user_without_a_name(uid: int, listed: bool) -> None:
    assert as_user(uid, (), lambda: is_listed(os.getuid())) is listed


@pytest.fixture
def in_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Puts this process into a group of a made-up tree of control groups."""

    def enter(group: str, files: dict[str, str]) -> None:
        (tmp_path / "self").write_text(group)
        monkeypatch.setattr(control_groups, "OWN_GROUPS", str(tmp_path / "self"))
        monkeypatch.setattr(control_groups, "MOUNTED_AT", str(tmp_path))
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)

    return enter


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/\n", {"memory.max": "2147483648\n"}, 2 * GIB),
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": f"{GIB}\n", "memory.max": "max\n"}, GIB),  # a parent's counts
        ("0::/a\n", {"a/memory.max": "max\n"}, None),
        ("0::/a\n", {"a/memory.max": ""}, None),  # some kernels show an empty file
        ("0::/a\n", {}, None),
        ("0::/../x\n", {"memory.max": "max\n"}, None),
        ("0::/kubepods/pod1/c\n", {"memory.max": f"{GIB}\n"}, GIB),  # the host's path, of which only the end is mounted
        ("5:cpu,memory:/d\n4:pids:/d\n", {"memory/d/memory.limit_in_bytes": f"{GIB}\n"}, GIB),
        ("5:memory:/d\n", {"memory/d/memory.limit_in_bytes": "9223372036854771712\n"}, None),  # as version 1 says: none
        ("5:memory:/d\n0::/u\n", {"memory/memory.limit_in_bytes": f"{3 * GIB}\n", "u/memory.max": f"{2 * GIB}\n"}, 2 * GIB),
        ("nonsense\n", {}, None),
        ("", {}, None),
    ],
)
def test_limits_of_memory(in_group: Enter, group: str, files: dict[str, str], expected: int | None) -> None:
    in_group(group, files)
    assert control_groups.memory_limits()[0] == expected


@pytest.mark.parametrize(
    ("group", "files", "left"),
    [
        ("0::/\n", {"memory.max": "1000", "memory.current": "400"}, 600),
        ("0::/\n", {"memory.max": "1000", "memory.current": "900", "memory.stat": "anon 100\ninactive_file 500\nactive_file 200\n"}, 800),
        ("0::/\n", {"memory.max": "1000", "memory.current": "1200"}, 0),
        ("0::/a\n", {"a/memory.max": "1000", "a/memory.current": "10", "memory.max": "5000", "memory.current": "4900"}, 100),
        ("0::/\n", {"memory.max": "1000"}, None),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "700", "memory/memory.stat": "inactive_file 9\ntotal_inactive_file 300\n"}, 600),
    ],
)  # fmt: skip
def test_what_is_left_of_the_memory(in_group: Enter, group: str, files: dict[str, str], left: int | None) -> None:
    in_group(group, files)
    assert control_groups.memory_limits()[1] == left


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a\n", {"a/cpu.max": "max 100000\n", "cpu.max": "50000 100000\n"}, 0.5),
        ("0::/a\n", {"a/cpu.max": "150000 100000\n", "cpu.max": "400000 100000\n"}, 1.5),
        ("0::/a\n", {"a/cpu.max": "max 100000\n"}, None),
        ("0::/a\n", {"a/cpu.max": ""}, None),
        ("0::/a\n", {}, None),
        ("3:cpu,cpuacct:/d\n", {"cpu/d/cpu.cfs_quota_us": "200000\n", "cpu/d/cpu.cfs_period_us": "100000\n"}, 2.0),
        ("3:cpu,cpuacct:/d\n", {"cpu/d/cpu.cfs_quota_us": "-1\n", "cpu/d/cpu.cfs_period_us": "100000\n"}, None),
        ("3:cpuset:/d\n", {"cpu/d/cpu.cfs_quota_us": "200000\n", "cpu/d/cpu.cfs_period_us": "100000\n"}, None),
    ],
)
def test_quotas_of_processors(in_group: Enter, group: str, files: dict[str, str], expected: float | None) -> None:
    in_group(group, files)
    assert control_groups.processor_quota() == expected


@pytest.fixture
def real_group() -> Iterator[Path]:
    """A control group of our own with 3 GiB of memory, in which this process is for as long as the test runs."""
    parent = Path("/sys/fs/cgroup/memory")
    made = parent / f"doctor-{os.getpid()}"
    try:
        made.mkdir()
        (made / "memory.limit_in_bytes").write_text(str(3 * GIB))
    except OSError:
        pytest.skip("no control group of version 1 can be made here")
    line = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.split(":")[1] == "memory")
    before = Path(f"{parent}{line.split(':', 2)[2]}")
    (made / "cgroup.procs").write_text(str(os.getpid()))
    yield made
    ((before if before.is_dir() else parent) / "cgroup.procs").write_text(str(os.getpid()))
    made.rmdir()


def test_a_real_group(real_group: Path) -> None:
    found = probe(System)
    assert isinstance(found, System) and found.memory_limit == 3 * GIB
    assert found.memory_left is not None and 0 < found.memory_left < 3 * GIB
