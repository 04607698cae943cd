"""Read which libraries of an environment were replaced while a running kernel has them loaded.

A kernel keeps what it imported: after an installation its memory holds the old files, which the system marks as deleted.
"""

import os

from mlenv_doctor.probekit import file_bytes, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 4 << 20  # bytes of one list of mapped files


def replaced_libraries(sites: "list[str]", modules: "set[str]") -> "list[str]":
    """The names of those libraries; only where the system tells, that is on Linux."""
    found = set()
    for path in _deleted_modules():
        site = next((site for site in sites if path.startswith(os.path.realpath(site) + os.sep)), None)
        if site:
            found.add(_library_name(os.path.relpath(path, os.path.realpath(site)).split(os.sep)[0], modules))
    return sorted(found)[:8]


def _deleted_modules() -> "Iterator[str]":
    """The compiled modules that kernels of this user have loaded and that are no longer there."""
    for process in names_in("/proc"):
        if process.isdigit() and b"kernel_launcher" in file_bytes("/proc/%s/cmdline" % process, 4096):
            for line in file_bytes("/proc/%s/maps" % process, LARGEST).decode("utf-8", "replace").splitlines():
                path = line[line.find("/") :]
                if path.endswith(".so (deleted)"):
                    yield path[: -len(" (deleted)")]


def _library_name(entry: str, modules: "set[str]") -> str:
    """The library that a folder belonged to: pip first renames what it replaces, numpy to ~umpy (AdjacentTempDirectory)."""
    name = entry.partition(".")[0]
    alike = (module for module in sorted(modules) if len(module) == len(name) and module[1:] == name[1:].lower())
    return next(alike, name) if name.startswith("~") else name
