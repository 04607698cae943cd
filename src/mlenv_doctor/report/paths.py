"""Where a file of a finding is, as other programs want it: relative to the project, or as a URI."""

from __future__ import annotations

import ntpath
import posixpath
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

from ..model import Finding, Report


def place_of(report: Report, finding: Finding) -> tuple[str, int]:
    """The file that a finding is about, and its line (0: all of it). Without one it is about the Python that was examined."""
    return (finding.location.file, finding.location.line) if finding.location else (report.target.get("python", ""), 0)


def within(report: Report, file: str) -> str | None:
    """The path from the project's folder, with slashes; None where the file is outside."""
    windows = report.place.get("os") == "windows"
    kind, rules = (PureWindowsPath, ntpath) if windows else (PurePosixPath, posixpath)
    if not kind(file).is_absolute():
        inside = kind(rules.normpath(file))
        return None if inside.parts[:1] == ("..",) else inside.as_posix()
    try:
        return kind(rules.normpath(file)).relative_to(rules.normpath(report.project or "no project")).as_posix()
    except ValueError:
        return None


def rooted(report: Report, file: str) -> str:
    """The absolute path, as far as it is known."""
    return str((PureWindowsPath if report.place.get("os") == "windows" else PurePosixPath)(report.project, file))


def uri(report: Report, file: str) -> str:
    """The file as a URI: relative to the project if it is inside, else absolute."""
    inside = within(report, file)
    return absolute(report, file) if inside is None else _quoted(inside)


def absolute(report: Report, file: str) -> str:
    """The `file:` URI of an absolute path; of one that is not, a relative reference."""
    if report.place.get("os") != "windows":
        return ("file://" if file.startswith("/") else "") + _quoted(file)
    slashed, drive = PureWindowsPath(file).as_posix(), PureWindowsPath(file).drive
    if slashed.startswith("//"):
        return "file:" + _quoted(slashed)  # a share of another machine
    return f"file:///{drive}{_quoted(slashed.removeprefix(drive))}" if drive else _quoted(slashed)


def _quoted(path: str) -> str:
    """Percent-encoded, colons too: before the first slash one would end a scheme. What is no character is spelled out."""
    return quote(path.encode("utf-8", "backslashreplace"))
