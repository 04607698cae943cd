"""What is said about disk and memory, for facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.system import disk_has_room, memory_is_enough, place_is_known, shared_memory_is_enough
from mlenv_doctor import Missing, Status
from mlenv_doctor.facts import Disk, Distribution, Libraries, Place, System, Why

GIB, MIB = 1 << 30, 1 << 20
LATE = Missing("system", Why.TIMEOUT, "did not answer within 15 s")


def disk(free: float, total: float = 500, use: str = "environment", mount: str = "/", read_only: bool = False) -> Disk:
    return Disk(use, f"{mount}x", mount, int(free * GIB), int(total * GIB), read_only)


@pytest.mark.parametrize(
    ("disks", "expected"),
    [
        ((disk(100),), [("pass", "")]),
        ((), [("unknown", "")]),
        ((disk(3),), [("warn", "disk-low")]),
        ((disk(3, 8),), [("warn", "disk-low")]),  # too little for PyTorch, however small the disk
        ((disk(3), disk(3, use="home")), [("warn", "disk-low")]),  # one disk, one line
        ((disk(0.5),), [("fail", "disk-full")]),
        ((disk(100), disk(0.5, 8, "home", "/home")), [("fail", "disk-full")]),
        ((disk(3, 8, "home", "/home"), disk(90)), [("pass", "")]),  # a small disk is no warning until it is full
        ((disk(0.5, 2, "temporary files", "/tmp"), disk(90)), [("pass", "")]),
        ((disk(0.5, 50, "temporary files", "/tmp"), disk(90)), [("warn", "disk-low")]),
        ((disk(0.01, 2, "temporary files", "/tmp"), disk(90)), [("fail", "disk-full")]),
        ((disk(0, read_only=True), disk(90, mount="/home")), [("pass", "")]),
        ((disk(0, 0), disk(90, mount="/home")), [("pass", "")]),  # a file system that tells no size
    ],
)
def test_the_disk(disks: tuple[Disk, ...], expected: list[tuple[str, str]]) -> None:
    assert [(f.status.value, f.cause) for f in disk_has_room(System(disks=disks))] == expected


def test_a_machine_that_cannot_be_read() -> None:
    assert [f.status for f in disk_has_room(LATE)] == [Status.UNKNOWN]


def test_the_fix_fits_the_use() -> None:
    (temporary,) = disk_has_room(System(disks=(disk(0.01, 2, "temporary files", "/tmp"),)))
    (other,) = disk_has_room(System(disks=(disk(0.5),)))
    assert temporary.fix and other.fix and (temporary.fix.id, other.fix.id) == ("system.temp", "system.free-disk")
    assert other.evidence["free"] == "512 MiB" and "/" in other.message


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (System(memory_total=16 * GIB, memory_available=9 * GIB), ("pass", "")),
        (System(memory_total=16 * GIB), ("pass", "")),
        (System(), ("unknown", "")),
        (System(memory_total=3 * GIB, memory_available=3 * GIB), ("warn", "memory-low")),
        (System(memory_total=64 * GIB, memory_available=60 * GIB, memory_limit=2 * GIB), ("warn", "memory-low")),
        (System(memory_total=16 * GIB, memory_available=GIB // 2), ("warn", "memory-low")),
    ],
)
def test_the_memory(system: System, expected: tuple[str, str]) -> None:
    found = memory_is_enough(system)
    assert (found.status.value, found.cause) == expected  # type: ignore[union-attr]


TORCH = Libraries((Distribution("torch", "2", "/s"),))


@pytest.mark.parametrize(
    ("shm", "libraries", "expected"),
    [
        (8 * GIB, TORCH, ("pass", "")),
        (65 * MIB, TORCH, ("pass", "")),
        (64 * MIB, TORCH, ("warn", "shm-too-small")),
        (64 * MIB, Libraries(), ("skip", "")),
        (None, TORCH, ("skip", "")),
    ],
)
def test_the_shared_memory(shm: int | None, libraries: Libraries, expected: tuple[str, str]) -> None:
    found = shared_memory_is_enough(System(shm_total=shm), libraries)
    assert (found.status.value, found.cause) == expected  # type: ignore[union-attr]


def test_the_place() -> None:
    assert "colab" in place_is_known(Place(kinds=("colab", "container"))).message  # type: ignore[union-attr]
    assert place_is_known(Missing("place", Why.ERROR, "could not be read")).status is Status.UNKNOWN  # type: ignore[union-attr]
