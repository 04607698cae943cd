"""How many heavy processes may run at once: no more than there are cores and memory for, in a container as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlenv_doctor.examine import capacity

GB = 10**9


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Control groups of our own, on a machine with many cores."""
    monkeypatch.setattr(capacity, "CGROUPS", tmp_path)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(64)), raising=False)
    return tmp_path


def limited(folder: Path, most: str, used: int, files: int, names: tuple[str, str] = ("memory.max", "memory.current")) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{most}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {files}\n")


def test_a_container_limits_its_own(groups: Path) -> None:
    limited(groups, str(4 * GB), 3 * GB, GB // 2)
    assert capacity.free_memory() == 1.5 * GB and capacity.slots() == 2


def test_so_did_the_older_kind(groups: Path) -> None:
    limited(groups / "memory", str(2 * GB), 2 * GB, 0, capacity.LIMITS[1])
    assert capacity.free_memory() == 0 and capacity.slots() == 1


def test_without_a_limit_the_machine_counts(groups: Path) -> None:
    limited(groups, "max", GB, 0)
    (groups / "memory").write_text("no folder")
    assert 0 < capacity.free_memory() < float("inf")


def test_groups_around_ours_count(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "0::/a.slice/b.service\n4:memory:/c\n9:name=systemd:/\nnonsense\n"
    monkeypatch.setattr(Path, "read_text", lambda self, *_, **__: own if str(self) == "/proc/self/cgroup" else self.open().read())
    limited(groups / "a.slice/b.service", "max", 0, 0)
    limited(groups / "a.slice", str(GB), 0, 0)
    assert groups / "memory" / "c" in capacity._groups()
    assert capacity.free_memory() == GB
