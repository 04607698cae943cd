"""A page of text: wrapped paragraphs, signs and colours, and commands that nothing ever wraps."""

from __future__ import annotations

from io import StringIO

from ..clean import harmless
from .look import Look

STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skip": "dim", "unknown": "magenta"}


class Page:
    """Collects lines; `text()` is the whole."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._out = StringIO()

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped to the width."""
        self._print(indent, (text, style))

    def status(self, status: str, head: str, rest: str = "", hang: int = 0) -> None:
        """A line that begins with the sign of a status; if it has to be wrapped, the rest stands `hang` columns in."""
        self._print(0, (f"{self.look.glyphs[status]} {head}", STYLES[status]), (rest, ""), hang=hang)

    def command(self, text: str, indent: int = 4) -> None:
        """A command: alone on its line, whole, ready to paste."""
        style = "\x1b[36m%s\x1b[0m" if self.look.color else "%s"
        self._out.write(" " * indent + style % harmless(text) + "\n")

    def _print(self, indent: int, *parts: tuple[str, str], hang: int = 0) -> None:
        """A paragraph of differently styled parts."""
        parts = tuple((harmless(text), style) for text, style in parts)
        if self.look.ascii:
            parts = tuple((text.encode("ascii", "backslashreplace").decode(), style) for text, style in parts)
        if self.look.shaped:  # what shapes is slow to load, and in a pipe there is nothing to shape
            from .shape import shaped

            self._out.write(shaped(parts, self.look, indent, hang))
        else:
            margin = " " * indent
            self._out.write(margin + "".join(text for text, _ in parts).replace("\n", f"\n{margin}") + "\n")

    def text(self) -> str:
        """Everything so far, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines()) + "\n"
