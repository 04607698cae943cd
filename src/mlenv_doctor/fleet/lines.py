"""Put the answers of nodes together again out of the lines that `bootstrap.lines` wrote. All of it is foreign and bounded."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib

from ..errors import BadInput
from . import bootstrap
from .bootstrap import LARGEST, MARK, PIECE

LINE = re.compile(
    rf"{MARK} ([\w.:@/+=~-]{{1,253}}) ([0-9a-f]{{16}}) ([0-9]{{1,5}})/([0-9]{{1,5}}) ([A-Za-z0-9+/=]{{1,{PIECE}}})\s*$", re.ASCII
)
LONGEST = 4096  # characters of a line that are looked at: one of ours, and what a log may put in front of it
MOST_PIECES = LARGEST // PIECE + 1  # a packed answer is smaller than the answer
MOST_WAITING = 200_000  # pieces of unfinished answers that are kept, of all nodes together


def written(name: str, text: str) -> list[str]:
    """An answer as the lines that `Answers` reads."""
    return list(bootstrap.lines(name, text))  # type: ignore[no-untyped-call]


class Answers:
    """Collects lines; each call of `feed` may complete the answer of one node. What is no line of ours is passed over."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], list[str | None]] = {}
        self._pieces = 0

    def feed(self, text: str) -> tuple[str, bytes] | None:
        """The name and the answer of the node that this line completes. Raises BadInput for an answer that is damaged."""
        found = LINE.search(text[:LONGEST])
        if not found:
            return None
        name, digest, number, count = found[1], found[2], int(found[3]), int(found[4])
        if not 1 <= number <= count <= MOST_PIECES:
            raise BadInput(f"{name}: its answer is too large, or its lines are numbered wrongly")
        pieces = self._waiting.setdefault((name, digest), [None] * min(count, MOST_PIECES))
        if len(pieces) != count:
            raise BadInput(f"{name}: its lines belong to two different answers")
        if pieces[number - 1] is None:
            pieces[number - 1] = found[5]
            self._pieces += 1
        if self._pieces > MOST_WAITING:
            raise BadInput("too many unfinished answers")
        if any(piece is None for piece in (pieces if number == count or pieces[-1] else (None,))):
            return None
        del self._waiting[name, digest]
        self._pieces -= count
        return name, unpacked("".join(filter(None, pieces)), digest)

    @property
    def unfinished(self) -> list[str]:
        """The names of the nodes of which only a part arrived."""
        return sorted({name for name, _ in self._waiting})


def unpacked(text: str, digest: str) -> bytes:
    """An answer out of its base64. Raises BadInput where it is damaged, or larger than any answer of ours."""
    packer = zlib.decompressobj()
    try:
        data = packer.decompress(base64.b64decode(text, validate=True), LARGEST)
    except (binascii.Error, zlib.error):
        raise BadInput("its answer arrived damaged") from None
    if packer.unconsumed_tail:
        raise BadInput(f"its answer has more than {LARGEST >> 20} MB")
    if hashlib.sha256(data).hexdigest()[:16] != digest:
        raise BadInput("its answer arrived damaged")
    return data
