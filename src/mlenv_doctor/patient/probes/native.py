"""Read what there is to compile for this Python, and what its own standard library lacks. Nothing is started."""

import os
import sys

from mlenv_doctor.probekit import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOOLS = (
    "cc", "gcc", "clang", "c++", "g++", "clang++", "cl", "gfortran", "make", "cmake", "ninja", "pkg-config", "rustc", "cargo",
    "nvcc", "pg_config", "mysql_config", "swig", "git", "java", "ffmpeg",
)  # fmt: skip
CHOSEN = {"CC": "cc", "CXX": "c++"}  # the variables that name a compiler
EXTENSIONS = (
    "_ctypes", "_sqlite3", "_bz2", "_lzma", "_ssl", "_hashlib", "_tkinter", "_curses", "readline", "_dbm", "_gdbm", "_uuid",
    "zlib",
)  # fmt: skip


def read_native(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the tools on PATH, the headers of this Python, its SQLite and its missing extension modules."""
    import sysconfig

    headers = sysconfig.get_path("include") or ""
    platform = sysconfig.get_path("platinclude") or headers
    return {
        "tools": _tools(),
        "headers": headers,
        "has_headers": any(os.path.isfile(os.path.join(folder, "Python.h")) for folder in (headers, platform)),
        "sqlite": _sqlite(),
        "lacking": _lacking(),
    }


def _tools() -> "dict[str, str]":
    """The file that each tool is; a compiler that a variable names counts as one on PATH."""
    found = {name: which(name) for name in TOOLS}
    for variable, name in CHOSEN.items():
        words = os.environ.get(variable, "").split()
        found[name] = found[name] or (which(os.path.basename(words[0]), os.path.dirname(words[0]) or None) if words else None)
    return {name: os.path.realpath(path) for name, path in found.items() if path}


def _sqlite() -> str:
    try:
        from _sqlite3 import sqlite_version
    except Exception:  # not there, or what it is linked to does not load
        return ""
    return str(sqlite_version)


def _lacking() -> "list[str]":
    from importlib.util import find_spec

    return [name for name in EXTENSIONS if name not in sys.modules and find_spec(name) is None]
