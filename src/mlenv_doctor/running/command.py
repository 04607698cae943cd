"""Run a command with our own input and output, its terminal included, and keep the end of what it prints."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence

from . import terminal
from .child import attend, hold, start
from .ended import Ended, Tail
from .relay import Relay, carry_on, wide_pipe, widen

IN, OUT, ERR = 0, 1, 2
KEYS = 4096  # that are passed on at once


def run(command: Sequence[str]) -> Ended:
    """Run it to its end. It shares our standard input; whatever it prints passes through."""
    waited, before = hold()
    try:
        if os.isatty(IN) and os.isatty(OUT) and terminal.is_foreground(IN):
            return _at_own_terminal(command, waited, before)
        return _beside_us(command, waited, before)
    finally:
        _drop(waited)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _drop(waited: set[signal.Signals]) -> None:
    """Forget what was sent to the command and came too late."""
    while not waited.isdisjoint(signal.sigpending()):
        signal.sigwait(waited)


class Output:
    """Where the command writes to, and what becomes of it. shared: both of its streams are one, and keep one order."""

    def __init__(self, shared: bool, opened: Callable[[int], tuple[int, int]]) -> None:
        ends = [opened(stream) for stream in ((OUT,) if shared else (OUT, ERR))]
        self.ours, self.theirs = [our for our, _ in ends], [their for _, their in ends]
        self.streams = self.theirs[0], self.theirs[-1]
        self.tails = (Tail(), Tail())
        self.relays: list[Relay] = []

    def begin(self) -> None:
        """Pass on from now on; only the command holds its ends."""
        for file in self.theirs:
            os.close(file)
        self.relays = [Relay(our, sink, tail) for our, sink, tail in zip(self.ours, (OUT, ERR), self.tails)]

    def ended(self, code: int, refused: int) -> Ended:
        """What is known once the command has ended. What it left in the background may print on."""
        left = [relay.ways for relay in self.relays if relay.finish()]
        if left:
            carry_on(left)
        *stdout, stderr = [tail.kept for tail in self.tails[: len(self.relays)]]
        return Ended(code, b"".join(stdout), stderr, refused)


def _same(one: int, other: int) -> bool:
    """Whether two of our streams are one."""
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def _channel(stream: int) -> tuple[int, int]:
    """A way from the command to one of our streams: a terminal where it is one, else a pipe."""
    if os.isatty(stream):
        return terminal.opened(stream, plain=True)
    widen(stream)
    return wide_pipe()


def _beside_us(command: Sequence[str], waited: set[signal.Signals], before: set[int]) -> Ended:
    """In our session and process group, with our input: what the keyboard sends reaches both of us."""
    output = Output(_same(OUT, ERR), _channel)
    pid, refused = start(command, (IN, *output.streams), before)
    screens = [(stream, our) for stream, our in zip((OUT, ERR), output.ours) if os.isatty(stream)]
    output.begin()
    code = attend(pid, waited, together=True, resized=lambda: sum(terminal.resize(*screen) for screen in screens) > 0)
    return output.ended(code, refused)


def _at_own_terminal(command: Sequence[str], waited: set[signal.Signals], before: set[int]) -> Ended:
    """At a terminal of its own that looks like ours."""
    master, slave = terminal.opened(IN, plain=False)
    output = Output(os.isatty(ERR), lambda stream: (os.dup(master), os.dup(slave)) if stream == OUT else wide_pipe())
    leader, refused = terminal.start_in_session(command, (slave, *output.streams), slave, (master, *output.ours), before)
    os.close(slave)
    keyboard = terminal.Keyboard(IN)
    keyboard.pass_on()
    output.begin()
    keys = Relay(os.dup(IN), master, Tail(KEYS), lambda: terminal.is_foreground(IN))

    def resized() -> bool:
        terminal.resize(IN, master)
        return False  # the system itself tells whoever is at that terminal

    try:
        code = attend(leader, waited, together=False, pausing=keyboard.give_back, resuming=keyboard.pass_on, resized=resized)
        keys.finish(drain=False)
        return output.ended(code, refused)
    finally:
        keyboard.give_back()
