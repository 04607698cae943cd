"""How shells that are not here read a line, by their documented rules: PowerShell, and cmd with the C runtime behind it."""

from __future__ import annotations

import re

SINGLE = "'\u2018\u2019\u201a\u201b"
SPECIAL = set('"`$&|;,(){}<>@#%' + SINGLE + "\u201c\u201d\u201e")


def powershell(line: str) -> list[str]:
    """about_Quoting_Rules, about_Parsing: single quotes are literal, doubled inside; `&` calls what is quoted.

    A bare word that PowerShell would read as more than a word is an error here: also one such as -a.b, which it splits
    (https://github.com/PowerShell/PowerShell/issues/6291).
    """
    words, rest = [], line
    called = rest.startswith("& ")
    rest = rest[2:] if called else rest
    while rest:
        if rest[0] in SINGLE:
            word, rest = _literal(rest[1:])
        else:
            word = re.match(r"\S+", rest)[0]  # type: ignore[index]  # the line has no blank here
            rest = rest[len(word) :]
            assert not SPECIAL & set(word), word
            assert not re.match(r"-[A-Za-z_][^.:]*[.:]", word), word
        words.append(word)
        assert not rest or rest[0] == " ", rest
        rest = rest[1:]
    assert called or not line or line[0] not in SINGLE, "a quoted text alone is printed, not called"
    return words


def _literal(rest: str) -> tuple[str, str]:
    """What stands in single quotes, and what follows them."""
    word = ""
    while True:
        if rest[0] in SINGLE:
            if rest[1:2] and rest[1] in SINGLE:
                word, rest = word + rest[0], rest[2:]
                continue
            return word, rest[1:]
        word, rest = word + rest[0], rest[1:]


def cmd(line: str) -> list[str]:
    """What a program gets from a line that is typed into cmd: variables, then quotes and carets, then the C runtime.

    https://learn.microsoft.com/windows-server/administration/windows-commands/cmd,
    https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
    """
    return _runtime(_carets(re.sub(r"%[A-Za-z0-9_]+%", "EXPANDED", line)))


def _carets(line: str) -> str:
    """The line after cmd: a caret outside of quotes takes the next letter as it is, and specials end the command."""
    read, quoted, position = "", False, 0
    while position < len(line):
        letter = line[position]
        if letter == "^" and not quoted:
            position += 1
            read += line[position]
        else:
            quoted ^= letter == '"'
            assert quoted or letter not in "&|<>()\n", line
            read += letter
        position += 1
    return read


def _runtime(line: str) -> list[str]:
    """The words of a command line, as a C program gets them. The first has rules of its own: quotes only."""
    first = re.match(r'"([^"]*)"|\S+', line)
    assert first
    words = [first[0].strip('"')]
    rest = line[first.end() :].lstrip(" \t")
    while rest:
        word, rest = _argument(rest)
        words.append(word)
        rest = rest.lstrip(" \t")
    return words


def _argument(rest: str) -> tuple[str, str]:
    """Backslashes are literal unless a double quote follows: then two are one, and an odd one escapes the quote."""
    word, quoted, position = "", False, 0
    while position < len(rest) and (quoted or rest[position] not in " \t"):
        slashes = re.match(r"\\*", rest[position:])[0]  # type: ignore[index]  # matches always
        position += len(slashes)
        if rest[position : position + 1] == '"':
            word += "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                word += '"'
            elif quoted and rest[position + 1 : position + 2] == '"':
                word, position = word + '"', position + 1
            else:
                quoted = not quoted
            position += 1
        elif slashes:
            word += slashes
        elif position < len(rest):
            word += rest[position]
            position += 1
    return word, rest[position:]
