"""How much this machine can do at once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MEMORY_PER_IMPORT = 700e6  # bytes: what importing the largest libraries takes
CGROUPS = Path("/sys/fs/cgroup")
LIMITS = (  # how the memory of a group is limited and how much it uses: cgroup v2, then v1
    ("memory.max", "memory.current"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def slots() -> int:
    """How many heavy processes may run at once: one a core, as long as there is memory for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(free_memory() / MEMORY_PER_IMPORT)))


def free_memory() -> float:
    """Bytes that new processes can use, by the machine and by the container; unknown counts as plenty."""
    machine = float("inf")
    with suppress(OSError, ValueError), open("/proc/meminfo", encoding="ascii") as file:
        machine = next((float(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:")), machine)
    return min([machine, *(_left(folder, *names) for folder in _groups() for names in LIMITS)])


def _groups() -> list[Path]:
    """The control groups that this process is in, and those around them; inside a container the first is the top."""
    found = [CGROUPS, CGROUPS / "memory"]
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text("utf-8", "replace").splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            if controllers in ("", "memory"):
                own = CGROUPS / controllers / path.lstrip("/")
                found += [own, *(folder for folder in own.parents if CGROUPS in folder.parents)]
    return found


def _left(folder: Path, limit: str, used: str) -> float:
    """What is left of the memory of a group. What it keeps of files is given back when it is needed."""
    with suppress(OSError, ValueError):
        most = float((folder / limit).read_text())  # "max" is no number
        kept = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        files = float(kept.get("total_inactive_file", kept.get("inactive_file", 0)))
        return max(0.0, most - float((folder / used).read_text()) + files)
    return float("inf")
