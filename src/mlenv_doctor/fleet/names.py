"""Names of nodes: made safe, and written short (`node[0001-0994]`), as cluster tools write them.

https://clustershell.readthedocs.io/en/latest/tools/nodeset.html: the last number of a name is folded, leading zeros count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

LONGEST = 120  # characters of a name that are kept; DNS allows 253, and nobody reads them
NOT_NAME = re.compile(r"[^\w.:@/+=~-]+", re.ASCII)  # brackets and commas write ranges, all others could break a line
NUMBERED = re.compile(r"^(.*?)([0-9]{1,15})([^0-9]*)$", re.DOTALL)
RANGE = re.compile(r"^([0-9]{1,15})-([0-9]{1,15})$")
MOST = 1_000_000  # names of one folded text that are read back

Series = tuple[str, int, str]  # what is in front of the number, its width if it is padded (else 0), what is behind


def safe(name: str) -> str:
    """A name that can be shown and folded: only letters, digits and `.:@/+=~_-`, not too long, never empty."""
    return NOT_NAME.sub("_", name[: 4 * LONGEST])[:LONGEST].strip("_") or "unnamed"


def folded(names: Iterable[str]) -> str:
    """Names in one short text, each once: `node[1-3,7],login`. Names that are not numbered stand for themselves, in order."""
    plain: set[str] = set()
    series: dict[Series, set[int]] = {}
    for name, found in ((name, NUMBERED.match(name)) for name in names):
        if found:
            before, number, after = found.groups()
            width = len(number) if number.startswith("0") and len(number) > 1 else 0
            series.setdefault((before, width, after), set()).add(int(number))
        else:
            plain.add(name)
    texts = [_written(*key, numbers) for key, numbers in _joined(series).items()]
    return ",".join(sorted([*plain, *texts]))


def _joined(series: dict[Series, set[int]]) -> dict[Series, set[int]]:
    """Numbers without a leading zero belong to the padded ones of their width: 0999 and 1000 are one series."""
    for before, width, after in [key for key in series if key[1]]:
        bare = series.get((before, 0, after), set())
        fitting = {number for number in bare if len(str(number)) == width}
        series[before, width, after] |= fitting
        bare -= fitting
    return {key: numbers for key, numbers in series.items() if numbers}


def _written(before: str, width: int, after: str, numbers: set[int]) -> str:
    parts = [f"{a:0{width}}" if a == b else f"{a:0{width}}-{b:0{width}}" for a, b in _ranges(sorted(numbers))]
    one = len(parts) == 1 and "-" not in parts[0]
    return f"{before}{parts[0]}{after}" if one else f"{before}[{','.join(parts)}]{after}"


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def unfolded(text: str) -> list[str]:
    """The names that `folded` wrote. Raises ValueError for what it would not have written."""
    names = list(chain.from_iterable(_names(part) for part in _parts(text)))
    if len(names) > MOST:
        raise ValueError(f"more than {MOST} nodes")
    return names


def _parts(text: str) -> Iterator[str]:
    """The text between commas that are not inside brackets."""
    start, inside = 0, False
    for place, letter in enumerate(text):
        if letter == "," and not inside:
            yield text[start:place]
            start = place + 1
        inside = letter == "[" or (inside and letter != "]")
    if text[start:]:
        yield text[start:]


def _names(part: str) -> Iterator[str]:
    before, bracket, rest = part.partition("[")
    inside, closed, after = rest.partition("]")
    if not bracket:
        yield part
        return
    if not closed:
        raise ValueError(f"a bracket is not closed in {part[:60]!r}")
    for numbers in inside.split(","):
        found = RANGE.match(numbers)
        first, last = found.groups() if found else (numbers, numbers)
        if not first.isdigit() or int(last) - int(first) > MOST:
            raise ValueError(f"{numbers[:40]!r} is not a range of numbers")
        width = len(first) if first.startswith("0") else 0
        yield from (f"{before}{number:0{width}}{after}" for number in range(int(first), int(last) + 1))


def shortened(text: str, most: int = 100) -> str:
    """A folded text for a line: cut behind a whole name or range, with a mark."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return cut[: max(cut.rfind(","), most // 2)] + ",…" + ("]" if cut.count("[") > cut.count("]") else "")
