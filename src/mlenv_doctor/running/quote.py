"""Write an argument list so that it can be pasted into a shell."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

PLAIN_POWERSHELL = re.compile(r"(?!-[A-Za-z_][^.:]*[.:])[A-Za-z0-9_./:\\=+-]+")  # of -a.b it makes two words
QUOTES_POWERSHELL = re.compile("['\u2018\u2019\u201a\u201b]")  # the typographic ones end a text there as well
PLAIN_SH = re.compile(r"[A-Za-z0-9_./:=+@,-][A-Za-z0-9_./:=+@%,-]*")
HARMLESS = re.compile(r"[\w.,:=@+/\\ -]*")  # in every shell, within any quotes
ESCAPED_SH = re.compile(r"(['\\])")
CMD_SPECIAL = re.compile(r"[&|<>^()]")
CMD_OWN = re.compile(r"[&|<>^()%!\"]")


def quoted(argv: Sequence[str], shell: str, reader: str) -> str:
    """One line for the shell of the patient, where that is harmless in the one of who reads it; else for the reader's.

    A snapshot says itself which shell its machine has; it must not choose how words are quoted that are pasted elsewhere.
    """
    same = shell == reader or all(HARMLESS.fullmatch(word) for word in argv)
    return quote(argv, shell if same else reader)


def quote(argv: Sequence[str], shell: str) -> str:
    """One line for "sh" (every shell of Unix), "powershell" or "cmd"."""
    return {"powershell": _powershell, "cmd": _cmd}.get(shell, _sh)(argv)


def typed(argv: Sequence[str]) -> str:
    """One line for the shell of whoever reads this."""
    return quote(argv, here())


def here() -> str:
    """The kind of shell of whoever reads this; all shells of Unix are quoted for alike."""
    if os.name != "nt":
        return "sh"
    return "powershell" if "PSModulePath" in os.environ and "PROMPT" not in os.environ else "cmd"


def _sh(argv: Sequence[str]) -> str:
    """For every shell of Unix at once: nobody can tell for sure which one a line is pasted into.

    Within single quotes fish knows the backslash as an escape, and the others do not: it is written outside of them. In zsh
    an unquoted =ls is the path of ls.
    """
    return " ".join(_sh_word(word) for word in argv)


def _sh_word(word: str) -> str:
    if PLAIN_SH.fullmatch(word) and word[0] != "=":
        return word
    parts = ESCAPED_SH.split(word)  # every second one is such a letter
    written = ("\\" + part if number % 2 else f"'{part}'" if part else "" for number, part in enumerate(parts))
    return "".join(written) or "''"


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
