"""Has this machine room for the work: disk, memory, shared memory?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Missing, Status, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place

from .facts import Disk, System

MIB, GIB = 1 << 20, 1 << 30
FULL, LOW = 1 * GIB, 5 * GIB  # torch with CUDA takes 6 to 8 GB unpacked; below 1 GiB no large wheel can be installed
NEARLY_NOTHING = 64 * MIB  # a small tmpfs on /tmp, or a home of 5 GB, is common and healthy until it is nearly full
FEW_INODES, FEW_INODES_TEMPORARY = 1000, 100  # numpy alone brings a thousand files
DOCKER_DEFAULT = 64 * MIB  # of /dev/shm: https://docs.docker.com/reference/cli/docker/container/run/


@check("system.place")
def place_is_known(place: Place | Missing) -> Finding:
    """Machine.

    Repairs differ: a laptop gets a command, a cloud notebook a click, a container a flag.
    """
    if isinstance(place, Missing):
        return unknown(f"this machine's kind could not be read: the probe {place.reason}")
    return ok(", ".join([place.os, *(kind for kind in place.kinds if kind != "machine")]))


@check("system.disk", causes=("disk-full", "disk-low", "inodes-full"))
def disk_has_room(system: System | Missing) -> Iterator[Finding]:
    """Disk space.

    A full disk breaks installations half way, and training at its first checkpoint.
    """
    if isinstance(system, Missing):
        yield unknown(f"the machine could not be read: the probe {system.reason}")
        return
    found = [finding for disk in one_per_mount(system.disks) if (finding := _judged(disk))]
    yield from found
    if not found:
        roomy = min((disk.free for disk in system.disks), default=0)
        roomy_said = f"{roomy / GIB:.0f} GiB of disk free"
        yield ok(roomy_said, brief=roomy_said) if system.disks else unknown("disk space could not be read")


def one_per_mount(disks: tuple[Disk, ...]) -> list[Disk]:
    """The disks, each file system once, for the first use that is named."""
    return list({disk.mount: disk for disk in reversed(disks) if not disk.read_only}.values())[::-1]


def _judged(disk: Disk) -> Finding | None:
    """What is wrong with one disk. On a full one some file systems have no room for files either: that is one fault."""
    room = _room(disk)
    return room if room and room.status is Status.FAIL else _inodes(disk) or room


def _amount(size: int) -> str:
    """A size as people say it."""
    return f"{size / GIB:.1f} GiB" if size >= GIB // 10 else f"{size / MIB:.0f} MiB"


def _room(disk: Disk) -> Finding | None:
    """What is wrong with the bytes of one disk."""
    full, low = _least(disk)
    if disk.total == 0 or disk.free >= low:
        return None
    message = f"only {_amount(disk.free)} free on {disk.mount} ({disk.use}: {disk.path})"
    evidence = {"mount": disk.mount, "free": f"{disk.free / MIB:.0f} MiB", "total": f"{disk.total / MIB:.0f} MiB"}
    room = fix("system.temp") if disk.use == "temporary files" else fix("system.free-disk")
    judge, cause = (fail, "disk-full") if disk.free < full else (warn, "disk-low")
    return judge(cause, message, subject=disk.use, evidence=evidence, fix=room)


def _least(disk: Disk) -> tuple[int, int]:
    """Below which sizes a disk is full, and low, for its use. A small one is as its owner wants it until nothing goes on it."""
    if disk.use == "environment":
        return FULL, LOW
    if disk.use == "temporary files":
        return NEARLY_NOTHING, FULL if disk.total > 2 * FULL else NEARLY_NOTHING
    if disk.use == "home":  # alone there: what is installed and downloaded goes elsewhere
        return 0, NEARLY_NOTHING
    return (FULL, LOW) if disk.total > 2 * LOW else (NEARLY_NOTHING, FULL)


def _inodes(disk: Disk) -> Finding | None:
    """A disk on which no more files can be made, though there are bytes left. Where files have no fixed number it tells 0."""
    few = FEW_INODES_TEMPORARY if disk.use == "temporary files" else FEW_INODES
    if disk.inodes == 0 or disk.inodes_free >= min(few, disk.inodes // 10 + 1):
        return None
    message = f"only {disk.inodes_free} more files can be created on {disk.mount} ({disk.use}: {disk.path}): out of inodes"
    evidence = {"mount": disk.mount, "files possible": str(disk.inodes), "free": f"{disk.free / MIB:.0f} MiB"}
    room = fix("system.temp") if disk.use == "temporary files" else fix("system.free-inodes", mount=disk.mount)
    return fail("inodes-full", message, subject=disk.use, evidence=evidence, fix=room)


@check("system.shared-memory", causes=("shm-too-small",))
def shared_memory_is_enough(system: System, libraries: Libraries) -> Finding:
    """Shared memory.

    Docker gives 64 MiB; a batch of images handed over between processes ends in a bus error.
    """
    if system.shm_total is None:
        return skip("this system has no /dev/shm")
    if not libraries.find("torch"):
        return skip("torch is not installed")
    if system.shm_total > DOCKER_DEFAULT:
        return ok(f"{system.shm_total / GIB:.1f} GiB of shared memory")
    message = f"/dev/shm has {system.shm_total / MIB:.0f} MiB: DataLoader workers may crash with a bus error"
    return warn("shm-too-small", message, fix=fix("system.shm"))
