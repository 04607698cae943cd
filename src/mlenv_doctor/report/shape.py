"""Shape text for a terminal: wrapped to its width, and coloured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .look import Look

UNLIMITED = 1 << 20
WIDEST = 100  # longer lines of prose are hard to read
NARROWEST = 12  # on a terminal that leaves less, margins are a luxury
COLUMN = 30  # what stands beside a label needs this much; where it has less, it stands under it
WORD = re.compile(r"\s*\S+\s*|\s+")


def shaped(parts: Sequence[tuple[str, str]], look: Look, indent: int, hang: int = 0) -> str:
    """A paragraph of parts in different styles, as the terminal shall get it; its further lines stand `hang` columns in."""
    width = min(look.width, WIDEST) or UNLIMITED
    if width - indent - hang < COLUMN:
        hang = min(hang, 2)
    if width - indent - hang < NARROWEST:
        indent = hang = 0
    console, out = _console(look.color)
    for number, line in enumerate(lines(Text.assemble(*parts), width - indent, hang)):
        console.print(Text(" " * (indent + (hang if number else 0))) + line, soft_wrap=True)
    return _taken(out)


def headed(parts: Sequence[tuple[str, str]], tag: str, look: Look) -> str:
    """A paragraph as `shaped` makes it, with a small tag at the right end of its first line; on a narrow terminal below it."""
    width = min(look.width, WIDEST) or UNLIMITED
    room = width - cell_len(tag) - 2
    if width == UNLIMITED:
        return shaped((*parts, (f"  {tag}", "dim")), look, 0)
    made = list(lines(Text.assemble(*parts), room, 2)) if room >= COLUMN else []
    if not made or cell_len(made[0].plain) > room:
        return shaped(parts, look, 0, 2) + shaped(((tag, "dim"),), look, 2)
    console, out = _console(look.color)
    made[0] += Text(" " * (width - cell_len(made[0].plain) - cell_len(tag))) + Text(tag, "dim")
    for number, line in enumerate(made):
        console.print(Text(" " * (2 if number else 0)) + line, soft_wrap=True)
    return _taken(out)


def lines(text: Text, width: int, hang: int) -> Iterator[Text]:
    """The lines of a paragraph. A word that is longer than a line stays whole: a path or an address must be fit to be copied."""
    for number, paragraph in enumerate(text.split("\n", allow_blank=True)):
        breaks, used = [], hang if number else 0
        for word in WORD.finditer(paragraph.plain):
            size = cell_len(word[0].rstrip())
            if word.start() and used + size > width:
                breaks.append(word.start())
                used = hang
            used += cell_len(word[0])
        for line in paragraph.divide(breaks):
            line.rstrip()
            yield line


def _taken(out: StringIO) -> str:
    """What was printed, which is then forgotten."""
    whole = out.getvalue()
    out.seek(0)
    out.truncate()
    return whole


@cache
def _console(color: bool) -> tuple[Console, StringIO]:
    """A console that writes into a buffer, and decides nothing by itself."""
    out = StringIO()
    console = Console(
        file=out,
        width=UNLIMITED,
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
