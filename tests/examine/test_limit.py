"""Judging ends in time, with what is known; and a signal disturbs no tidying up."""

from __future__ import annotations

import os
import signal
import time

import pytest

from mlenv_doctor.api import Finding, check, ok
from mlenv_doctor.examine import limit, shield
from mlenv_doctor.examine.engine import judge
from mlenv_doctor.model import Status


@check("limit.quick")
def quick() -> Finding:
    """A check that ends."""
    return ok("done")


@check("limit.endless")
def endless() -> Finding:
    """A check that does not."""
    try:
        while True:
            time.sleep(0.01)
    except Exception:
        return ok("held")


def test_what_is_not_judged_in_time_is_unknown() -> None:
    started = time.monotonic()
    limit.end_within(0.2)
    try:
        results = judge((quick, endless, quick), {})
    finally:
        limit.no_end()
    assert time.monotonic() - started < 3
    assert [result.findings[0].status for result in results] == [Status.PASS, Status.UNKNOWN, Status.UNKNOWN]
    assert "time budget" in results[1].findings[0].message


def test_a_thread_has_a_harder_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(limit, "GRACE", 0.0)
    limit._end_hard(0.05, ended.append)
    time.sleep(0.4)
    assert ended == [3]


def test_a_signal_waits_for_the_tidying_up() -> None:
    before = signal.getsignal(signal.SIGINT)
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        shield_and_interrupt(done)
    assert done == ["tidy"] and signal.getsignal(signal.SIGINT) is before


def shield_and_interrupt(done: list[str]) -> None:
    with shield.shield():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        done.append("tidy")
