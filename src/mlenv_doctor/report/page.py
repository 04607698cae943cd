"""A page of text: wrapped paragraphs, signs and colours, and commands that nothing ever wraps."""

from __future__ import annotations

from io import StringIO

from ..foreign.clean import harmless
from .look import Look

STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skip": "dim", "unknown": "magenta"}


class Page:
    """Collects lines; `text()` is the whole."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._out = StringIO()

    def line(self, text: str = "", style: str = "", indent: int = 0, hang: int = 0) -> None:
        """A paragraph, wrapped to the width; its further lines stand `hang` columns in."""
        self._print(indent, (text, style), hang=hang)

    def status(self, status: str, head: str, rest: str = "", hang: int = 2) -> None:
        """A line that begins with the sign of a status; if it has to be wrapped, the rest stands `hang` columns in."""
        self._print(0, (f"{self.look.glyphs[status]} {head}", STYLES[status]), (rest, ""), hang=hang)

    def headline(self, status: str, text: str, tag: str) -> None:
        """What is wrong, with the sign of its status, and a small tag at the right."""
        parts = self._harmless((f"{self.look.glyphs[status]} {text}", STYLES[status]), (tag, "dim"))
        if self.look.shaped:
            from .shape import headed

            self._out.write(headed(parts[:1], parts[1][0], self.look))
        else:
            self._out.write("  ".join(part for part, _ in parts).replace("\n", "\n  ") + "\n")

    def command(self, text: str, indent: int = 4) -> None:
        """A command: alone on its line, whole, ready to paste."""
        self._out.write(" " * indent + self._command(text) + "\n")

    def then(self, text: str, indent: int = 2, word: str = "Then") -> None:
        """A command behind a word: whole as well."""
        self._out.write(f"{' ' * indent}{word}: {self._command(text)}\n")

    def _command(self, text: str) -> str:
        return f"\x1b[36m{harmless(text)}\x1b[0m" if self.look.color else harmless(text)

    def _print(self, indent: int, *parts: tuple[str, str], hang: int = 0) -> None:
        """A paragraph of differently styled parts."""
        parts = self._harmless(*parts)
        if self.look.shaped:  # what shapes is slow to load, and in a pipe there is nothing to shape
            from .shape import shaped

            self._out.write(shaped(parts, self.look, indent, hang))
        else:
            margin = " " * indent
            self._out.write(margin + "".join(text for text, _ in parts).replace("\n", f"\n{margin}") + "\n")

    def _harmless(self, *parts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """The parts as they may be printed."""
        parts = tuple((harmless(text), style) for text, style in parts)
        if self.look.ascii:
            parts = tuple((text.encode("ascii", "backslashreplace").decode(), style) for text, style in parts)
        return parts

    def text(self) -> str:
        """Everything so far, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines()) + "\n"
