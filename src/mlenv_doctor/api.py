"""For authors of checks: everything that a plug-in needs besides the facts, which are in `mlenv_doctor.facts`.

    from mlenv_doctor.api import Finding, check, fail, fix, ok

`mlenv_doctor.check` is another one: it examines this machine, for those who sit in a notebook.
"""

from __future__ import annotations

from .checking import Check, Findings, check
from .facts import Missing
from .model import Finding, Fix, Location, Stage, Status, fail, fix, ok, skip, unknown, warn

__all__ = [
    "Check",
    "Finding",
    "Findings",
    "Fix",
    "Location",
    "Missing",
    "Stage",
    "Status",
    "check",
    "fail",
    "fix",
    "ok",
    "skip",
    "unknown",
    "warn",
]
