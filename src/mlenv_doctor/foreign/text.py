"""What came from outside is `Foreign`: it enters a line through one door, and a command through another that may refuse it.

Names of files, kernels and libraries, variables, error messages and all fields of a snapshot are written by strangers. As
data they stay exactly what they are; as soon as one is put into a sentence it is one line, short, and holds nothing that a
terminal obeys or that a reader does not see. Every pattern here is linear: each match begins where the last one ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .patterns import pattern

LONGEST = 2000  # characters of a line
LONGEST_TEXT = 100_000  # of a finding as a whole; the values in it are far shorter
LONGEST_WORD = 4096  # of a word of a command, as the longest path of Linux
SEQUENCE = pattern(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c\n]{0,200}(?:\x07|\x1b\\|\x9c)|[@-Z\\-_a-z0-9=>])?")
BREAK = pattern("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029\t]+")
LINE_END = pattern("\r\n?")
UNSEEN = pattern(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"  # in other scripts, and in emoji, they mean something
)
UNWRITABLE = pattern("[\ud800-\udfff\ufffe\uffff]")


class Unspeakable(ValueError):
    """A value that cannot be a word of a command; the text says why, and shows the value as a line."""


class Foreign(str):
    """A text from outside. It equals the plain text; written into another, it is a line."""

    __slots__ = ()

    def __format__(self, how: str) -> str:
        return format(line(self), how)

    def __copy__(self) -> Foreign:
        return self

    def __deepcopy__(self, memo: object) -> Foreign:
        return self

    def __reduce__(self) -> tuple[type[Foreign], tuple[str]]:
        return Foreign, (str(self),)


def line(text: str, most: int = LONGEST) -> str:
    """The text as one line that can be shown: no line break, no character that is obeyed or not seen, not too long."""
    text = text[: 4 * most]
    shown = SEQUENCE.sub("", text) if "\x1b" in text else text
    if not shown.isascii() or not shown.isprintable():
        shown = UNWRITABLE.sub(_spelled, UNSEEN.sub("", BREAK.sub(" ", shown)))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def harmless(text: str) -> str:
    """The text with its line breaks, without what a terminal obeys and without what is not seen or turns text around."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = LINE_END.sub("\n", SEQUENCE.sub("", text) if "\x1b" in text else text)
    return UNSEEN.sub(_kept, text)


def shut(owner: object, *names: str, most: int = LONGEST, whole: bool = True) -> None:
    """Make fields of a frozen object lines, texts and those of mappings, whoever wrote them and whatever was filled in.

    whole: whether that is true of the values of a mapping as well; else they may have lines, as data.
    """
    for name in names:
        value = getattr(owner, name)
        if isinstance(value, str) and not (type(value) is str and is_line(value, most)):
            object.__setattr__(owner, name, line(value, most))
        elif isinstance(value, Mapping) and not all(is_line(word, most) for pair in value.items() for word in pair):
            kept = {line(key, most): line(item, most) if whole else harmless(item)[:most] for key, item in value.items()}
            object.__setattr__(owner, name, kept)


def is_line(text: object, most: int = LONGEST) -> bool:
    """Whether a text can be shown as it is. What is no text is told of elsewhere."""
    plain = not isinstance(text, str) or (len(text) <= most and text.isascii() and text.isprintable())
    return plain or (isinstance(text, str) and text == line(text, most))


def word(text: str) -> str:
    """The exact text, fit to be a word of a command. Raises Unspeakable."""
    text = str(text)
    if len(text) > LONGEST_WORD:
        raise Unspeakable(f"{line(text, 60)} is too long for a command")
    if text != line(text, LONGEST_WORD):
        raise Unspeakable(f"{line(text, 120)} has characters in its name that a command cannot show; rename it first")
    return text


def _kept(found: re.Match[str]) -> str:
    """Line ends and tabs are seen."""
    return found[0] if found[0] in "\n\t" else ""


def _spelled(found: re.Match[str]) -> str:
    """What cannot be written, as Python spells it."""
    return f"\\u{ord(found[0]):04x}"
