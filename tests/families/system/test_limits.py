"""What is said about limits and the clock, for facts made by hand."""

from __future__ import annotations

import pytest

from mlenv_checks.system.facts import Limits, System
from mlenv_checks.system.limits import (
    clock_is_right,
    files_may_be_opened,
    long_paths_are_allowed,
    memory_is_enough,
    threads_fit_the_processors,
)
from mlenv_doctor import Finding, Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Libraries, Place, Python

GIB = 1 << 30
DAY = 86400.0
LATE = Missing("limits", Why.TIMEOUT, "did not answer within 15 s")
NUMPY = Libraries((Distribution("numpy", "2", "/s"),))


def said(found: object) -> tuple[str, str, str]:
    assert isinstance(found, Finding)
    return found.status.value, found.cause, found.fix.id if found.fix else ""


def memory(total: float | None = 16, free: float | None = None, limit: float | None = None, left: float | None = None) -> System:
    sizes = [None if size is None else int(size * GIB) for size in (total, free, limit, left)]
    return System(memory_total=sizes[0], memory_available=sizes[1], memory_limit=sizes[2], memory_left=sizes[3])


LOW, LIMITED, FINE = ("warn", "memory-low", "system.memory"), ("warn", "memory-limit", "system.memory-limit"), ("pass", "", "")


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (memory(free=9), FINE),
        (memory(), FINE),
        (memory(None), ("unknown", "", "")),
        (memory(3, 3), LOW),
        (memory(free=0.5), LOW),
        (memory(64, 60, limit=2, left=2), LIMITED),
        (memory(None, limit=2), LIMITED),
        (memory(64, 60, limit=8, left=0.5), LIMITED),  # the machine has room, the group has used its own up
        (memory(64, 60, limit=8, left=7), FINE),
        (memory(64, 60, limit=8), FINE),
        (memory(3, 2, limit=2, left=2), LOW),  # it would not help to raise the limit
        (memory(3, 2, limit=2, left=0.5), LIMITED),
        (memory(16, 9, limit=64, left=60), FINE),  # a limit above what there is
        (memory(16, 9, limit=64, left=0.5), FINE),
        (memory(None, limit=8, left=0.5), LIMITED),
        (memory(None, limit=8), ("unknown", "", "")),
    ],
)
def test_the_memory(system: System, expected: tuple[str, str, str]) -> None:
    assert said(memory_is_enough(system)) == expected


def test_a_limit_that_suffices_is_told() -> None:
    assert "64 GiB of memory, of which 8.0 GiB are available here" in memory_is_enough(memory(64, 60, 8)).message  # type: ignore[union-attr]
    assert memory_is_enough(memory(16, 9, 64)).message == "16 GiB of memory"  # type: ignore[union-attr]


SLOW = ("warn", "cpu-limit", "system.threads")


@pytest.mark.parametrize(
    ("quota", "cores", "threads", "libraries", "expected"),
    [
        (None, 8, "", NUMPY, FINE),
        (8.0, 8, "", NUMPY, FINE),
        (4.0, 8, "", NUMPY, FINE),
        (3.9, 8, "", NUMPY, SLOW),
        (1.5, 64, "", Libraries(), FINE),
        (1.5, 64, "OMP_NUM_THREADS", NUMPY, FINE),
        (0.5, 1, "", NUMPY, FINE),
    ],
)
def test_the_processors(
    quota: float | None, cores: int, threads: str, libraries: Libraries, expected: tuple[str, str, str]
) -> None:
    found = threads_fit_the_processors(Limits(cpu_quota=quota, threads_set=threads), System(cores=cores), libraries)
    assert said(found) == expected


@pytest.mark.parametrize(("quota", "threads"), [(0.2, "1"), (1.0, "1"), (1.5, "2")])
def test_as_many_threads_as_there_is_work_for(quota: float, threads: str) -> None:
    found = threads_fit_the_processors(Limits(cpu_quota=quota), System(cores=16), NUMPY)
    assert isinstance(found, Finding) and found.fix and found.fix.values == {"threads": threads}
    assert f"{quota:g} of 16 CPUs" in found.message


FEW, TOO_FEW = ("warn", "open-files-limit", "system.open-files"), ("warn", "open-files-limit", "system.open-files-most")


@pytest.mark.parametrize(
    ("limits", "place", "expected"),
    [
        (Limits(open_files=1024, open_files_most=1024), Place(), FINE),
        (Limits(open_files=-1, open_files_most=-1), Place(), FINE),
        (Limits(open_files=1023, open_files_most=4096), Place(), FEW),
        (Limits(open_files=256, open_files_most=-1), Place(), FEW),
        (Limits(open_files=256), Place(), FEW),
        (Limits(open_files=256, open_files_most=256), Place(), TOO_FEW),
        (Limits(open_files=256, open_files_most=-1), Place(os="macos"), FINE),
        (Limits(open_files=256, open_files_most=-1), Missing("place", Why.ERROR, "x"), FEW),
        (Limits(), Place(os="windows"), ("skip", "", "")),
        (LATE, Place(), ("unknown", "", "")),
        (Missing("limits", Why.NOT_ASKED, "not checked"), Place(), ("skip", "", "")),  # a snapshot of an older version
    ],
)
def test_the_open_files(limits: Limits | Missing, place: Place | Missing, expected: tuple[str, str, str]) -> None:
    assert said(files_may_be_opened(limits, place)) == expected


@pytest.mark.parametrize(("most", "number"), [(4096, "4096"), (-1, "65535"), (1 << 20, "65535")])
def test_no_more_open_files_than_may_be(most: int, number: str) -> None:
    found = files_may_be_opened(Limits(open_files=256, open_files_most=most), Place())
    assert isinstance(found, Finding) and found.fix and found.fix.values == {"number": number}


@pytest.mark.parametrize(
    ("allowed", "length", "expected"),
    [
        (None, 200, ("skip", "", "")),
        (True, 200, FINE),
        (False, 90, FINE),
        (False, 91, ("warn", "windows-long-paths", "system.long-paths")),
    ],
)
def test_long_paths(allowed: bool | None, length: int, expected: tuple[str, str, str]) -> None:
    assert said(long_paths_are_allowed(Limits(long_paths=allowed), Python(purelib="C" * length))) == expected


@pytest.mark.parametrize(
    ("witnesses", "expected"),
    [
        ((), ("skip", "", "")),
        ((99 * DAY, 100.9 * DAY), FINE),
        ((100.9 * DAY,), FINE),  # a time zone, or a clock that a laptop lost in its sleep
        ((101.5 * DAY,), ("warn", "clock-skew", "system.clock")),
        ((101.5 * DAY, 400 * DAY), ("warn", "clock-skew", "system.clock")),
        ((99 * DAY, 400 * DAY), FINE),  # one of them was written by a clock that was ahead
    ],
)
def test_the_clock(witnesses: tuple[float, ...], expected: tuple[str, str, str]) -> None:
    found = clock_is_right(Limits(clock=100 * DAY, witnesses=witnesses))
    assert said(found) == expected
    assert not witnesses or "1970-04-11" in found.message  # type: ignore[union-attr]
