"""A command that the system did not start: which of the few reasons it was, seen from the disk."""

from __future__ import annotations

import difflib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..patient.target import BIN, venvs_of
from ..records import dataclass
from ..running.interpreter import first_lines
from ..running.quote import typed
from .reading import Cure, Kind, Reading
from .text import one_line

MOST = 5000  # commands of PATH that a mistyped one is compared with


@dataclass(frozen=True)
class NotStarted:
    """text: as a shell would have said it, for the reader; empty where the rest is sure. otherwise: what is said without it."""

    text: str
    otherwise: Reading


def not_started(command: Sequence[str], refused: int, project: Path) -> NotStarted:
    """Why a command did not start."""
    name = command[0]
    path = shutil.which(name) or (name if os.path.isdir(name) or (os.sep in name and os.path.lexists(name)) else "")
    shown = one_line(name, 100)
    if not name:
        return _sure("The command is empty")
    if path and os.path.isdir(path):
        return _sure(f"{shown} is a folder, not a program")
    if os.path.isfile(name) and name.endswith(".py"):
        run = typed(["python", *command])
        return _sure(f"{shown} is a Python program, not a command", Cure("Run it with Python", run=(run,)))
    if refused in (errno.ENOENT, errno.ENOTDIR):
        return _without_interpreter(path) if path else _nowhere(command, project)
    if refused == errno.EACCES and os.path.isfile(path):
        script = first_line(path).startswith("#!")
        cure = Cure("Make it executable", run=(typed(["chmod", "+x", path]),)) if script else None
        return _sure(f"{shown} is not executable", cure)
    return _sure(f"{shown} could not be started: {os.strerror(refused).lower()}")


def _sure(message: str, cure: Cure | None = None, cause: str = "") -> NotStarted:
    return NotStarted("", Reading(Kind.ENVIRONMENT, message, cause, cure=cure))


def _without_interpreter(path: str) -> NotStarted:
    """A script whose interpreter is gone, or a program whose loader is."""
    first, shown = first_line(path), one_line(path, 200)
    if not first.startswith("#!") or not first[2:].split():
        return _sure(f"{shown} is built for another system: its loader is missing here")
    interpreter = one_line(first[2:].split()[0], 200)
    return NotStarted(
        f"{path}: {interpreter}: bad interpreter: No such file or directory",
        Reading(
            Kind.ENVIRONMENT,
            f"{shown} cannot start: its interpreter {interpreter} does not exist",
            evidence=("This happens if a virtual environment was moved or copied, or its Python was removed.",),
        ),
    )


def first_line(path: str) -> str:
    """The first line of a script."""
    return next(iter(first_lines(path)), "")


def _nowhere(command: Sequence[str], project: Path) -> NotStarted:
    """No such command: it may be in an environment that is not active, or mistyped."""
    name = command[0]
    shown = one_line(name, 100)
    if os.sep in name:
        return _sure(f"{shown} does not exist")
    for folder in venvs_of(project):
        if shutil.which(name, path=str(folder / BIN)):
            there = os.path.relpath(folder / BIN / name)
            run = typed([there if os.sep in there else os.path.join(".", there), *command[1:]])
            says = f"{shown} is installed in {os.path.relpath(folder)}, which is not active"
            return _sure(says, Cure(f"Run it from there, or activate {os.path.relpath(folder)}", run=(run,)))
    near = difflib.get_close_matches(name, _commands(), n=1, cutoff=0.75)
    meant = f"; did you mean {near[0]}?" if near else ""
    return NotStarted(f"{name}: command not found", Reading(Kind.ENVIRONMENT, f"Command not found: {shown}{meant}"))


def _commands() -> list[str]:
    """The names of what is on PATH."""
    found: dict[str, None] = {}
    for folder in os.get_exec_path():
        try:
            found.update(dict.fromkeys(os.listdir(folder or ".")[:MOST]))
        except OSError:
            continue
    return list(found)[:MOST]
