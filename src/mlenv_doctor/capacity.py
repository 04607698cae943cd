"""How much this machine can do at once."""

from __future__ import annotations

import os
from contextlib import suppress

MEMORY_PER_IMPORT = 700e6  # bytes: what importing the largest libraries takes


def slots() -> int:
    """How many heavy processes may run at once: one a core, as long as there is memory for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(free_memory() / MEMORY_PER_IMPORT)))


def free_memory() -> float:
    """Bytes that new processes can use; unknown counts as plenty."""
    with suppress(OSError, ValueError), open("/proc/meminfo", encoding="ascii") as file:
        return next(float(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:"))
    return float("inf")
