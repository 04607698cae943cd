"""Which environment a repair may change, and which it never does: the system's, conda's base, another project's."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput
from ..patient.target import BIN, Target, venvs_of
from .commands import Scope
from .states import Store

PROJECT_FILES = ("pyproject.toml", "setup.py", "requirements.txt", ".git")


class NotOurs(BadInput):
    """An environment that no repair of this project may change; the text says why."""


def scope_of(target: Target, project: Path) -> Scope:
    """What may be changed for this target. A Python that everything shares is not: there `.venv` can be made. Raises NotOurs."""
    prefix = Path(target.prefix)
    if not is_environment(prefix):
        prefix = project / ".venv"
    elif is_conda_base(prefix):
        raise NotOurs(f"{prefix} is the base environment of conda, which is never repaired: make one with `conda create`")
    elif owner := _owner(prefix, target, project):
        way = f"deactivate it, or name it with --target {prefix}"
        raise NotOurs(f"{prefix} belongs to another project ({owner}), so nothing is repaired in it: {way}")
    return Scope(Path(os.path.realpath(prefix)), project, prefix)


def store_of(scope: Scope) -> Store:
    """Where the states of an environment are."""
    return Store(scope.environment)


def is_environment(prefix: Path) -> bool:
    """Whether a folder is an environment, be it a broken one, and no shared Python; no if it cannot be entered."""
    if os.path.isdir(prefix / "conda-meta") or os.path.isfile(prefix / "pyvenv.cfg"):
        return True
    return os.path.isfile(prefix / BIN / "activate")


def is_conda_base(prefix: Path) -> bool:
    """Whether conda itself is installed in a folder."""
    return (prefix / "conda-meta").is_dir() and ((prefix / "condabin").is_dir() or (prefix / "envs").is_dir())


def _owner(prefix: Path, target: Target, project: Path) -> str:
    """The other project that an environment belongs to; empty where it is this one's, nobody's, or was named by the user."""
    ours = [project, *project.parents]
    parent = Path(os.path.realpath(prefix)).parent
    if (
        target.chosen_by in ("--python", "kernel", "caller")
        or prefix in list(venvs_of(project))
        or parent in map(Path, map(os.path.realpath, ours))
    ):
        return ""
    return str(parent) if any((parent / name).exists() for name in PROJECT_FILES) else ""
