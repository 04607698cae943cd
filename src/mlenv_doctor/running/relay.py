"""Pass on what arrives at one end, byte for byte, and keep its tail."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import stat
import sys
import termios
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread

from .ended import KEPT, Tail

CHUNK = 64 << 10
WIDE = 1 << 20  # bytes that a pipe holds, where the system allows it
PATIENCE = 0.1  # seconds of silence after which nothing more is expected of a command that has ended
BACKGROUND = 0.2  # seconds until the keyboard is asked for again


class Relay:
    """Copies from one file to another in a thread of its own until the end, or until it has to `finish`."""

    def __init__(self, source: int, sink: int, tail: Tail, ready: Callable[[], bool] = lambda: True) -> None:
        self._source, self._sink, self._tail, self._ready = source, sink, tail, ready
        self._wake, self._waker = os.pipe()
        self._drain = self._open = True
        self._moves = hasattr(os, "splice") and _is_pipe(source) and _is_pipe(sink)
        self._thread = Thread(target=self._copy, daemon=True)
        self._thread.start()

    def finish(self, drain: bool = True) -> bool:
        """Pass on what is there, if that is wanted, and end. Whether somebody may still write: the ways are left open then."""
        self._drain = drain
        os.close(self._waker)
        self._thread.join()
        os.close(self._wake)
        return self._open

    @property
    def ways(self) -> tuple[int, int]:
        """From where to where."""
        return self._source, self._sink

    def _copy(self) -> None:
        """The thread. At the end of all that comes, the source is closed: whoever still writes has to hear that nobody reads."""
        with suppress(OSError):  # EIO: the other side of a terminal is closed; EPIPE: nobody reads on
            if self._until_woken() and self._drain and self._until_silent():
                return
        self._open = False
        os.close(self._source)

    def _until_woken(self) -> bool:
        """Copy; False at the end of the source."""
        while True:
            if not self._ready():
                if _readable(self._wake, timeout=BACKGROUND):
                    return True
            elif self._wake in _readable(self._source, self._wake):
                return True
            elif not self._pass_on():
                return False

    def _until_silent(self) -> bool:
        """Copy what a command left behind that has ended; False at the end of the source."""
        while _readable(self._source, timeout=PATIENCE):
            if not self._pass_on():
                return False
        return True

    def _pass_on(self) -> bool:
        """Copy one piece; False at the end."""
        if self._moves and self._move():
            return True
        room = self._tail.room()
        count = os.readv(self._source, [room])
        self._tail.took(count)
        write(self._sink, room[:count])
        return bool(count)

    def _move(self) -> bool:
        """Let the system move what will not be part of the tail; whether there was any. As much as the tail stays behind."""
        surplus = _held(self._source) - KEPT
        if surplus <= 0:
            return False
        try:
            return os.splice(self._source, self._sink, surplus) > 0
        except OSError as why:
            self._moves = why.errno not in (errno.EINVAL, errno.EAGAIN, errno.ENOSYS)
            if self._moves:
                raise
            return False


def _is_pipe(file: int) -> bool:
    return stat.S_ISFIFO(os.fstat(file).st_mode)


def _held(pipe: int) -> int:
    """How many bytes a pipe holds."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)


def _readable(*files: int, timeout: float | None = None) -> list[int]:
    """Which of these can be read without waiting."""
    return select.select(files, [], [], timeout)[0]


def write(sink: int, data: memoryview) -> None:
    """Write all of it, also where the other side wants it in small pieces or not at once. Raises OSError."""
    while data:
        try:
            data = data[os.write(sink, data) :]
        except BlockingIOError:
            select.select([], [sink], [])


def carry_on(ways: Iterable[tuple[int, int]]) -> None:
    """Leave a process behind that passes on what the children of an ended command print, as long as there are any."""
    if os.fork():
        return
    try:
        open_ways = dict(ways)
        while open_ways:
            for source in _readable(*open_ways):
                data = b""
                with suppress(OSError):
                    data = os.read(source, CHUNK)
                    write(open_ways[source], memoryview(data))
                if not data:
                    os.close(source)
                    del open_ways[source]
    finally:
        os._exit(0)


def wide_pipe() -> tuple[int, int]:
    """A pipe that holds as much as possible: fewer changes between the processes."""
    ends = os.pipe()
    widen(ends[1])
    return ends


def widen(pipe: int) -> None:
    """Let a pipe hold more, if it is one and the system allows it."""
    with suppress(OSError, AttributeError):
        if _is_pipe(pipe) and fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < WIDE:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, WIDE)
