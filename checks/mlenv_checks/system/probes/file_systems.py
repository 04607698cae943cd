"""Read what a file system is and how much it has left."""

import os
import sys

from mlenv_doctor.probekit import file_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WITHOUT_COUNT = ("fuse", "9p", "drvfs", "cifs", "smb", "vboxsf", "virtiofs")  # they make up how many files there can be


def disk_of(use: str, path: str) -> "dict[str, Any] | None":
    """The file system of a folder, or of its nearest parent that exists."""
    while not os.path.isdir(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    stats, mount = statistics_of(path), _mount_point(path)
    try:
        free, total = _free_and_total(path, stats)
    except OSError:
        return None
    counts = stats and sys.platform == "linux" and not kind_of(mount).startswith(WITHOUT_COUNT)
    return {
        "use": use,
        "path": path,
        "mount": mount,
        "free": free,
        "total": total,
        "read_only": bool(stats and hasattr(os, "ST_RDONLY") and stats.f_flag & os.ST_RDONLY),
        "inodes": stats.f_files if stats and counts else 0,
        "inodes_free": stats.f_favail if stats and counts else 0,
    }


def _free_and_total(path: str, stats: "os.statvfs_result | None") -> "tuple[int, int]":
    """The bytes that are left for us, and all. Raises OSError. `shutil`, which knows Windows, brings all compressions along."""
    if stats:
        return stats.f_bavail * stats.f_frsize, stats.f_blocks * stats.f_frsize
    import shutil

    size = shutil.disk_usage(path)
    return size.free, size.total


def statistics_of(path: str) -> "os.statvfs_result | None":
    try:
        return os.statvfs(path)
    except (OSError, AttributeError):
        return None


def _mount_point(path: str) -> str:
    path = os.path.realpath(path)
    while not os.path.ismount(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def kind_of(mount: str) -> str:
    """The kind of the file system that is mounted there, such as "ext4"; empty where the kernel does not tell."""
    lines = [line.split() for line in file_text("/proc/self/mounts", 1 << 20).splitlines()]
    escaped = mount.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011").replace("\n", "\\012")
    return next((words[2] for words in reversed(lines) if len(words) > 2 and words[1] == escaped), "")
