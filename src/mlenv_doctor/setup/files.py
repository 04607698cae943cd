"""The files that a new project gets: a `.env` without a key in it, lines of `.gitignore`, and MLflow's folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

ENV = """# Keys for this project. git ignores this file.
# To set one, remove the # and put the key behind the =, without quotes.
# OPENAI_API_KEY=
# ANTHROPIC_API_KEY=
"""
LARGEST = 1 << 20  # bytes of a .gitignore that is still one


def ignores(folder: Path) -> frozenset[str]:
    """The lines of the project's .gitignore."""
    try:
        text = (folder / ".gitignore").read_bytes()[:LARGEST].decode("utf-8", "replace")
    except OSError:
        return frozenset()
    return frozenset(line.strip().strip("/") for line in text.splitlines())


def lacking(folder: Path, lines: Iterable[str]) -> list[str]:
    """Which of these lines .gitignore does not have."""
    found = ignores(folder)
    return [line for line in lines if line.strip("/") not in found]


def write_env(folder: Path) -> None:
    """Make `.env`, for its owner alone, where there is none. Raises OSError."""
    file = os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", newline="\n") as new:
        new.write(ENV)


def add_ignores(folder: Path, lines: Iterable[str]) -> None:
    """Add lines to .gitignore, in its own line ends; its owner, rights and other lines stay. Raises OSError."""
    path = folder / ".gitignore"
    old = path.read_bytes() if path.is_file() else b""
    end = b"\r\n" if b"\r\n" in old else b"\n"
    start = b"" if not old or old.endswith(b"\n") else end
    with path.open("ab") as file:
        file.write(start + b"".join(line.encode() + end for line in lacking(folder, lines)))
