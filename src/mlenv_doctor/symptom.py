"""The words of an error that the user asks about: as text, from a file, or from standard input."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from .errors import BadInput
from .facts import Fact, Missing, Said
from .pasted import decoded, words

LARGEST = 10 << 20  # bytes; of a longer log the end is read, where the error stands


class BadSymptom(BadInput):
    """What was given to --symptom cannot be read; the text says why."""


def said(symptom: str | None, report: Fact | Missing | None = None) -> Said:
    """The words to explain: those that were given, and those that a pasted report holds. Raises BadSymptom."""
    given = words(_text(symptom)) if symptom else ""
    if symptom is not None and not given:
        raise BadSymptom("--symptom: there is no text in it; give the error as it was printed, or the name of a file with it")
    return Said("\n".join(part for part in (given, report.text if isinstance(report, Said) else "") if part))


def _text(symptom: str) -> str:
    """The text itself, or what the file of that name holds."""
    if symptom == "-":
        return decoded(sys.stdin.buffer.read(LARGEST))
    file = Path(symptom)
    try:
        info = file.stat()
    except (OSError, ValueError):  # a text is no name of a file
        return symptom
    if not stat.S_ISREG(info.st_mode):
        raise BadSymptom(f"--symptom {symptom}: not a regular file; name a file with the text of the error, or give the text")
    return _end(file, info.st_size)


def _end(file: Path, size: int) -> str:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, size - LARGEST))
            return decoded(stream.read())
    except OSError as why:
        raise BadSymptom(f"--symptom {file}: cannot be read: {why.strerror}") from None
