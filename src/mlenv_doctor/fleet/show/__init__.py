"""How a fleet is shown: one renderer a format, from what was found to text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ...model import EXIT_CODES
from ...records import dataclass
from ...report.look import Look
from ..drift import Drift
from ..fold import Fleet

FORMATS = ("text", "json", "junit", "html", "nagios")


@dataclass(frozen=True)
class Shown:
    """A fleet, and its drift where a baseline was named."""

    fleet: Fleet
    drift: Drift | None = None


def renderer(name: str) -> Callable[[Shown, Look], str]:
    """The function that turns a fleet into a text of this format; loaded only when it is used."""
    function: Callable[[Shown, Look], str] = import_module(f"{__name__}.{name}").render
    return function


def exit_code(shown: Shown, form: str) -> int:
    """0 all ready and alike, 1 not so, 3 nobody answered or no verdict; with a baseline only drift counts."""
    if form == "nagios":
        from .nagios import state

        return state(shown)
    if not shown.fleet.answered:
        return 3
    return int(shown.drift.any) if shown.drift else EXIT_CODES[shown.fleet.verdict]
