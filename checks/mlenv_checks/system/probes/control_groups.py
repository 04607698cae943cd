"""Read what the control groups of Linux allow this process: the groups it is in, and all of their parents."""

import os

from mlenv_doctor.probekit import file_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_GROUPS = "/proc/self/cgroup"
MOUNTED_AT = "/sys/fs/cgroup"
NO_LIMIT = 1 << 60  # version 1 says "no limit" as a huge number of whole pages (kernel: PAGE_COUNTER_MAX)


def memory_limits() -> "tuple[int | None, int | None]":
    """The smallest limit of memory, and what is left under the tightest: bytes, or None for no limit."""
    limits, left = [], []
    for folder, is_first in _folders("memory"):
        limit = _number(folder + ("/memory.limit_in_bytes" if is_first else "/memory.max"))
        if limit is None:
            continue
        limits.append(limit)
        used = _number(folder + ("/memory.usage_in_bytes" if is_first else "/memory.current"))
        if used is not None:
            left.append(max(0, limit - max(0, used - _reclaimable(folder, is_first))))
    return min(limits) if limits else None, min(left) if left else None


def processor_quota() -> "float | None":
    """The smallest quota of processors, such as 1.5; None for none."""
    quotas = []
    for folder, is_first in _folders("cpu"):
        if is_first:
            words = [_text(folder + "/cpu.cfs_quota_us"), _text(folder + "/cpu.cfs_period_us")]
        else:
            words = _text(folder + "/cpu.max").split()
        if len(words) == 2 and all(word.isdigit() and int(word) for word in words):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas) if quotas else None


def _folders(controller: str) -> "Iterator[tuple[str, bool]]":
    """The folders of this process's groups that govern a controller, the innermost first, and whether they are of version 1.

    In a container /proc may name the path on the host, of which only the end is mounted: what is not there is passed over.
    """
    for line in _text(OWN_GROUPS).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = MOUNTED_AT + "/" + controller if controllers else MOUNTED_AT
        while path:
            yield root + path.rstrip("/"), bool(controllers)
            path = "" if path in ("/", ".") else os.path.dirname(path)


def _text(path: str) -> str:
    return file_text(path, 65536).strip()


def _number(path: str) -> "int | None":
    """The number in a file; None where the file is absent or empty, or says "max"."""
    text = _text(path)
    return int(text) if text.isdigit() and int(text) < NO_LIMIT else None


def _reclaimable(folder: str, is_first: bool) -> int:
    """Of the memory in use, the part that holds copies of files and the like: the kernel takes it back when it is needed."""
    names = ("total_inactive_file", "total_active_file") if is_first else ("inactive_file", "active_file", "slab_reclaimable")
    pairs = [line.split() for line in _text(folder + "/memory.stat").splitlines()]
    return sum(int(pair[1]) for pair in pairs if len(pair) == 2 and pair[0] in names and pair[1].isdigit())
