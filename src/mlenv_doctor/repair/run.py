"""Run the commands of a step, so that they end with us, and know what they would have done to the user's shell."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..model import Command
from .changes import last_line

LONGEST = 3600.0  # seconds that one command may take
ACTIVATES = re.compile(r"(?i)(.+)[/\\](?:bin|Scripts)[/\\]activate(\.\w+)?")


class Failed(Exception):
    """A command failed; the text says how."""


def run(commands: Sequence[Command], environment: Path, project: Path, longest: float = LONGEST) -> None:
    """Run commands one after the other. Raises Failed at the first that fails; whatever it started is ended by then."""
    active = {"VIRTUAL_ENV": str(environment)} if (environment / "pyvenv.cfg").exists() else {}
    for command in commands:
        run_one(command.argv, project, {**os.environ, **active, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, longest)


def run_one(argv: Sequence[str], project: Path, environ: Mapping[str, str], longest: float = LONGEST) -> None:
    """Run one command with these variables. Raises Failed, with the line that says why."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                argv, cwd=project, env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=sys.platform != "win32",
            )  # fmt: skip
        except OSError as why:
            raise Failed(f"{argv[0]}: {why.strerror}") from None
        try:
            code = process.wait(longest)
        except subprocess.TimeoutExpired:
            raise Failed(f"{_name(argv)} did not end within {lasted(longest)}") from None
        finally:
            _end(process)
        if code:
            said.seek(0)
            raise Failed(last_line(said.read().decode("utf-8", "replace")) or f"{_name(argv)} ended with exit code {code}")


def lasted(seconds: float) -> str:
    """Such as "60 minutes", or "45 s"."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started; one that is at its end already has nothing to lose."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _name(argv: Sequence[str]) -> str:
    return " ".join([os.path.basename(argv[0]), *argv[1:4]])[:80]


@contextmanager
def as_in_the_shell(commands: Iterable[Command]) -> Iterator[None]:
    """For as long as we look: the variables that these commands would set in the user's shell. Others stay as they are."""
    before = dict(os.environ)
    try:
        for command in commands:
            _obey(command.argv)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _obey(argv: Sequence[str]) -> None:
    """Do to our own variables what a command does to the shell's."""
    if argv[0] == "export":
        for name, _, value in (pair.partition("=") for pair in argv[1:] if "=" in pair):
            os.environ[name] = value
    elif argv[0] == "unset":
        for name in argv[1:]:
            os.environ.pop(name, None)
    elif match := ACTIVATES.fullmatch(argv[-1]):
        os.environ["VIRTUAL_ENV"] = match[1]
        folder = os.path.dirname(argv[-1])
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
        os.environ.pop("PYTHONHOME", None)
