"""How a text may look where it goes: width, colour, glyphs. Decided here once, not by a library."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import TextIO

from ..records import dataclass

GLYPHS = {"fail": "✗", "warn": "!", "pass": "✓", "skip": "-", "unknown": "?"}
ASCII_GLYPHS = {"fail": "x", "warn": "!", "pass": "+", "skip": "-", "unknown": "?"}


@dataclass(frozen=True)
class Look:
    """width in columns, 0 for never wrap; `verbose` shows what passed, too."""

    width: int = 0
    color: bool = False
    ascii: bool = True
    verbose: bool = False

    @property
    def shaped(self) -> bool:
        """Whether lines are wrapped or coloured at all."""
        return bool(self.width or self.color)

    @property
    def glyphs(self) -> Mapping[str, str]:
        """One sign for each status."""
        return ASCII_GLYPHS if self.ascii else GLYPHS


def look_for(stream: TextIO | None, *, color: str = "auto", ascii: bool = False, verbose: bool = False) -> Look:
    """The look that fits a stream. Nothing is wrapped that goes into a pipe or a file."""
    terminal = bool(stream and not stream.closed and stream.isatty())
    width = shutil.get_terminal_size((80, 24)).columns if terminal else 0
    return Look(width, wants_color(color, terminal, os.environ), ascii or not can_show_glyphs(stream), verbose)


def wants_color(asked: str, terminal: bool, environ: Mapping[str, str]) -> bool:
    """--color, then NO_COLOR, FORCE_COLOR (0 is off), CLICOLOR_FORCE, TERM=dumb, and at last whether it is a terminal.

    See https://no-color.org, https://force-color.org and https://bixense.com/clicolors.
    """
    if asked != "auto":
        return asked == "always"
    if environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name):
            return environ[name] not in ("0", "false")
    return terminal and environ.get("TERM") != "dumb"


def can_show_glyphs(stream: TextIO | None) -> bool:
    """Whether the encoding of a stream has the glyphs."""
    try:
        "".join(GLYPHS.values()).encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
