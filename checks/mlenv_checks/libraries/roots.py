"""Where a fault of one requirement is told, if it only follows from another: one fault, one red line."""

from __future__ import annotations

from collections.abc import Mapping

from mlenv_doctor.api import Finding, Status, skip
from mlenv_doctor.patient import Libraries, Python, Wanted, WantedLibrary

from .first_wheels import STUCK, unmeetable
from .preparation import ROOT, preparation


def roots(wanted: Wanted, libraries: Libraries, python: Python) -> dict[str, str]:
    """The requirements that are told elsewhere, and where: no wheel can meet them, or all of the project is absent."""
    stuck = {library.name: STUCK for library in unmeetable(wanted.libraries, libraries, python)}
    absent = preparation(wanted, libraries).unprepared
    return ({library.name: ROOT for library in wanted.libraries if library.line} if absent else {}) | stuck


def rooted(finding: Finding, library: WantedLibrary, told: Mapping[str, str]) -> Finding:
    """The finding; or where its root is told."""
    root = told.get(library.name) if finding.status is Status.FAIL else None
    return skip(finding.message, subject=library.name, blocked_by=root) if root else finding
