"""How a command ended, and the end of what it printed."""

from __future__ import annotations

from ..records import dataclass

KEPT = 256 << 10  # bytes of each stream
NOT_FOUND, NOT_EXECUTABLE, BY_SIGNAL = 127, 126, 128


@dataclass(frozen=True)
class Ended:
    """The exit code as a shell reports it, and the end of both streams; stderr holds both where they were one.

    refused: the errno of the system that did not start the command, 0 where it started.
    """

    code: int
    stdout: bytes = b""
    stderr: bytes = b""
    refused: int = 0


class Tail:
    """The last bytes of a stream, however long it is. They are read into place: nothing is copied until somebody asks."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._ring = bytearray(2 * most)
        self._at = 0
        self._around = False

    def room(self) -> memoryview:
        """Where the next bytes go; `took` says how many came."""
        return memoryview(self._ring)[self._at : self._at + self._most]

    def took(self, count: int) -> None:
        """So many bytes were read."""
        self._at += count
        if self._at == len(self._ring):
            self._at, self._around = 0, True

    @property
    def kept(self) -> bytes:
        """At most `most` bytes."""
        before = self._ring[self._at :] if self._around else b""
        return bytes(before + self._ring[: self._at])[-self._most :]
