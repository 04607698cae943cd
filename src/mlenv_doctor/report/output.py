"""Where reports go: to the screen whatever its encoding, and to files all or nothing."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..errors import BadInput
from ..model import Report
from . import FORMATS, renderer
from .look import Look


def understood(outputs: Iterable[str], form: str) -> list[tuple[str, Path]]:
    """The formats and paths of --output, tried before any work is done. Raises BadInput."""
    if form not in FORMATS:
        raise BadInput(f"--format {form}: there is no such format; choose from {', '.join(FORMATS)}")
    return [_understood(output) for output in outputs]


def _understood(output: str) -> tuple[str, Path]:
    form, colon, path = output.partition(":")
    if not colon or not path or form not in FORMATS:
        raise BadInput(f"--output {output}: write FORMAT:PATH, such as json:report.json; formats are {', '.join(FORMATS)}")
    folder = Path(path).absolute().parent
    there = os.path.exists(path) and not os.path.isfile(path)  # /dev/stdout, a pipe: written to as it is
    writable = os.access(path, os.W_OK) if there else os.path.isdir(folder) and os.access(folder, os.W_OK)
    if os.path.isdir(path) or not writable:
        raise BadInput(f"--output {output}: {path} cannot be written; name a file in a folder that exists and is writable")
    return form, Path(path)


def write(report: Report, files: Iterable[tuple[str, Path]]) -> None:
    """Write each file whole or not at all. Raises BadInput where the disk refuses."""
    for form, path in files:
        text = renderer(form)(report, Look(ascii=False)).encode("utf-8", "backslashreplace")
        try:
            if path.exists() and not path.is_file():
                path.write_bytes(text)
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
    beside, name = tempfile.mkstemp(dir=path.parent)
    try:
        with open(beside, "wb") as file:
            file.write(text)
        os.chmod(name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _umask() -> int:
    """The rights that new files shall not have."""
    now = os.umask(0o077)
    os.umask(now)
    return now


def show(report: Report, form: str, look: Look) -> None:
    """Render a report for the screen."""
    emit(renderer(form)(report, look))


def emit(text: str) -> None:
    """Print, whatever the encoding; a reader that has gone away is no error."""
    try:
        stream = sys.stdout
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError, AttributeError):  # closed, full, or not there at all
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # so that the interpreter does not complain at its end
