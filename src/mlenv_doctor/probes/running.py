"""Read which libraries of an environment were replaced while a running kernel has them loaded.

A kernel keeps what it imported: after an installation its memory holds the old files, which the system marks as deleted.
"""

_RUN_MOST = 4 << 20  # bytes of one list of mapped files


def _run_replaced(sites, modules):
    """The names of those libraries; only where the system tells, that is on Linux."""
    found = set()
    for path in _run_deleted():
        site = next((site for site in sites if path.startswith(os.path.realpath(site) + os.sep)), None)
        if site:
            found.add(_run_name(os.path.relpath(path, os.path.realpath(site)).split(os.sep)[0], modules))
    return sorted(found)[:8]


def _run_deleted():
    """The compiled modules that kernels of this user have loaded and that are no longer there."""
    for process in _kernel_list("/proc"):
        if process.isdigit() and b"kernel_launcher" in _run_bytes("/proc/%s/cmdline" % process, 4096):
            for line in _run_bytes("/proc/%s/maps" % process, _RUN_MOST).decode("utf-8", "replace").splitlines():
                path = line[line.find("/") :]
                if path.endswith(".so (deleted)"):
                    yield path[: -len(" (deleted)")]


def _run_name(entry, modules):
    """The library that a folder belonged to: pip first renames what it replaces, numpy to ~umpy (AdjacentTempDirectory)."""
    name = entry.partition(".")[0]
    alike = (module for module in sorted(modules) if len(module) == len(name) and module[1:] == name[1:].lower())
    return next(alike, name) if name.startswith("~") else name


def _run_bytes(path, most):
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""
