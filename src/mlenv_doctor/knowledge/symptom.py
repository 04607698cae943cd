"""The words of an error that the user asks about: as text, from a file, or from standard input."""

from __future__ import annotations

import os
import stat
import sys

from ..errors import BadInput
from ..facts import Fact, Missing
from ..foreign.patterns import pattern
from ..patient import Said

LARGEST = 10 << 20  # bytes; of a longer log the end is read, where the error stands
NOT_TEXT = pattern(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")  # of what no program prints


class BadSymptom(BadInput):
    """What was given to --symptom cannot be read; the text says why."""


def said(symptom: str | None, report: Fact | Missing | None = None) -> Said:
    """The words to explain: those that were given, and those that a pasted report holds. Raises BadSymptom."""
    given = _words(symptom) if symptom else ""
    if symptom is not None and not given:
        raise BadSymptom("--symptom: the text is empty; give the error message, or a file that contains it")
    return Said("\n".join(part for part in (given, report.text if isinstance(report, Said) else "") if part), bool(given))


def error_text(given: str, asked: str) -> str:
    """The text itself, or what the file of that name holds; `-` is standard input. Raises BadSymptom, beginning with `asked`."""
    text = _decoded(bytes_of(given, asked)) if given == "-" or _is_file(given) else given
    if not text.strip():
        raise BadSymptom(f"{asked}: the text is empty; give the error message, or a file that contains it")
    if len(NOT_TEXT.findall(text[:4000])) > len(text[:4000]) // 50:
        raise BadSymptom(f"{asked}: this is a binary file, not an error message")
    return text


def _words(symptom: str) -> str:
    from ..documents.pasted import words

    return words(_text(symptom))


def _text(symptom: str) -> str:
    """What --symptom names."""
    return _decoded(bytes_of(symptom, f"--symptom {symptom}")) if symptom == "-" or _is_file(symptom) else symptom


def _decoded(data: bytes) -> str:
    from ..documents.pasted import decoded

    return decoded(data)


def _is_file(name: str) -> bool:
    """Whether something of this name exists; a text is no name of a file."""
    try:
        os.stat(name)
    except (OSError, ValueError):
        return False
    return True


def bytes_of(name: str, asked: str, most: int = LARGEST) -> bytes:
    """The end of a file, or of standard input. Raises BadSymptom."""
    if name == "-":
        return sys.stdin.buffer.read(most)
    try:
        info = os.stat(name)
        if not stat.S_ISREG(info.st_mode):
            raise BadSymptom(f"{asked}: not a regular file; name a file with the text of the error, or give the text")
        with open(name, "rb") as stream:
            stream.seek(max(0, info.st_size - most))
            return stream.read()
    except OSError as why:
        raise BadSymptom(f"{asked}: cannot be read: {why.strerror}") from None
