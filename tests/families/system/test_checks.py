"""What is said about disk and memory, for facts made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.system.checks import disk_has_room, place_is_known, shared_memory_is_enough
from mlenv_checks.system.facts import Disk, System
from mlenv_doctor import Missing, Status
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Libraries, Place

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
        ((disk(100), disk(0.5, 80, "downloads", "/home")), [("fail", "disk-full")]),
        ((disk(100), disk(3, 80, "downloads", "/home")), [("warn", "disk-low")]),
        ((disk(100), disk(3, 8, "downloads", "/home")), [("pass", "")]),  # a small disk is as its owner wants it
        ((disk(100), disk(0.5, 8, "downloads", "/home")), [("warn", "disk-low")]),
        ((disk(100), disk(0.05, 8, "downloads", "/home")), [("fail", "disk-full")]),
        ((disk(100), disk(0.5, 8, "project", "/p")), [("warn", "disk-low")]),
        ((disk(100), disk(0.5, 80, "home", "/home")), [("pass", "")]),  # nothing is installed or downloaded there
        ((disk(100), disk(0.05, 8, "home", "/home")), [("warn", "disk-low")]),
        ((disk(0.5, 2, "temporary files", "/tmp"), disk(90)), [("pass", "")]),
        ((disk(0.5, 50, "temporary files", "/tmp"), disk(90)), [("warn", "disk-low")]),
        ((disk(0.01, 2, "temporary files", "/tmp"), disk(90)), [("fail", "disk-full")]),
        ((disk(0, read_only=True), disk(90, mount="/home")), [("pass", "")]),
        ((disk(0, 0), disk(90, mount="/home")), [("pass", "")]),  # a file system that tells no size
    ],
)
def test_the_disk(disks: tuple[Disk, ...], expected: list[tuple[str, str]]) -> None:
    assert [(f.status.value, f.cause) for f in disk_has_room(System(disks=disks))] == expected


def holding(free: int, most: int = 100_000, use: str = "environment", gib: float = 90) -> Disk:
    return replace(disk(gib, use=use), inodes=most, inodes_free=free)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (holding(0), [("fail", "inodes-full")]),
        (holding(999), [("fail", "inodes-full")]),
        (holding(1000), [("pass", "")]),
        (holding(150, use="temporary files"), [("pass", "")]),
        (holding(99, use="temporary files"), [("fail", "inodes-full")]),
        (holding(400, 500), [("pass", "")]),  # a small file system, hardly used
        (holding(0, 0), [("pass", "")]),  # btrfs and others make them as they are needed
        (holding(0, gib=3), [("fail", "inodes-full")]),
        (holding(0, gib=0.5), [("fail", "disk-full")]),  # xfs has none left because it is full
    ],
)
def test_the_number_of_files(one: Disk, expected: list[tuple[str, str]]) -> None:
    assert [(f.status.value, f.cause) for f in disk_has_room(System(disks=(one,)))] == expected


def test_the_fix_for_too_many_files_fits_the_use() -> None:
    fixes = [
        found.fix for use in ("environment", "temporary files") for found in disk_has_room(System(disks=(holding(0, use=use),)))
    ]
    assert [fix and fix.id for fix in fixes] == ["system.free-inodes", "system.temp"]


def test_a_machine_that_cannot_be_read() -> None:
    assert [f.status for f in disk_has_room(LATE)] == [Status.UNKNOWN]


def test_the_fix_fits_the_use() -> None:
    (temporary,) = disk_has_room(System(disks=(disk(0.01, 2, "temporary files", "/tmp"),)))
    (other,) = disk_has_room(System(disks=(disk(0.5),)))
    assert temporary.fix and other.fix and (temporary.fix.id, other.fix.id) == ("system.temp", "system.free-disk")
    assert other.evidence["free"] == "512 MiB" and "/" in other.message


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
