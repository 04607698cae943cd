"""Describe the patient as the cheat sheet asks about it: which manager, shell, place, kind of environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import TypeVar

from ..facts import Fact, Snapshot, every_fact
from ..patient import Place, Python, Venv
from ..patient.target import Target
from ..running.quote import here

F = TypeVar("F", bound=Fact)


def describe(snapshot: Snapshot, target: Target, project: str, session: str = "", elsewhere: bool = False) -> Mapping[str, str]:
    """The circumstances that ways of a fix may depend on, and the blanks that their commands may use.

    session: what the patient's owner types into, if that is no shell: a "notebook", or "ipython" in a terminal.
    elsewhere: whether the patient is another machine than the reader's.
    """
    place = _fact(snapshot, Place) or Place()
    python = _fact(snapshot, Python) or Python(
        executable=target.python, prefix=target.prefix, base_prefix=f"{target.prefix}/base", version="3.12.0"
    )
    venv_fact = _fact(snapshot, Venv) or Venv()
    windows = place.os == "windows"
    path = PureWindowsPath if windows else PurePosixPath
    venv = path(project) / ".venv"
    conda = (venv_fact.target_conda or python.conda) and not python.in_venv
    shell = ("cmd" if windows else "sh") if session else place.shell  # what `!` starts in a cell
    return {
        **{name: value for kind in every_fact() for name, value in kind.circumstances(snapshot).items()},
        "os": place.os,
        "distro": place.distro or "other",
        "place": place.kind,
        "shell": shell,
        "reader": here() if elsewhere else shell,
        "session": session,
        "root": "yes" if place.root else "no",
        "env": _environment(python, conda),
        "manager": _manager(python, venv_fact, place, conda),
        "uv": "yes" if place.uv else "no",
        "python": python.executable or target.python,
        "prefix": python.prefix or target.prefix,
        "python_minor": "{}.{}".format(*python.minor),
        "base_python": place.system_python or ("python" if windows else "python3"),
        "project": project,
        "project_name": re.sub(r"[^A-Za-z0-9._-]+", "-", path(project).name).strip("-.") or "project",
        "venv": str(venv),
        "venv_python": str(venv / ("Scripts/python.exe" if windows else "bin/python")),
    }


def _fact(snapshot: Snapshot, kind: type[F]) -> F | None:
    """A fact, or None where it is missing."""
    found = snapshot.get(kind)
    return found if isinstance(found, kind) else None


def _environment(python: Python, conda: bool) -> str:
    """What kind of environment this Python belongs to."""
    if python.in_venv:
        return "venv"
    if conda:
        return "conda"
    return "externally-managed" if python.externally_managed else "system"


def _manager(python: Python, venv: Venv, place: Place, conda: bool) -> str:
    """Which program manages this environment, by evidence: who made it, what is in it, what is on PATH."""
    if conda:
        return "conda"
    made_by_uv = bool(venv.target and venv.target.maker == "uv") or venv.lock == "uv"
    if place.uv and (made_by_uv or not python.pip):
        return "uv"
    return "pip" if python.pip else "none"
