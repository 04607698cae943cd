"""Read what a Python is: version, build, prefixes, where it installs to."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any


def read_python(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the version, the folders and the encodings of this Python."""
    import struct
    import sysconfig
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    try:
        import site

        user_site = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    except Exception:  # no HOME, no passwd entry
        user_site = None
    said = {
        "version": "%d.%d.%d" % sys.version_info[:3],
        "release_level": sys.version_info[3],
        "implementation": _implementation(),
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "real_prefix", sys.base_prefix),  # virtualenv before version 20
        "conda": os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
        "bits": struct.calcsize("P") * 8,
        "platform": sys.platform,
        "machine": _machine(),
        "libc": _libc(sysconfig),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "ensurepip": find_spec("ensurepip") is not None,
        "pip": bool(PathFinder.find_spec("pip") or find_spec("pip")),  # the finder of setuptools loads traceback for it
        "externally_managed": os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")),
        "user_site": user_site,
        "path": [entry for entry in sys.path if entry],
        "start_files": _start_files(find_spec),
        "apple_silicon": _is_apple_silicon(),
        "python_home": os.environ.get("PYTHONHOME") or None,
        "own_prefix": _own_prefix(),
    }
    said.update(_encodings())
    said.update(_installs_into(sysconfig.get_path("purelib")))
    return said


def _implementation() -> str:
    """As `platform.python_implementation` says it; that module takes longer to load than all else here."""
    if sys.implementation.name == "cpython":
        return "CPython"
    import platform

    return platform.python_implementation()


def _machine() -> str:
    """As `platform.machine` says it."""
    if hasattr(os, "uname"):
        return os.uname().machine
    import platform

    return platform.machine()


def _encodings() -> "dict[str, str]":
    """What this Python writes and reads texts in."""
    return {
        "stdout_encoding": getattr(sys.stdout, "encoding", None) or "utf-8",  # a start file may have put anything in its place
        "stdout_errors": getattr(sys.stdout, "errors", None) or "strict",
        "open_encoding": open_encoding(),
        "io_encoding": os.environ.get("PYTHONIOENCODING", ""),
    }


def _installs_into(purelib: str) -> "dict[str, Any]":
    """The folder that packages go into, and what stands in the way."""
    there = nearest_existing(purelib)
    obstacle = write_obstacle(there)
    return {
        "purelib": purelib,
        "purelib_writable": not obstacle,
        "purelib_owner": owner_name(there),
        "purelib_obstacle": obstacle,
    }


def _start_files(find_spec: "Callable[[str], ModuleSpec | None]") -> "dict[str, str]":
    """The files that Python imports at every start, where they are found."""
    found = {}
    for name in ("sitecustomize", "usercustomize"):
        try:
            spec = find_spec(name)
        except Exception:  # a module that was put there by hand has no spec
            spec = None
        if spec is not None and spec.origin:
            found[name] = spec.origin
    return found


def _is_apple_silicon() -> bool:
    """Whether this Mac has an ARM processor: under Rosetta everything else says x86_64.

    https://developer.apple.com/documentation/kernel/1387446-sysctlbyname/determining_system_capabilities
    """
    if sys.platform != "darwin":
        return False
    import subprocess

    try:
        said = subprocess.check_output(["/usr/sbin/sysctl", "-n", "hw.optional.arm64"], stderr=subprocess.DEVNULL, timeout=2)
    except (OSError, subprocess.SubprocessError):  # an Intel Mac does not know this name
        return False
    return said.strip() == b"1"


def _own_prefix() -> str:
    """The installation that the program itself lies in, links resolved; PYTHONHOME may send it elsewhere."""
    program = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable or "")
    folder = os.path.dirname(program)
    if os.name == "nt":
        prefix, library = folder, os.path.join(folder, "Lib")
    else:
        prefix = os.path.dirname(folder)
        library = os.path.join(prefix, "lib", "python%d.%d" % sys.version_info[:2])
    return prefix if os.path.isfile(os.path.join(library, "os.py")) else ""


def _libc(sysconfig: "Any") -> str:
    """Such as "glibc 2.36" or "musl"; empty where there is none to speak of."""
    if "musl" in (sysconfig.get_config_var("SOABI") or "") + (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        return "musl"
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""


def nearest_existing(folder: str) -> str:
    """The folder, or its nearest parent that exists."""
    while not os.path.exists(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def write_obstacle(folder: str) -> str:
    """Why an install into this folder would fail; empty where it could succeed."""
    if os.access(folder, os.W_OK):
        return ""
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return "read-only"
        return "mode" if os.stat(folder).st_uid == os.geteuid() else "owner"
    except (OSError, AttributeError):  # Windows has neither
        return "owner"


def owner_name(folder: str) -> str:
    """The name or number of the owner of a folder; empty where that cannot be told."""
    try:
        uid = os.stat(folder).st_uid
    except OSError:
        return ""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


def open_encoding() -> str:
    """What open() reads and writes texts in, unless it is told."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # with PYTHONWARNDEFAULTENCODING this very question is warned of
        with open(os.devnull) as nothing:
            return nothing.encoding
