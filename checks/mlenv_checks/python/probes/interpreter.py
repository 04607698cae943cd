"""Read how whole a Python is: its extension modules, the library it runs with, the folders of PYTHONPATH."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

EXTENSIONS = ("_ssl", "_ctypes", "_lzma", "_bz2", "_sqlite3", "zlib")  # what pip, numpy and their like load: so do we
LARGEST_LIBRARY = 1 << 26  # bytes: more than any libpython has


def read_interpreter(question: "dict[str, Any]") -> "dict[str, Any]":
    library = _loaded_library()
    return {
        "lacking": _lacking_modules(),
        "library": library,
        "own_library": _own_library(library),
        "python_path": _foreign_path_entries(question.get("names", ())),
    }


def _lacking_modules() -> "dict[str, str]":
    """Which extension modules are not there, or do not load; only those of CPython are made in the same way everywhere."""
    if sys.implementation.name != "cpython":
        return {}
    found = {name: _trouble_with(name) for name in EXTENSIONS}
    return {name: why for name, why in found.items() if why is not None}


def _trouble_with(name: str) -> "str | None":
    """Why a module cannot be used, "" where it is not there; None where nothing is wrong."""
    from importlib.util import find_spec

    try:
        if name not in sys.modules and find_spec(name) is None:
            return ""
        __import__(name)
    except Exception as why:
        return str(why)
    return None


def _loaded_library() -> str:
    """The libpython of this process, as the kernel maps it; empty where none is, or where this is no Linux."""
    try:
        with open("/proc/self/maps", "rb") as file:
            lines = file.read(1 << 22).splitlines()
    except OSError:
        return ""
    paths = (line[line.index(b"/") :] for line in lines if b"/libpython3." in line)
    return next((os.fsdecode(path) for path in paths if os.path.basename(path).startswith(b"libpython3.")), "")


def _own_library(library: str) -> str:
    """A library of the same name in the installation that this Python says it is; empty where it has none, or runs with it.

    Fedora may have two in one installation, for programs of 32 and of 64 bits.
    """
    if not library:
        return ""
    places = [os.path.join(sys.base_prefix, name) for name in ("lib", "lib64")]
    candidates = [os.path.join(place, os.path.basename(library)) for place in places]
    found = [path for path in candidates if os.path.isfile(path)]
    return "" if not found or any(_is_same(library, path) for path in found) else found[0]


def _is_same(one: str, other: str) -> bool:
    """Whether two paths lead to one file, or to two with the same bytes."""
    import filecmp

    try:
        if os.path.samefile(one, other):
            return True
        sizes = os.path.getsize(one), os.path.getsize(other)
        return sizes[0] == sizes[1] < LARGEST_LIBRARY and filecmp.cmp(one, other, shallow=False)
    except OSError:
        return True


def _foreign_path_entries(names: "Collection[str]") -> "list[dict[str, Any]]":
    """The folders of PYTHONPATH that are not the environment's own."""
    import sysconfig

    own = [os.path.realpath(folder) for folder in (sys.prefix, sys.base_prefix)]
    site = sysconfig.get_path("purelib")
    found = []
    for entry in dict.fromkeys(os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        real = os.path.realpath(entry)
        if not entry or not os.path.isdir(entry) or real == os.path.realpath(site):
            continue
        said = _path_entry(entry, names, site)
        inside = any(real.startswith(os.path.join(folder, "lib")) for folder in own)
        if not inside or said["minor"] not in ("", "%d.%d" % sys.version_info[:2]):
            found.append(said)
    return found[:50]


def _path_entry(entry: str, names: "Collection[str]", site: str) -> "dict[str, Any]":
    import re

    minor = re.search(r"(?i)python(3)\.?(\d+)[/\\](?:Lib[/\\])?(?:site|dist)-packages[/\\]?$", entry)
    libraries = [name for name in names if _has_module(entry, name)]
    return {
        "path": entry,
        "minor": ".".join(minor.groups()) if minor else "",
        "libraries": libraries,
        "hidden": [name for name in libraries if _has_module(site, name)],
    }


def _has_module(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name, "__init__.py")) or os.path.isfile(os.path.join(folder, name + ".py"))
