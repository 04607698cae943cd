"""Read disk and memory."""

import os
import sys

from .control_groups import memory_limits
from .file_systems import disk_of, statistics_of
from .usual_folders import downloads_folder, temporary_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MEMORY_FILE = "/proc/meminfo"


def read_system(question: "dict[str, Any]") -> "dict[str, Any]":
    places = [
        ("environment", question["prefix"] or question["project"]),
        ("project", question["project"]),
        ("temporary files", temporary_folder()),
        ("downloads", downloads_folder()[0]),
        ("home", os.path.expanduser("~")),
    ]
    memory = memory_of_machine()
    limit, left = memory_limits()
    shm = statistics_of("/dev/shm") if sys.platform == "linux" else None
    return {
        "disks": [disk for disk in (disk_of(use, path) for use, path in places) if disk],
        "memory_total": memory.get("MemTotal"),
        "memory_available": memory.get("MemAvailable"),
        "memory_limit": limit,
        "memory_left": left,
        "swap_total": memory.get("SwapTotal"),
        "shm_total": shm.f_frsize * shm.f_blocks if shm else None,
        "shm_free": shm.f_frsize * shm.f_bavail if shm else None,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "root": hasattr(os, "geteuid") and os.geteuid() == 0,
    }


def memory_of_machine() -> "dict[str, int]":
    """Bytes by the names of /proc/meminfo; elsewhere through psutil, where that is installed."""
    try:
        with open(MEMORY_FILE) as file:
            lines = (line.split() for line in file)
            return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) > 2}
    except (OSError, ValueError):
        pass
    try:
        import psutil
    except ImportError:
        return _memory_by_pages()
    memory = psutil.virtual_memory()
    return {"MemTotal": memory.total, "MemAvailable": memory.available, "SwapTotal": psutil.swap_memory().total}


def _memory_by_pages() -> "dict[str, int]":
    try:
        return {"MemTotal": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")}
    except (AttributeError, OSError, ValueError):
        return {}
