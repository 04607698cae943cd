"""Where the file of a finding is, as the owner of the project says it: from the project's folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from ..model import Finding, Location, Result


def from_project(results: Iterable[Result], project: str) -> tuple[Result, ...]:
    """The results with the files of the project relative to it, in their places and in the sentences that name them."""
    return tuple(replace(result, findings=tuple(_told(finding, project) for finding in result.findings)) for result in results)


def _told(finding: Finding, project: str) -> Finding:
    file = finding.location.file if finding.location else ""
    start = project.rstrip(os.sep) + os.sep
    if not (finding.location and project and file.startswith(start) and start != os.sep):
        return finding
    inside = file[len(start) :]
    message = finding.message.replace(file, inside)
    return replace(finding, message=message, location=Location(inside, finding.location.line))
