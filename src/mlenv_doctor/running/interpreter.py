"""Which Python a command line runs, made out from its words and files; nothing is started."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..patient.target import of_environment, venvs_of

PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?(?:\.exe)?", re.I)
WRAPPERS = {"env", "nohup", "time", "nice", "ionice", "timeout", "stdbuf", "setsid", "xvfb-run", "catchsegv", "numactl", "srun"}
FIRST = 1024  # bytes of a script that are read
HOPS = 4


def interpreter_of(command: Sequence[str], project: Path, hops: int = HOPS) -> str | None:
    """The Python of a command; None where that cannot be seen."""
    program = os.path.basename(command[0]) if command else ""
    if not program or not hops:
        return None
    if program in WRAPPERS:
        return _wrapped(command[1:], project, hops - 1)
    if program in ("uv", "uvx") and "run" in command[1:2]:
        return next((of_environment(folder, "project").python for folder in venvs_of(project)), None)
    path = shutil.which(command[0])
    if path is None:
        return None
    if PYTHON.fullmatch(program):
        return os.path.abspath(path)  # not resolve(): the link is what makes it a venv's
    return _of_script(path, project, hops - 1)


def _wrapped(words: Sequence[str], project: Path, hops: int) -> str | None:
    """The Python of what a wrapper starts: the first of its words that is a program."""
    for number, word in enumerate(words):
        if not word.startswith("-") and "=" not in word and shutil.which(word):
            return interpreter_of(words[number:], project, hops)
    return None


def _of_script(path: str, project: Path, hops: int) -> str | None:
    """The Python that the first line of a script names; where that would be too long, installers name it in the second one."""
    lines = first_lines(path)
    if not lines or not lines[0].startswith("#!"):
        return None
    words = lines[0][2:].split()
    if words and os.path.basename(words[0]) == "sh" and len(lines) > 1 and lines[1].startswith("'''exec' "):
        words = [lines[1].removeprefix("'''exec' ").rpartition(' "$0"')[0].strip('"')]
    found = interpreter_of(words, project, hops) if words else None
    named = bool(words) and bool(PYTHON.fullmatch(os.path.basename(words[0])))
    return found or (words[0] if named else None)


def first_lines(path: str) -> list[str]:
    """The first two lines of a file, where it is text."""
    try:
        with open(path, "rb") as file:
            return file.read(FIRST).decode("utf-8", "replace").splitlines()[:2]
    except OSError:
        return []
