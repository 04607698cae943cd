"""Where reports go: to the screen whatever its encoding, and to files all or nothing."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import BadInput
from ..model import Report
from ..running.printing import emit
from . import FORMATS, renderer
from .look import Look

PATIENCE = 5.0  # seconds for the reader of a pipe


def understood(outputs: Iterable[str], form: str, formats: tuple[str, ...] = FORMATS) -> list[tuple[str, Path]]:
    """The formats and paths of --output, tried before any work is done. Raises BadInput."""
    if form not in formats:
        raise BadInput(f"--format {form}: unknown format; choose from {', '.join(formats)}")
    return [_understood(output, formats) for output in outputs]


def _understood(output: str, formats: tuple[str, ...]) -> tuple[str, Path]:
    form, colon, path = output.partition(":")
    if not colon or not path or form not in formats:
        raise BadInput(f"--output {output}: write FORMAT:PATH, such as json:report.json; formats are {', '.join(formats)}")
    folder = Path(path).absolute().parent
    there = os.path.exists(path) and not os.path.isfile(path)  # /dev/stdout, a pipe: written to as it is
    writable = os.access(path, os.W_OK) if there else os.path.isdir(folder) and os.access(folder, os.W_OK)
    if os.path.isdir(path) or not writable:
        raise BadInput(f"--output {output}: {path} cannot be written; name a file in a folder that exists and is writable")
    return form, Path(path)


def deliver(report: Report, form: str, look: Look, files: Sequence[tuple[str, Path]]) -> None:
    """Everything that was asked for: the screen, the files, the summary of a job on GitHub. Raises BadInput."""
    show(report, form, look)
    write(report, files)
    summarize(report, {form, *(form for form, _ in files)})


def write(report: Report, files: Iterable[tuple[str, Path]]) -> None:
    """Write each file whole or not at all. Raises BadInput where the disk refuses."""
    save((form, path, renderer(form)(report, Look(ascii=False))) for form, path in files)


def save(rendered: Iterable[tuple[str, Path, str]]) -> None:
    """Write what was rendered: format, path and text of each file. Raises BadInput where the disk refuses."""
    for form, path, shown in rendered:
        text = shown.encode("utf-8", "backslashreplace")
        try:
            if path.exists() and not path.is_file():
                _pour(path, text)
            else:
                _replace(Path(os.path.realpath(path)), text)
        except OSError as why:
            raise BadInput(f"--output {form}:{path}: {why.strerror}") from None


def summarize(report: Report, forms: Iterable[str]) -> None:
    """Where a report is made for GitHub, tell it in the summary of the job as well."""
    if "github" in forms:
        from .github import summarize as in_the_summary

        in_the_summary(report)


def _replace(path: Path, text: bytes) -> None:
    """Write a new file beside the old one, and put it in its place. Raises OSError, and leaves nothing then."""
    import tempfile

    beside, name = tempfile.mkstemp(dir=path.parent)
    try:
        with open(beside, "wb") as file:
            file.write(text)
        os.chmod(name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _pour(path: Path, text: bytes) -> None:
    """Write into a pipe or a device, as long as somebody reads. Raises OSError."""
    end = time.monotonic() + PATIENCE
    target = _opened(path, end)
    try:
        while text:
            if not select.select([], [target], [], max(0.0, end - time.monotonic()))[1]:
                raise OSError(errno.ETIMEDOUT, f"nobody read it within {PATIENCE:g} s")
            text = text[os.write(target, text[:65536]) :]
            end = time.monotonic() + PATIENCE
    finally:
        os.close(target)


def _opened(path: Path, end: float) -> int:
    """The descriptor of a pipe or a device; a reader that is just being started is waited for. Raises OSError."""
    while True:
        try:
            return os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
        except OSError as why:
            if why.errno != errno.ENXIO:
                raise
            if time.monotonic() >= end:
                raise OSError(errno.ENXIO, "nobody reads this pipe") from None
        time.sleep(0.05)


def _umask() -> int:
    """The rights that new files shall not have."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def show(report: Report, form: str, look: Look) -> None:
    """Render a report for the screen."""
    emit(renderer(form)(report, look))
