"""Which Python is the patient, and why that one. Decided from files and variables; nothing is started."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import BadInput
from ..probekit import which
from ..records import dataclass

VENV_NAMES = (".venv", "venv", "env", "ml_env")  # the last is the cheat sheet's own
BIN = "Scripts" if sys.platform == "win32" else "bin"
EXE = ".exe" if sys.platform == "win32" else ""
PROGRAMS = (b"\x7fELF", b"MZ", *(bytes.fromhex(magic) for magic in ("cffaedfe", "cefaedfe", "feedfacf", "feedface", "cafebabe")))
NOT_STARTED = (
    "was not started: it is a file of this project and not an interpreter; "
    "activate its environment or name it with --python to trust it"
)


class NoPython(BadInput):
    """What was given as --python cannot be one; the text says why."""


@dataclass(frozen=True)
class Target:
    """The chosen interpreter. `prefix` is the folder of its environment where that is known beforehand."""

    python: str
    prefix: str
    chosen_by: str


def choose(project: Path, asked: str | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The Python to examine.

    --python, then VIRTUAL_ENV, CONDA_PREFIX, a virtual environment of the project, and the Python on PATH that is
    not in the doctor's own tool environment. An environment whose interpreter is gone is chosen all the same: that
    is what has to be said. Raises NoPython.
    """
    if asked is not None:
        return given(asked)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = environ.get(variable)
        if folder and os.path.isdir(folder):
            return of_environment(Path(folder), variable)
    for folder_path in venvs_of(project):
        return of_environment(folder_path, "project")
    for python in on_path(environ.get("PATH", os.defpath)):
        return Target(python, str(Path(python).parent.parent), "PATH")
    return Target(sys.executable, sys.prefix, "self")


def given(asked: str) -> Target:
    """The interpreter, command or environment that the user named. Raises NoPython."""
    asked_path = os.path.expanduser(asked)
    path = Path(asked_path)
    if os.path.isdir(path):
        target = of_environment(path, "--python")
        if not os.path.lexists(target.python):
            raise NoPython(f"--python {asked}: this folder holds no {BIN}/python{EXE}; name an interpreter or an environment")
        return target
    found = which(asked_path) or (asked_path if os.path.islink(path) else None)
    if found is None:
        reason = "this file is not executable" if os.path.exists(path) else "there is no such file or command"
        raise NoPython(f"--python {asked}: {reason}; name an interpreter such as .venv/{BIN}/python{EXE}")
    absolute = Path(os.path.abspath(found))  # not resolve(): the link is what makes it a venv's
    return Target(str(absolute), str(absolute.parent.parent), "--python")


def of_environment(folder: Path, chosen_by: str) -> Target:
    """The interpreter of an environment, whether it is still there or not."""
    folder = folder.absolute()
    candidates = [folder / BIN / f"python{EXE}", folder / BIN / f"python3{EXE}", folder / f"python{EXE}"]
    python = next((c for c in candidates if os.path.lexists(c)), candidates[0])
    return Target(str(python), str(folder), chosen_by)


def venvs_of(project: Path) -> Iterator[Path]:
    """The virtual environments of a project: in its folder, or in a parent up to the top of its repository."""
    project = project.absolute()
    for folder in (project, *project.parents):
        yield from (folder / name for name in VENV_NAMES if _is_venv(folder / name))
        if os.path.exists(folder / ".git") or str(folder) == os.path.expanduser("~") or not in_repository(folder):
            return


def mistrusted(target: Target, project: Path) -> str:
    """Why an interpreter that nobody named or activated is not started; empty where it may be.

    What came with a repository is started only if it is an interpreter by its looks, or a link to one outside.
    """
    if target.chosen_by != "project":
        return ""
    top = next((folder for folder in (project, *project.parents) if os.path.exists(folder / ".git")), project)
    real = os.path.realpath(target.python)
    if not os.path.exists(real) or not real.startswith(os.path.realpath(top) + os.sep):
        return ""
    try:
        with open(real, "rb") as file:
            known = stat.S_ISREG(os.fstat(file.fileno()).st_mode) and file.read(4).startswith(PROGRAMS)
    except OSError:
        return ""
    return "" if known else NOT_STARTED


def _is_venv(folder: Path) -> bool:
    """Whether a folder is a virtual environment. One that may not even be looked into counts: that is what has to be said."""
    try:
        return stat.S_ISREG((folder / "pyvenv.cfg").stat().st_mode)
    except PermissionError:
        return True
    except OSError:
        return False


def in_repository(folder: Path) -> bool:
    """Whether a folder lies in a git repository."""
    return any(os.path.exists(parent / ".git") for parent in (folder, *folder.parents))


def on_path(path: str) -> Iterator[str]:
    """The Pythons on PATH, without those of a tool environment that the doctor itself may be installed in."""
    names = ("python",) if sys.platform == "win32" else ("python3", "python")
    for name in names:
        for folder in path.split(os.pathsep):
            found = which(name, folder) if os.path.isabs(folder) else None
            if found and os.path.getsize(found) and not is_tool_environment(Path(found).parent.parent):
                yield found


def is_tool_environment(prefix: Path) -> bool:
    """Whether an environment was made to hold one program: by pipx, by `uv tool`, or by scripts/check.py."""
    signs = ("pipx_metadata.json", "uv-receipt.toml", "mlenv-doctor-own")
    return any(os.path.isfile(prefix / name) for name in signs) or is_short_lived(prefix)


def is_short_lived(prefix: Path) -> bool:
    """Whether uv made an environment in its cache for one run: `uvx` in archive-v0, `uv run --with` in builds-v0 as well."""
    bucket, _, version = os.path.basename(os.path.dirname(os.path.realpath(prefix))).partition("-v")
    return bucket in ("archive", "builds") and version.isdigit() and os.path.isfile(prefix / "pyvenv.cfg")
