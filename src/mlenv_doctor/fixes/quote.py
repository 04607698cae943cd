"""Write an argument list so that it can be pasted into a shell."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence

PLAIN_POWERSHELL = re.compile(r"[A-Za-z0-9_./:\\=+-]+")
QUOTES_POWERSHELL = re.compile("['\u2018\u2019\u201a\u201b]")  # the typographic ones end a text there as well
PLAIN_FISH = re.compile(r"[A-Za-z0-9_./:=+@%,-]+")
CMD_SPECIAL = re.compile(r"[&|<>^()]")


def quote(argv: Sequence[str], shell: str) -> str:
    """One line for "sh" (also bash and zsh), "fish", "powershell" or "cmd"."""
    return {"powershell": _powershell, "cmd": _cmd, "fish": _fish}.get(shell, shlex.join)(argv)


def _powershell(argv: Sequence[str]) -> str:
    """Single quotes are literal there, doubled inside; a quoted program needs the call operator."""
    words = [
        word if PLAIN_POWERSHELL.fullmatch(word) else "'" + QUOTES_POWERSHELL.sub(r"\g<0>\g<0>", word) + "'" for word in argv
    ]
    return ("& " if words and words[0].startswith("'") else "") + " ".join(words)


def _cmd(argv: Sequence[str]) -> str:
    """The C runtime's quoting; a word with a character that cmd takes as its own is put into quotes as well."""
    words = []
    for word in argv:
        written = subprocess.list2cmdline([word])
        if written == word and CMD_SPECIAL.search(word):
            written = f'"{word}"'
        words.append(written)
    return " ".join(words)


def _fish(argv: Sequence[str]) -> str:
    """Inside single quotes fish knows two escapes: the quote and the backslash."""
    return " ".join(
        word if PLAIN_FISH.fullmatch(word) else "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in argv
    )
