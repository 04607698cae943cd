"""A report that was saved as JSON (`check --format json`), read back to be compared with."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..foreign.clean import Cleaner
from ..model import Finding, Result, Status
from ..records import dataclass

MAJOR = "1"  # of the report's schema
LARGEST = 50 << 20  # bytes; a report of 400 distributions has about 0.3 MB
HOW = "make one with `mlenv-doctor check --format json > report.json`"


@dataclass(frozen=True)
class SavedReport:
    """What a report said. Fixes are left out: they were made out for that machine on that day."""

    version: str
    target: Mapping[str, str]
    place: Mapping[str, str]
    results: tuple[Result, ...]


def known_from(baseline: Path | None) -> SavedReport | None:
    """The report that --baseline names, if it does. Raises BadInput."""
    return saved_report(baseline, f"--baseline {baseline}") if baseline else None


def saved_report(path: Path, asked: str) -> SavedReport:
    """Read a report; `asked` begins the sentence about a file that is none. Raises BadInput."""
    return report_of(saved_document(path, asked), asked)


def report_of(document: Any, asked: str) -> SavedReport:
    """The report that plain data holds. Raises BadInput."""
    if not is_report(document):
        raise BadInput(f"{asked}: this is not a report of mlenv-doctor; {HOW}")
    if str(document.get("schema_version")).partition(".")[0] != MAJOR:
        raise BadInput(f"{asked}: its schema is {str(document.get('schema_version'))!r:.40}, this version reads {MAJOR}.x")
    try:
        return _report(document)
    except (KeyError, TypeError, ValueError) as why:
        raise BadInput(f"{asked}: this report is damaged ({type(why).__name__}: {why!s:.80})") from None


def saved_document(path: Path, asked: str) -> Any:
    """The plain data of a JSON file, without secrets and control characters. Raises BadInput."""
    data = _bytes(path, asked)
    try:
        return Cleaner().data(json.loads(data.decode(_encoding(data))))
    except (ValueError, RecursionError):
        raise BadInput(f"{asked}: this is not JSON; {HOW}") from None


def _bytes(path: Path, asked: str) -> bytes:
    try:
        info = path.stat()
        if stat.S_ISREG(info.st_mode) and info.st_size <= LARGEST:
            return path.read_bytes()
    except OSError as why:
        raise BadInput(f"{asked}: cannot be read: {why.strerror}") from None
    raise BadInput(f"{asked}: not a regular file of at most {LARGEST >> 20} MB")


def is_report(document: Any) -> bool:
    """Whether plain data is a report of ours, of whichever version."""
    tool = document.get("tool") if isinstance(document, dict) else None
    return isinstance(tool, dict) and tool.get("name") == "mlenv-doctor" and "results" in document


def _encoding(data: bytes) -> str:
    """How a text is encoded: `>` of Windows PowerShell writes UTF-16."""
    return "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def _report(document: Mapping[str, Any]) -> SavedReport:
    return SavedReport(
        _text(document["tool"]["version"]),
        _texts(document["target"]),
        _texts(document["place"]),
        tuple(_result(result) for result in _items(document["results"])),
    )


def _result(data: Mapping[str, Any]) -> Result:
    findings = tuple(_finding(finding) for finding in _items(data["findings"]))
    return Result(_text(data["id"]), _text(data["family"]), _text(data["title"]), findings)


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        Status(data["status"]),
        _text(data["message"]),
        _text(data["cause"] or ""),
        _text(data["subject"] or ""),
        _texts(data["evidence"]),
        blocked_by=None if data["blocked_by"] is None else _text(data["blocked_by"]),
    )


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is not a list")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.40} is not an object")
    return {key: _text(item) for key, item in value.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not text")
    return value
