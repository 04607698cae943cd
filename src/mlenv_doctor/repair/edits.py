"""What a step would do to files of the project, said beforehand: its commands are run on copies, and the copies are compared."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import image

LARGEST = 1 << 20  # bytes of a file that is compared
MOST = 20  # lines of a difference that are shown
LONGEST = 20.0  # seconds for one command
SECRET = re.compile(r"\.env|secret|credential|\.netrc|\.pypirc|pip\.(conf|ini)", re.IGNORECASE)
BARE = re.compile(rb"(?<!\r)\n")  # the end of a line everywhere but on Windows
VALUE = re.compile(r"([=:]\s*)\S.*")


def preview(commands: Sequence[Sequence[str]], paths: Sequence[Path], project: Path) -> tuple[str, ...]:
    """The lines that say what would become of these files; none where that cannot be said. Nothing is changed."""
    if not paths or any(_too_large(path) for path in paths):
        return ()
    with tempfile.TemporaryDirectory(prefix="mlenv-doctor-") as folder:
        copies = {path: Path(folder, str(number), path.name) for number, path in enumerate(paths)}
        for path, copy in copies.items():
            copy.parent.mkdir()
            if os.path.lexists(path):
                image.take(path, copy, image.survey(path), linking=False)
        for argv in commands:
            if not _run([_elsewhere(word, copies) for word in argv], project):
                return ()
        return tuple(line for path, copy in copies.items() for line in _said(path, copy))


def _too_large(path: Path) -> bool:
    """Whether a path is more than a file that can be compared: a folder, or a large file."""
    return path.is_dir() or (path.is_file() and path.stat().st_size > LARGEST)


def _elsewhere(word: str, copies: dict[Path, Path]) -> str:
    """A word of a command, with the copy in place of the file."""
    return str(copies.get(Path(word), word)) if os.path.isabs(word) else word


def _run(argv: Sequence[str], project: Path) -> bool:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            argv, cwd=project, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=LONGEST,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _said(path: Path, copy: Path) -> list[str]:
    """What became of one file."""
    there, now = os.path.lexists(path), os.path.lexists(copy)
    if there and now and path.stat().st_mode != copy.stat().st_mode:
        modes = [f"{path.name}: mode {path.stat().st_mode & 0o777:o} -> {copy.stat().st_mode & 0o777:o}"]
    else:
        modes = []
    if there != now:
        return [f"{path.name}: {'deleted or moved' if there else 'new'}"]
    return modes + (_difference(path, copy) if there else [])


def _difference(path: Path, copy: Path) -> list[str]:
    old, new = (file.read_bytes().decode("utf-8", "backslashreplace").splitlines() for file in (path, copy))
    lines = list(difflib.unified_diff(old, new, path.name, path.name, lineterm="", n=1))[2:]
    if SECRET.search(path.name):
        lines = [VALUE.sub(r"\1...", line) for line in lines]
    more = [f"... and {len(lines) - MOST} more lines"] if len(lines) > MOST else []
    return [f"{path.name}:", *lines[:MOST], *more] if lines else []


def keep_line_ends(path: Path, before: Path) -> None:
    """Where every line of a file ended as on Windows, those that a command added do so as well. Raises OSError."""
    if path.is_symlink() or not (path.is_file() and before.is_file()) or path.stat().st_size > LARGEST:
        return
    old, new = before.read_bytes(), path.read_bytes()
    if b"\r\n" not in old or BARE.search(old) or not BARE.search(new):
        return
    beside = path.with_name(f".{path.name}.mlenv-doctor")
    beside.write_bytes(BARE.sub(b"\r\n", new))
    shutil.copystat(path, beside)
    os.replace(beside, path)
