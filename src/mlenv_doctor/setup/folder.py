"""Whether a folder may be set up: an empty one, a new one, or one that holds a project of Python."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput

SIGNS = (
    "requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "environment.yml", "environment.yaml", "Pipfile", "uv.lock",
    "conda.yaml", ".git",
)  # fmt: skip
CODE = (".py", ".ipynb")
HARMLESS = ("readme", "license", "notes", "data", "notebooks", "src", "tests", "docs")  # a project that has only just begun
SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin", "/sys", "/usr", "C:/Windows", "C:/Program Files")
MANY = 2000  # entries that are looked at


class UnfitFolder(BadInput):
    """A folder that is not set up; the text says why, and what to do instead."""


def refuse(folder: Path) -> None:
    """Raises UnfitFolder where a folder is something else than a project, or cannot be written."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise UnfitFolder(f"{folder} is a file; name a folder for the project")
    real = Path(os.path.realpath(folder))
    if real == real.parent or real == Path(os.path.realpath(Path.home())):
        what = "the root of the file system" if real == real.parent else "your home folder"
        raise UnfitFolder(f"{folder} is {what}; name a folder for the project, such as: mlenv-doctor setup my-project")
    if any(real.as_posix().startswith(f"{system}/") or real.as_posix() == system for system in SYSTEM):
        raise UnfitFolder(f"{folder} belongs to the system; name a folder for the project")
    if (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir():
        raise UnfitFolder(f"{folder} is an environment itself; name the folder of the project that it is for")
    first = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not os.access(first, os.W_OK | os.X_OK):
        raise UnfitFolder(f"{first} cannot be written (permission denied); name a folder of yours")
    if folder.is_dir():
        _refuse_contents(folder)


def _refuse_contents(folder: Path) -> None:
    names = [name for _, name in zip(range(MANY), sorted(os.listdir(folder)))]
    shown = [name for name in names if not name.startswith(".")]
    if not shown or any(name in SIGNS or name.endswith(CODE) or _is_code(folder / name) for name in names):
        return
    strange = [name for name in shown if name.lower().partition(".")[0] not in HARMLESS]
    if strange:
        raise UnfitFolder(
            f"{folder} holds something else than a Python project ({', '.join(strange[:3])}); name a new or an empty folder,"
            " or put a requirements.txt into this one"
        )


def _is_code(path: Path) -> bool:
    """Whether a folder has code or notebooks in it."""
    if not path.is_dir():
        return False
    try:
        return any(name.endswith(CODE) for _, name in zip(range(MANY), os.listdir(path)))
    except OSError:
        return False


def notebooks(folder: Path) -> bool:
    """Whether there are notebooks in a folder, or one level below."""
    if not folder.is_dir():
        return False
    below = (entry for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
    found = (path for place in (folder, *(Path(entry.path) for entry in below)) for path in place.glob("*.ipynb"))
    return any(found)
