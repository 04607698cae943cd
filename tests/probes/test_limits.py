"""The probes of limits and control groups, run for real: also in a group made for it, and as another user."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlenv_doctor.facts import Limits, System
from mlenv_doctor.probes import text as text_of
from support.probing import probe

GIB = 1 << 30
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


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root, to be somebody else")
@pytest.mark.parametrize(("uid", "listed"), [(65534, True), (54321, False)])
def test_a_user_without_a_name(uid: int, listed: bool) -> None:
    program = "import os, sys\n" + text_of("limits").decode() + "\nprint(_limits_listed(os.getuid()))"
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python that everybody may start")
    done = subprocess.run(
        [shutil.which("setpriv") or "", f"--reuid={uid}", "--clear-groups", python, "-c", program], capture_output=True, text=True
    )
    assert done.stdout.split() == [str(listed)], done.stderr


def groups(folder: Path, group: str) -> dict[str, Any]:
    """The functions of the probe, for a tree of control groups that stands for /sys/fs/cgroup."""
    space: dict[str, Any] = {"os": os, "sys": sys}
    exec(compile(text_of("control_groups"), "control_groups", "exec"), space)
    (folder / "self").write_text(group)
    space["_CG_ROOT"] = str(folder)
    real = space["_cg_text"]
    space["_cg_text"] = lambda path: real(str(folder / "self") if path == "/proc/self/cgroup" else path)
    return space


def lay_out(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


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
def test_limits_of_memory(group: str, files: dict[str, str], expected: int | None, tmp_path: Path) -> None:
    lay_out(tmp_path, files)
    assert groups(tmp_path, group)["_cg_memory"]()[0] == expected


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
def test_what_is_left_of_the_memory(group: str, files: dict[str, str], left: int | None, tmp_path: Path) -> None:
    lay_out(tmp_path, files)
    assert groups(tmp_path, group)["_cg_memory"]()[1] == left


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
def test_quotas_of_processors(group: str, files: dict[str, str], expected: float | None, tmp_path: Path) -> None:
    lay_out(tmp_path, files)
    assert groups(tmp_path, group)["_cg_processors"]() == expected


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
