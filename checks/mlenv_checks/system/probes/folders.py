"""Read where programs write without being asked, and whether they can. Nothing is written to find out."""

import os

from mlenv_doctor.patient.probes.python import nearest_existing, owner_name, write_obstacle
from mlenv_doctor.probekit import which

from .usual_folders import downloads_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VARIABLES = ("HF_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR", "TORCH_HOME", "MPLCONFIGDIR")


def read_folders(question: "dict[str, Any]") -> "dict[str, Any]":
    home = os.path.expanduser("~")  # stays "~" where neither HOME nor the system names a home
    compilers = (which(name) for name in ("cc", "gcc", "clang"))
    return {
        "temporary": [_folder(path, name, must_exist=True) for name, path in _temporary_folders(question["project"])],
        "home": _folder(home, "HOME"),
        "downloads": _folder(*downloads_folder()),
        "named": [_folder(os.environ[name], name) for name in VARIABLES if os.environ.get(name)],
        "compiler": next((path for path in compilers if path), ""),
    }


def _temporary_folders(project: str) -> "Iterator[tuple[str, str]]":
    """The folders that Python's tempfile tries, in its order, each after the variable that names it."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        if os.environ.get(name):
            yield name, os.environ[name]
    if os.name == "nt":
        yield "", os.path.expandvars(r"%SYSTEMROOT%\Temp")
    else:
        for path in ("/tmp", "/var/tmp", "/usr/tmp"):
            yield "", path
    yield "", project


def _folder(path: str, variable: str = "", must_exist: bool = False) -> "dict[str, Any]":
    if path.startswith("~"):
        return {"path": ""}
    path = os.path.abspath(path)
    existing = nearest_existing(path)
    absent = must_exist and not os.path.isdir(path)
    return {
        "path": path,
        "variable": variable,
        "existing": existing,
        "obstacle": "absent" if absent else write_obstacle(existing),
        "owner": owner_name(existing),
        "noexec": _is_noexec(existing),
    }


def _is_noexec(folder: str) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)
    except (OSError, AttributeError):  # macOS has the flag and no name for it, Windows neither
        return False
