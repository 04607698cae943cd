"""Shape text for a terminal: wrapped to its width, and coloured."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from .look import Look

UNLIMITED = 1 << 20
WIDEST = 100  # longer lines of prose are hard to read


def shaped(parts: Iterable[tuple[str, str]], look: Look, indent: int) -> str:
    """A paragraph of parts in different styles, as the terminal shall get it."""
    console, out = _console(min(look.width, WIDEST) or UNLIMITED, look.color)
    text = Text.assemble(*parts)
    console.print(Padding.indent(text, indent) if indent else text, soft_wrap=not look.width)
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
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    return console, out
