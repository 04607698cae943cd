"""Which programs run in an environment right now: they keep what they loaded, and on Windows they hold its files."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """One process: its number, and what it is, in words."""

    pid: int
    what: str


def running_in(environment: Path) -> tuple[Running, ...]:
    """The processes of an environment, besides this one and those that it was started by. Without psutil nothing is known."""
    try:
        import psutil
    except ImportError:
        return ()
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "exe"]):
        words, exe = process.info["cmdline"] or [], process.info["exe"] or ""
        if process.pid not in ours and _belongs([exe, *words[:2]], environment):
            found.append(Running(process.pid, _what(words)))
    return tuple(found)


def _belongs(paths: list[str], environment: Path) -> bool:
    """Whether a program or the script that it runs lies in the environment."""
    roots = {str(environment) + os.sep}
    with suppress(OSError):
        roots.add(os.path.realpath(environment) + os.sep)
    return any(path.startswith(root) for path in paths for root in roots)


def _what(words: list[str]) -> str:
    """What a process is: the kernel of a notebook, a server, or the name of its program."""
    line = " ".join(words)
    for sign, what in (
        ("ipykernel", "a notebook kernel"),
        ("jupyter", "Jupyter"),
        ("mlflow", "an MLflow server"),
        ("uvicorn", "uvicorn"),
    ):
        if sign in line:
            return what
    names = [os.path.basename(word) for word in words if not word.startswith("-")][:2]
    return " ".join(name for name in names if name.isprintable())[:60] or "a program"
