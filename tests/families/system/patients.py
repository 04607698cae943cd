"""Disks and shared memory, made small by mounts that nobody else sees."""

from __future__ import annotations

from collections.abc import Callable

from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

SYSTEM = ("system",)


def mounted(*lines: str) -> Callable[[Ward], object]:
    """A healthy ward with these mounts; `{prefix}` and `{project}` stand for its folders."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=("torch",))
        (ward.root / "tmp").mkdir()
        ward.environ["TMPDIR"] = str(ward.root / "tmp")
        ward.mounts += [line.format(prefix=ward.prefix, project=ward.project, root=ward.root) for line in lines]

    return make


def with_memory(total: int, available: int) -> Callable[[Ward], object]:
    """A ward whose kernel speaks of this much memory, in GiB."""

    def make(ward: Ward) -> None:
        text = "".join(
            f"{name}: {gib << 20} kB\n" for name, gib in (("MemTotal", total), ("MemAvailable", available), ("SwapTotal", 0))
        )
        (ward.root / "meminfo").write_text(text)
        mounted("mount --bind '{root}/meminfo' /proc/meminfo")(ward)

    return make


def little_shared_memory_without_torch(ward: Ward) -> None:
    mounted("mount -t tmpfs -o size=64m none /dev/shm")(ward)
    ward.venv(".venv2", libraries=("numpy",))


def warns(cause: str, subject: str | None = None) -> Callable[[Visit], object]:
    """This warning, which on some machines stands in the background, must be there."""

    def look(visit: Visit) -> None:
        assert (cause, subject) in {(found["cause"], found["subject"]) for found in visit.findings("warn")}, f"\n{visit}"

    return look


def silent_about(subject: str) -> Callable[[Visit], object]:
    """Nothing is said against this disk, whatever the other disks of the machine are like."""

    def look(visit: Visit) -> None:
        assert not [f for f in visit.findings("fail", "warn") if f["subject"] == subject], f"\n{visit}"

    return look


def names_its_disk(*words: str) -> Callable[[Visit], object]:
    """The one failure names its mount and what lies there, and comes with a fix."""

    def look(visit: Visit) -> None:
        (found,) = visit.findings("fail")
        assert all(word in found["message"] for word in words) and found["fix"], f"\n{visit}"

    return look


PATIENTS = [
    Patient(
        "the environment's disk will soon be full",
        mounted(
            "truncate -s 40G '{root}/image'",
            "mkfs.ext4 -q -m 0 '{root}/image'",
            "mkdir '{root}/disk'",
            "mount -o loop '{root}/image' '{root}/disk'",
            "fallocate -l 36G '{root}/disk/filler'",
            "cp -a '{prefix}/.' '{root}/disk'",
            "mount --bind '{root}/disk' '{prefix}'",
        ),
        args=SYSTEM,
        needs=("root", "mkfs.ext4", "fallocate"),
        also=warns("disk-low", "environment"),
    ),
    Patient("little memory", with_memory(2, 2), args=SYSTEM, needs=("root",), also=warns("memory-low")),
    Patient("memory nearly used up", with_memory(16, 0), args=SYSTEM, needs=("root",), also=warns("memory-low")),
    Patient("memory enough", with_memory(16, 12), absent=("memory-low",), args=SYSTEM, needs=("root",)),
    Patient("plenty of room", mounted(), args=SYSTEM),
    Patient(
        "the environment's disk is full",
        mounted(
            "cp -a '{prefix}' '{root}/copy'",
            "mount -t tmpfs -o size=80m none '{prefix}'",
            "cp -a '{root}/copy/.' '{prefix}'",
        ),
        red=("disk-full",),
        args=SYSTEM,
        needs=("root",),
        also=names_its_disk("environment", ".venv"),
    ),
    Patient("the folder for temporary files is full", mounted("mount -t tmpfs -o size=32m none '{root}/tmp'"), red=("disk-full",), args=SYSTEM, needs=("root",), also=names_its_disk("temporary files", "tmp")),
    Patient("the folder for temporary files is small and empty", mounted("mount -t tmpfs -o size=500m none '{root}/tmp'"), args=SYSTEM, needs=("root",), also=silent_about("temporary files")),
    Patient(
        "the folder for temporary files is nearly used up",
        mounted("mount -t tmpfs -o size=100m none '{root}/tmp'", "truncate -s 60m '{root}/tmp/hole'", "cat '{root}/tmp/hole' > '{root}/tmp/filled'"),
        red=("disk-full",),
        args=SYSTEM,
        needs=("root",),
        also=names_its_disk("temporary files"),
    ),
    Patient("the project is read-only", mounted("mount --bind '{project}' '{project}'", "mount -o remount,bind,ro '{project}'"), args=SYSTEM, needs=("root",)),
    Patient("shared memory as Docker gives it", mounted("mount -t tmpfs -o size=64m none /dev/shm"), args=SYSTEM, needs=("root",), also=warns("shm-too-small")),
    Patient("shared memory that is enough", mounted("mount -t tmpfs -o size=1g none /dev/shm"), absent=("shm-too-small",), args=SYSTEM, needs=("root",)),
    Patient("little shared memory that nobody needs", little_shared_memory_without_torch, absent=("shm-too-small",), args=SYSTEM, needs=("root",)),
]  # fmt: skip
