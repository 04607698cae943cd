"""How the time of a pattern grows on its own worst texts, which are made from the pattern itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from mlenv_doctor.foreign.patterns import Later

try:
    import re._parser as parser  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.11
    import sre_parse as parser  # type: ignore[no-redef,unused-ignore]

LETTERS = "a0A_-.:/\\ \n\t\"'=@;,$%&?#~+<>()[]{}|^!*`\x1b\x07\x9b\u200b\u00e9"


def patterns(*modules: ModuleType) -> dict[str, re.Pattern[str]]:
    """All compiled patterns of some modules."""
    found = {
        f"{m.__name__}.{name}": value for m in modules for name, value in vars(m).items() if isinstance(value, re.Pattern | Later)
    }
    return {name: value for name, value in found.items() if isinstance(value.pattern, str)}


def pumps(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts that, repeated, a matcher may go over again and again: beginnings of what matches, and single letters."""
    seen = set()
    for more in (0, 2):
        text, tree = "", parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        text = sample(list(tree), more)
        for end in range(1, min(len(text), 60) + 1):
            for piece in (text[:end], text[end - 1], text[:end] + " ", text[:end] + "\n"):
                if piece not in seen:
                    seen.add(piece)
                    yield piece
    yield from (letter for letter in LETTERS if letter not in seen)


def texts(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Each pump repeated; and what begins a match, followed by one letter without end."""
    starts = {"": None, sample(list(parser.parse(pattern.pattern, pattern.flags)), 0)[:30]: None}
    for pump in pumps(pattern):
        yield (pump * (size // len(pump) + 1))[:size]
    for start in list(starts):
        for cut in {len(start), len(start) // 2}:
            yield from ((start[:cut] + letter * size)[:size] for letter in LETTERS)


def sample(tree: list[Any], more: int) -> str:
    """A text that matches a parsed pattern, more or less: looks around are taken as they come, repeats as few or a few more."""
    return "".join(_piece(str(op), argument, more) for op, argument in tree)


def _piece(op: str, argument: Any, more: int) -> str:
    if op == "LITERAL":
        return chr(argument)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = argument
        return sample(list(inner), more) * min(int(high), int(low) + more)
    if op == "SUBPATTERN":
        return sample(list(argument[-1]), more)
    if op == "ATOMIC_GROUP":
        return sample(list(argument), more)
    if op == "BRANCH":
        return sample(list(argument[1][more % len(argument[1])]), more)
    if op == "IN":
        return _of_class(argument)
    if op == "NOT_LITERAL":
        return "a" if argument != ord("a") else "b"
    return "a" if op == "ANY" else ""


def _of_class(members: list[Any]) -> str:
    """A letter of a class."""
    negated = str(members[0][0]) == "NEGATE"
    source = "[" + "".join(_member(str(op), argument) for op, argument in members) + "]"
    for letter in "a0A-_. :/=" + LETTERS:
        if re.match(source, letter):
            return letter
    first = members[1 if negated else 0][1]
    return chr(first if isinstance(first, int) else first[0])


def _member(op: str, argument: Any) -> str:
    if op == "NEGATE":
        return "^"
    if op == "RANGE":
        return (
            "".join(f"\\U{end:08x}" if end > 127 else re.escape(chr(end)) for end in (argument[0],))
            + "-"
            + (f"\\U{argument[1]:08x}" if argument[1] > 127 else re.escape(chr(argument[1])))
        )
    if op == "LITERAL":
        return f"\\U{argument:08x}" if argument > 127 else re.escape(chr(argument))
    return {
        "CATEGORY_DIGIT": r"\d",
        "CATEGORY_WORD": r"\w",
        "CATEGORY_SPACE": r"\s",
        "CATEGORY_NOT_DIGIT": r"\D",
        "CATEGORY_NOT_WORD": r"\W",
        "CATEGORY_NOT_SPACE": r"\S",
    }[str(argument)]


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The time that it takes to go over a text, all of it."""

    def over() -> None:
        for _ in pattern.finditer(text):
            pass

    return cpu(over)


def cpu(work: Callable[[], object]) -> float:
    """The processor's time for some work: what else the machine does is not counted."""
    started = time.process_time()
    work()
    return time.process_time() - started


def stretched(beginning: str, size: int) -> str:
    """A text of this size from the beginning of one: what it repeats goes on."""
    found = re.match(r"(.*?)((.{1,60}?)\3*)$", beginning, re.S)
    start, unit = (found[1], found[3]) if found else ("", beginning)
    return (start + unit * (size // len(unit) + 1))[:size]


def growth(pattern: re.Pattern[str], small: int = 1_000, factor: int = 8, limit: float = 0.15) -> tuple[float, float, str]:
    """By how much more than the text the time grows on the worst of them (1 is linear), that time, and the text's beginning.

    A text that takes longer than the limit ends the search: it is bad enough.
    """
    found = (0.0, 0.0, "")
    for before, after in zip(texts(pattern, small), texts(pattern, small * factor)):
        first = seconds(pattern, before)
        later = seconds(pattern, after) if first < limit / factor else first * factor * factor
        found = max(found, (later / max(first, 2e-4) / factor, later, after[:60]))
        if later > limit:
            return found
    return found
