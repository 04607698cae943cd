"""A watchdog over our own work: what is not done in time is left undone, and that is said."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE = 5.0  # seconds for judging and showing what is known, once the time is up
USUAL = 600.0  # seconds for everything
SAVED = 60.0  # seconds where nothing has to be looked at


_timers: list[threading.Timer] = []


class OutOfTime(BaseException):
    """The time is up. No Exception: nothing that handles mistakes may hold it."""


def end_within(seconds: float) -> None:
    """Raise OutOfTime in the main thread after so many seconds; the last call counts.

    Where no alarm can be set (Windows, a thread) the process ends then, if it is still there.
    """
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, _out_of_time)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    else:
        _end_hard(seconds)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Do something within so many seconds. What comes afterwards, such as a repair, takes as long as it takes."""
    end_within(seconds)
    try:
        yield
    finally:
        no_end()


def no_end() -> None:
    """Take the alarm back."""
    while _timers:
        _timers.pop().cancel()
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_hard(seconds: float, end: Callable[[int], object] = os._exit) -> None:
    timer = threading.Timer(seconds + GRACE, end, (3,))
    timer.daemon = True
    _timers.append(timer)
    timer.start()


def _out_of_time(*_: object) -> None:
    raise OutOfTime
