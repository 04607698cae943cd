"""How a report is shown: one renderer a format, from a frozen Report to text. Renderers decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..model import Report
from .look import Look

FORMATS = ("text", "short", "json", "junit", "sarif", "github", "gitlab", "markdown", "nagios")


def renderer(name: str) -> Callable[[Report, Look], str]:
    """The function that turns a report into a text of this format; loaded only when it is used."""
    function: Callable[[Report, Look], str] = import_module(f"{__name__}.{name}").render
    return function


def prepare(name: str, look: Look) -> None:
    """Load what this format will need, while there is nothing else to do."""
    renderer(name)
    if name == "text" and look.shaped:
        import_module(f"{__name__}.shape")
