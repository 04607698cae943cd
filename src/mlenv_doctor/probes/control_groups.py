"""Read what the control groups of Linux allow this process: the groups it is in, and all of their parents."""

_CG_ROOT = "/sys/fs/cgroup"
_CG_NONE = 1 << 60  # version 1 says "no limit" as a huge number of whole pages (kernel: PAGE_COUNTER_MAX)


def _cg_folders(controller):
    """The folders of this process's groups that govern a controller, the innermost first, and whether they are of version 1.

    In a container /proc may name the path on the host, of which only the end is mounted: what is not there is passed over.
    """
    for line in _cg_text("/proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = _CG_ROOT + "/" + controller if controllers else _CG_ROOT
        while path:
            yield root + path.rstrip("/"), bool(controllers)
            path = "" if path in ("/", ".") else os.path.dirname(path)


def _cg_text(path):
    try:
        with open(path) as file:
            return file.read(65536).strip()
    except (OSError, ValueError):
        return ""


def _cg_number(path):
    """The number in a file; None where the file is absent or empty, or says "max"."""
    text = _cg_text(path)
    return int(text) if text.isdigit() and int(text) < _CG_NONE else None


def _cg_memory():
    """The smallest limit of memory, and what is left under the tightest: bytes, or None for no limit."""
    limits, left = [], []
    for folder, first in _cg_folders("memory"):
        limit = _cg_number(folder + ("/memory.limit_in_bytes" if first else "/memory.max"))
        if limit is None:
            continue
        limits.append(limit)
        used = _cg_number(folder + ("/memory.usage_in_bytes" if first else "/memory.current"))
        if used is not None:
            left.append(max(0, limit - max(0, used - _cg_files(folder, first))))
    return min(limits) if limits else None, min(left) if left else None


def _cg_files(folder, first):
    """Of the memory in use, the part that holds copies of files and the like: the kernel takes it back when it is needed."""
    names = ("total_inactive_file", "total_active_file") if first else ("inactive_file", "active_file", "slab_reclaimable")
    pairs = [line.split() for line in _cg_text(folder + "/memory.stat").splitlines()]
    return sum(int(pair[1]) for pair in pairs if len(pair) == 2 and pair[0] in names and pair[1].isdigit())


def _cg_processors():
    """The smallest quota of processors, such as 1.5; None for none."""
    quotas = []
    for folder, first in _cg_folders("cpu"):
        if first:
            words = [_cg_text(folder + "/cpu.cfs_quota_us"), _cg_text(folder + "/cpu.cfs_period_us")]
        else:
            words = _cg_text(folder + "/cpu.max").split()
        if len(words) == 2 and all(word.isdigit() and int(word) for word in words):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas) if quotas else None
