"""Signals: each asks once for an end, and none of them disturbs the tidying up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_shielded: list[bool] = []
_asked: list[int] = []
_put_off: list[int] = []  # for a handler that is not ours


def interruptible() -> None:
    """From now on a signal ends what is being done, by a KeyboardInterrupt; one that comes later changes nothing."""
    for number in _numbers():
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt)


@contextmanager
def shield() -> Iterator[None]:
    """No signal interrupts what is done within. One that was sent meanwhile is obeyed afterwards."""
    early = bool(_asked)
    _shielded.append(True)
    before = _hold()
    try:
        yield
    finally:
        _shielded.pop()
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what getsignal gave
    if _put_off:
        signal.raise_signal(_put_off.pop())
    if _asked and not early and not _shielded:
        raise KeyboardInterrupt


def _hold() -> dict[int, object]:
    """Where handlers are not ours, as in a notebook, they are put off as well. Only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {number: signal.getsignal(number) for number in _numbers()}
    ours = {number: handler for number, handler in found.items() if callable(handler) and handler is not _interrupt}
    for number in ours:
        signal.signal(number, _later)
    return ours  # type: ignore[return-value]  # a number is a signal


def _later(number: int, frame: object) -> None:
    _put_off[:] = [number]


def _interrupt(number: int, frame: object) -> None:
    if _asked and not _shielded:
        return  # it has been asked to end, and is on its way
    _asked.append(number)
    if not _shielded:
        raise KeyboardInterrupt


def _numbers() -> list[int]:
    return [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
