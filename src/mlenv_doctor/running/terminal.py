"""Terminals: one of its own for a command, as large as ours, and ours passing on every key meanwhile."""

from __future__ import annotations

import fcntl
import os
import signal
import termios
import tty
from collections.abc import Sequence
from contextlib import suppress

from .child import attend, hold, start

SIZE = b"\0" * 8  # rows, columns, and both in pixels
OUTPUT_FLAGS = 1  # the place of c_oflag among the attributes


def is_foreground(terminal: int) -> bool:
    """Whether the keyboard of a terminal is ours just now."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


def opened(like: int, *, plain: bool) -> tuple[int, int]:
    """Both ends of a new terminal, set and sized as another one. plain: nothing of what is written is changed on its way."""
    master, slave = os.openpty()
    with suppress(termios.error):
        attributes = termios.tcgetattr(like)
        if plain:
            attributes[OUTPUT_FLAGS] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
    resize(like, master)
    return master, slave


def resize(like: int, other: int) -> bool:
    """Make a terminal as large as another one; whether it was not before."""
    with suppress(OSError):
        size = fcntl.ioctl(like, termios.TIOCGWINSZ, SIZE)
        if size != fcntl.ioctl(other, termios.TIOCGWINSZ, SIZE):
            fcntl.ioctl(other, termios.TIOCSWINSZ, size)
            return True
    return False


class Keyboard:
    """Our terminal, while every key is passed on to the command as it is."""

    def __init__(self, terminal: int) -> None:
        self._terminal, self._attributes = terminal, termios.tcgetattr(terminal)

    def pass_on(self) -> None:
        """Leave every key to the command's own terminal, also those that would interrupt or stop us."""
        if is_foreground(self._terminal):
            with suppress(termios.error):
                tty.setraw(self._terminal, termios.TCSADRAIN)

    def give_back(self) -> None:
        """As it was before."""
        if is_foreground(self._terminal):
            with suppress(termios.error):
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._attributes)


def start_in_session(
    command: Sequence[str], streams: Sequence[int], slave: int, spare: Sequence[int], before: set[int]
) -> tuple[int, int]:
    """Start a command in a session of its own, at the terminal `slave`: the process that attends to it, and the errno or 0.

    That process leads the session, so that the command can be stopped with Ctrl-Z: nobody can stop the leader itself.
    spare: the files that belong to us alone.
    """
    told, tell = os.pipe()
    leader = os.fork()
    if not leader:
        try:
            for file in (*spare, told):
                os.close(file)
            os._exit(_lead(command, streams, slave, before, tell))
        finally:
            os._exit(1)
    os.close(tell)
    said = os.read(told, 16)
    os.close(told)
    return leader, int(said or b"0")


def _lead(command: Sequence[str], streams: Sequence[int], slave: int, before: set[int], tell: int) -> int:
    """In the leader: start the command in the foreground of the terminal, and end as it does."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it hands the foreground on and takes it back
    waited, _ = hold()

    def foreground() -> None:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)

    pid, refused = start(command, streams, before, foreground)
    os.write(tell, b"%d" % refused)
    os.close(tell)
    for file in {*streams, slave} - {0, 1, 2, slave}:
        os.close(file)  # pipes end when the command closes them
    code = attend(pid, waited, together=False, group=True)
    with suppress(OSError):
        os.tcsetpgrp(slave, os.getpgrp())  # what the command left in the background does not hear that the session ends
    return code
