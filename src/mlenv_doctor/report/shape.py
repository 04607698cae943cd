"""Shape text for a terminal: wrapped to its width, and coloured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import StringIO

from rich.console import Console
from rich.text import Text

from .look import Look

UNLIMITED = 1 << 20
WIDEST = 100  # longer lines of prose are hard to read
NARROWEST = 12  # on a terminal that leaves less, margins are a luxury


def shaped(parts: Sequence[tuple[str, str]], look: Look, indent: int, hang: int = 0) -> str:
    """A paragraph of parts in different styles, as the terminal shall get it.

    With `hang` the first part is a label of that width, and the others stand beside it as a column.
    """
    console, out = _console(min(look.width, WIDEST) or UNLIMITED, look.color)
    if console.width - indent - hang < NARROWEST:
        indent = hang = 0
    label, column = (parts[:1], parts[1:]) if hang else ((), parts)
    first, further = Text.assemble(" " * indent, *label), Text(" " * (indent + hang))
    for number, line in enumerate(Text.assemble(*column).wrap(console, console.width - indent - hang)):
        console.print((further if number else first) + line, soft_wrap=True)
    whole = out.getvalue()
    out.seek(0)
    out.truncate()
    return whole


@cache
def _console(width: int, color: bool) -> tuple[Console, StringIO]:
    """A console that writes into a buffer, and decides nothing by itself."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        force_jupyter=False,  # else it prints by itself in a notebook, line by line
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    return console, out
