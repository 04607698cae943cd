"""Write an argument list so that it can be pasted into a shell."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence

PLAIN_POWERSHELL = re.compile(r"(?!-[A-Za-z_][^.:]*[.:])[A-Za-z0-9_./:\\=+-]+")  # of -a.b it makes two words
QUOTES_POWERSHELL = re.compile("['\u2018\u2019\u201a\u201b]")  # the typographic ones end a text there as well
PLAIN_FISH = re.compile(r"[A-Za-z0-9_./:=+@%,-]+")
CMD_SPECIAL = re.compile(r"[&|<>^()]")
CMD_OWN = re.compile(r"[&|<>^()%!\"]")


def quote(argv: Sequence[str], shell: str) -> str:
    """One line for "sh" (also bash and zsh), "fish", "powershell" or "cmd"."""
    return {"powershell": _powershell, "cmd": _cmd, "fish": _fish}.get(shell, _sh)(argv)


def _sh(argv: Sequence[str]) -> str:
    """As shlex does it, and for zsh: there an unquoted =ls is the path of ls."""
    return " ".join(f"'{word}'" if word[:1] == "=" and shlex.quote(word) == word else shlex.quote(word) for word in argv)


def _powershell(argv: Sequence[str]) -> str:
    """Single quotes are literal there, doubled inside; a quoted program needs the call operator."""
    words = [
        word if PLAIN_POWERSHELL.fullmatch(word) else "'" + QUOTES_POWERSHELL.sub(r"\g<0>\g<0>", word) + "'" for word in argv
    ]
    return ("& " if words and words[0].startswith("'") else "") + " ".join(words)


def _cmd(argv: Sequence[str]) -> str:
    """Written for two readers: cmd, and the C runtime of the program.

    cmd knows no escaped quote, so that after one it takes words for quoted that are not, and %NAME% is replaced even within
    quotes. A word with either is written without quotes in cmd's eyes, with a caret before all that it would take as its own.
    """
    return " ".join(_cmd_word(word, first=number == 0) for number, word in enumerate(argv))


def _cmd_word(word: str, *, first: bool) -> str:
    """One word. The first, the program, cmd reads itself: there only true quotes hold a blank, and no path has one in it."""
    if not first and ('"' in word or "%" in word):
        return CMD_OWN.sub(r"^\g<0>", subprocess.list2cmdline([word]))
    return _cmd_quoted(word) if CMD_SPECIAL.search(word) else subprocess.list2cmdline([word])


def _cmd_quoted(word: str) -> str:
    """A word in quotes; backslashes at its end are doubled, or the last would escape the quote."""
    end = len(word) - len(word.rstrip("\\"))
    return f'"{word}{chr(92) * end}"'


def _fish(argv: Sequence[str]) -> str:
    """Inside single quotes fish knows two escapes: the quote and the backslash."""
    return " ".join(
        word if PLAIN_FISH.fullmatch(word) else "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in argv
    )
