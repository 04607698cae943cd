"""A page of text: wrapped paragraphs, signs and colours, and commands that nothing ever wraps."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from .look import Look

STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skip": "dim", "unknown": "magenta"}
UNLIMITED = 1 << 20
WIDEST = 100  # longer lines of prose are hard to read


class Page:
    """Collects lines; `text()` is the whole."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._out = StringIO()
        self._console = Console(
            file=self._out,
            width=min(look.width, WIDEST) or UNLIMITED,
            color_system="standard" if look.color else None,
            force_terminal=look.color,
            no_color=not look.color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped to the width."""
        self._print(Text(self._plain(text), style=style), indent)

    def status(self, status: str, head: str, rest: str = "", indent: int = 0) -> None:
        """A line that begins with the sign of a status."""
        text = Text.assemble((f"{self.look.glyphs[status]} {self._plain(head)}", STYLES[status]), self._plain(rest))
        self._print(text, indent)

    def command(self, text: str, indent: int = 4) -> None:
        """A command: alone on its line, whole, ready to paste."""
        style = "\x1b[36m%s\x1b[0m" if self.look.color else "%s"
        self._out.write(" " * indent + style % text + "\n")

    def _print(self, text: Text, indent: int) -> None:
        self._console.print(Padding.indent(text, indent) if indent else text, soft_wrap=not self.look.width)

    def _plain(self, text: str) -> str:
        return text.encode("ascii", "backslashreplace").decode() if self.look.ascii else text

    def text(self) -> str:
        """Everything so far, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines()) + "\n"
