"""mlenv-doctor: name what is wrong with a machine learning environment, and the command that repairs it.

For authors of checks everything needed is importable from here; the facts are in `mlenv_doctor.facts`.
Names are loaded on first use, so that `mlenv-doctor --help` does not pay for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checking import Check, Findings, check
    from .facts import Missing
    from .model import Finding, Fix, Location, Stage, Status, fail, fix, ok, skip, unknown, warn

__version__ = "0.1.0"

_HOMES = {
    "checking": ("Check", "Findings", "check"),
    "facts": ("Missing",),
    "model": ("Finding", "Fix", "Location", "Stage", "Status", "fail", "fix", "ok", "skip", "unknown", "warn"),
}

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


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
