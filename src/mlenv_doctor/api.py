"""Everything that an author of a family imports, besides what is known of the patient (`mlenv_doctor.patient`).

    from mlenv_doctor.api import Finding, check, fail, fix, ok

`mlenv_doctor.check` is another one: it examines this machine, for those who sit in a notebook.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .examine.checking import Check, Findings, check
from .examine.tasks import Outcome, Task
from .facts import Fact, Headline, Missing, Snapshot, Used, Why
from .model import Finding, Fix, Location, Result, Status, fail, fix, ok, skip, unknown, warn
from .stage import Stage
from .tables import contents, rows, table, text

if TYPE_CHECKING:
    from .documents.pasted import PastedReport, said_of, unsaid, version_in
    from .knowledge.entries import Entry, read_entries
    from .knowledge.patient import surroundings
    from .knowledge.reader import read as read_error
    from .knowledge.reading import Cure, Kind, Reading
    from .knowledge.setting_up import First, SettingUp
    from .knowledge.surroundings import Surroundings
    from .knowledge.topics import Told, read_by_topic
    from .knowledge.world import Change, Knowledge, Pair

__all__ = [
    "Change",
    "Check",
    "Cure",
    "Entry",
    "Fact",
    "Finding",
    "Findings",
    "First",
    "Fix",
    "Headline",
    "Kind",
    "Knowledge",
    "Location",
    "Missing",
    "Outcome",
    "Pair",
    "PastedReport",
    "Reading",
    "Result",
    "SettingUp",
    "Snapshot",
    "Stage",
    "Status",
    "Surroundings",
    "Task",
    "Told",
    "Used",
    "Why",
    "check",
    "contents",
    "fail",
    "fix",
    "ok",
    "read_by_topic",
    "read_entries",
    "read_error",
    "rows",
    "said_of",
    "skip",
    "surroundings",
    "table",
    "text",
    "unknown",
    "unsaid",
    "version_in",
    "warn",
]

LATER = {
    **{name: ("documents.pasted", name) for name in ("PastedReport", "said_of", "unsaid", "version_in")},
    **{name: ("knowledge.reading", name) for name in ("Cure", "Kind", "Reading")},
    **{name: ("knowledge.setting_up", name) for name in ("First", "SettingUp")},
    **{name: ("knowledge.world", name) for name in ("Change", "Knowledge", "Pair")},
    "read_entries": ("knowledge.entries", "read_entries"),
    "read_by_topic": ("knowledge.topics", "read_by_topic"),
    "read_error": ("knowledge.reader", "read"),
    "Entry": ("knowledge.entries", "Entry"),
    "Surroundings": ("knowledge.surroundings", "Surroundings"),
    "Told": ("knowledge.topics", "Told"),
    "surroundings": ("knowledge.patient", "surroundings"),
}


def __getattr__(name: str) -> object:
    """What only readers of pasted reports and of error texts need is loaded when they ask for it (PEP 562)."""
    if name in LATER:
        module, inside = LATER[name]
        return getattr(import_module(f"{__package__}.{module}"), inside)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
