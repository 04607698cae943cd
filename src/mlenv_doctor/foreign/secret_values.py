"""Take secrets out of texts by their values: the net for those that are known."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

from .patterns import pattern
from .secret_names import harmless_value
from .secret_words import MASK

HEAD = 6  # characters by which long values are looked up; shorter ones count only where they stand alone
SHORTEST = 3
MANY = 64  # values that are looked for one by one
ALIKE = 32  # values with one head; more of them are masked by it alone
NOT_BLANK = pattern(r"\S*")


class Known(NamedTuple):
    """Secrets by value: long ones wherever they are, short ones (of at most five characters) where they stand alone."""

    long: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


def known(values: Iterable[str], public: str = "") -> Known:
    """The secrets of these values, in every notation. What is public anyway is none: to mask it would only make facts false."""
    found = {form for value in values for form in notations(value) if len(form) >= SHORTEST and form not in public}
    found = {value for value in found if not harmless_value(value)}
    return Known(
        tuple(sorted((value for value in found if len(value) >= HEAD), key=len, reverse=True)),
        tuple(sorted(value for value in found if len(value) < HEAD and not value.isspace())),
    )


def notations(value: str) -> tuple[str, ...]:
    """A value as programs print it: as it is, as Python and JSON quote it, and as a part of an address."""
    return value, value.strip(), repr(value)[1:-1], json.dumps(value)[1:-1], quote(value, safe="")


def without_values(text: str, secrets: Known) -> str:
    """The first net. Its time grows with the text, and not with the number of secrets times the text."""
    if len(secrets.long) > MANY:
        text = _swept(text, secrets.long)
    else:
        for value in secrets.long:
            text = text.replace(value, MASK)
    for value in secrets.short[: 4 * MANY]:
        text = _where_alone(text, value)
    return text


def _swept(text: str, values: Iterable[str]) -> str:
    """Many values at once, looked up by their first letters."""
    heads: Mapping[str, list[str]] = _heads(values)
    kept, last, here = [], 0, 0
    while here <= len(text) - HEAD:
        value = next((v for v in heads.get(text[here : here + HEAD], ()) if text.startswith(v, here)), "")
        if value:
            kept += [text[last:here], MASK]
            here = last = here + len(value) if len(value) > HEAD else _end_of_word(text, here + len(value))
        else:
            here += 1
    return "".join([*kept, text[last:]])


def _end_of_word(text: str, here: int) -> int:
    found = NOT_BLANK.match(text, here)
    return found.end() if found else here


def _heads(values: Iterable[str]) -> Mapping[str, list[str]]:
    """The values by their heads, the longest first; of too many that are alike the head itself."""
    heads: defaultdict[str, list[str]] = defaultdict(list)
    for value in values:
        heads[value[:HEAD]].append(value)
    return {head: found if len(found) <= ALIKE else [head] for head, found in heads.items()}


def _where_alone(text: str, value: str) -> str:
    """A short value, where it is no part of a longer word."""
    parts = text.split(value)
    joined = [parts[0]]
    for left, right in pairwise(parts):
        inside = _joins(left[-1:], value[0]) or _joins(right[:1], value[-1])
        joined += [value if inside else MASK, right]
    return "".join(joined)


def _joins(neighbor: str, letter: str) -> bool:
    return bool(neighbor) and (neighbor.isalnum() or neighbor in "_.-/") and letter.isalnum()
