"""Where saved answers are: files, folders, patterns, archives, or a log on standard input."""

from __future__ import annotations

import glob
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..errors import BadInput
from .documents import LARGEST
from .fold import Fold
from .lines import LONGEST, Answers

ENDINGS = (".json", ".json.gz")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
WILD = ("*", "?", "[")
STANDARD_INPUT = "-"
MOST_FILES = 1_000_000
TOO_LARGE = f"it has more than {LARGEST >> 20} MB"


def collect(fold: Fold, paths: tuple[str, ...], stdin: IO[bytes]) -> None:
    """Add every node that these paths name. Raises BadInput where a path is not there, or holds no answer at all."""
    for path in paths:
        if path == STANDARD_INPUT:
            from_log(fold, stdin)
        else:
            from_path(fold, path)


def from_path(fold: Fold, path: str) -> None:
    found = sorted(glob.glob(path, recursive=True)) if not os.path.lexists(path) and any(map(path.count, WILD)) else [path]
    files = [file for each in found for file in listed(Path(each))]
    if not files:
        raise BadInput(f"{path}: no {', '.join(ENDINGS)} or .tar file here; save one of each node with `mlenv-doctor snapshot`")
    for file in files:
        if file.name.endswith(ARCHIVES):
            from_archive(fold, file)
        else:
            from_file(fold, file)


def listed(path: Path) -> Iterator[Path]:
    """The file itself, or what a folder holds, in order. Raises BadInput where there is nothing of this name."""
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names) if name.endswith((*ENDINGS, *ARCHIVES)))
    elif os.path.lexists(path):
        yield path
    else:
        raise BadInput(f"{path}: no such file or folder")


def name_of(file: str) -> str:
    """The name of a node: that of its file, without the ending."""
    name = os.path.basename(file)
    return next((name[: -len(ending)] for ending in ENDINGS if name.endswith(ending)), name)


def from_file(fold: Fold, file: Path) -> None:
    name = name_of(file.name)
    try:
        data = bytes_of(file)
    except (OSError, BadInput) as why:
        fold.silence(name, f"cannot be read: {getattr(why, 'strerror', None) or why}")
        return
    fold.add(name, data)


def bytes_of(file: Path) -> bytes:
    """What a file holds. Raises OSError, and BadInput for what is no file or too large; a pipe does not hold us."""
    number = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise BadInput("it is not a regular file")
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadInput(TOO_LARGE)
    return data


def from_archive(fold: Fold, file: Path) -> None:
    """Each file of an archive is a node. Raises BadInput where it is no archive."""
    try:
        with tarfile.open(file, "r|*") as archive:
            for number, member in enumerate(archive):
                if number > MOST_FILES:
                    raise BadInput(f"{file}: more than {MOST_FILES} files")
                if member.isfile() and member.name.endswith(ENDINGS):
                    stream = archive.extractfile(member) if member.size <= LARGEST else None
                    if stream:
                        fold.add(name_of(member.name), stream.read())
                    else:
                        fold.silence(name_of(member.name), TOO_LARGE)
    except (tarfile.TarError, EOFError, OSError, ValueError) as why:
        if isinstance(why, BadInput):
            raise
        raise BadInput(f"{file}: this archive cannot be read ({getattr(why, 'strerror', None) or 'damaged'})") from None


def from_log(fold: Fold, stream: IO[bytes]) -> None:
    """The answers in a log, such as that of `kubectl logs`, among any other lines. Raises BadInput where there is none."""
    answers, seen = Answers(), False
    for text in short_lines(stream):
        try:
            done = answers.feed(text)
        except BadInput as why:
            name, colon, reason = str(why).partition(": ")
            fold.silence(name if colon else "unnamed", reason or str(why))
            seen = True
            continue
        if done:
            fold.add(*done)
            seen = True
    for name in answers.unfinished:
        fold.silence(name, "its answer is cut off")
        seen = True
    if not seen:
        raise BadInput("-: standard input contains no answer from a node; see `mlenv-doctor init kubernetes` for what prints one")


def short_lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of a stream, of each only the beginning: it may hold one of a gigabyte."""
    reader = io.BufferedReader(stream, 1 << 16) if isinstance(stream, io.RawIOBase) else stream
    whole = True
    while data := reader.readline(LONGEST):
        if whole:
            yield data.decode("utf-8", "replace")
        whole = data.endswith(b"\n")
