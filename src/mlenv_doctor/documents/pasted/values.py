"""What a label of a report says, if it says anything."""

from __future__ import annotations

import re

from ...facts import Fact, Missing, Why
from .labels import PastedReport

UNSAID = ("", "n/a", "none", "could not collect", "no cuda", "not available", "unknown", "present")


def said_of(report: PastedReport, key: str) -> str:
    """What a label says; empty where it says that it does not know, or the text was cut off there."""
    said = report.values.get(key, "").strip().rstrip("…").removesuffix("...").strip()
    return "" if said.lower() in UNSAID else said


def unsaid(kind: type[Fact]) -> Missing:
    """A fact of which the report says nothing."""
    return Missing(kind.section, Why.NOT_ASKED, "the report does not say")


def version_in(said: str) -> str:
    """The version that a text begins with, after a word or two; empty without one."""
    found = re.match(r"\D{0,12}?(\d+(?:\.\d+)+[\w.+-]*)", said)
    return found[1] if found else ""
