"""What are this user and this session allowed: memory, processors, open files, long paths; and is the clock right?"""

from __future__ import annotations

import math
from datetime import datetime, timezone

from mlenv_doctor.api import Finding, Missing, Why, check, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Python

from .facts import Limits, System

GIB = 1 << 30
LITTLE_MEMORY, LITTLE_LEFT = 4 * GIB, 1 * GIB
FEW_FILES = 1024  # what Linux gives, and enough
ENOUGH_FILES = 65535
LONG_FOLDER = 90  # letters: what torch puts below its folder takes the other 170 of Windows' 260
DAY = 86400


@check("system.memory", causes=("memory-low", "memory-limit"))
def memory_is_enough(system: System) -> Finding:
    """Memory.

    Linux ends a process that takes too much without a word: a killed kernel, exit code 137.
    """
    if system.memory_limit is not None and (found := _limited(system, system.memory_limit)):
        return found
    total, left = system.memory_total, system.memory_available
    if total is None:
        return unknown("the memory of this machine could not be read")
    if total < LITTLE_MEMORY:
        return warn("memory-low", f"this machine has {total / GIB:.1f} GiB of memory", fix=fix("system.memory"))
    if left is not None and left < LITTLE_LEFT:
        return warn("memory-low", f"only {left / GIB:.1f} of {total / GIB:.0f} GiB of memory are free", fix=fix("system.memory"))
    limit = system.memory_limit if system.memory_limit is not None and system.memory_limit < total else None
    memory = f"{total / GIB:.0f} GiB of memory" + (f", of which {limit / GIB:.1f} GiB are available here" if limit else "")
    return ok(memory, brief=memory)


def _limited(system: System, limit: int) -> Finding | None:
    """What a limit of the control group makes scarce that the machine itself has; None where it does not bind."""
    total, left = system.memory_total, system.memory_left
    evidence = {"limit": f"{limit / GIB:.1f} GiB", "memory of the machine": f"{total / GIB:.1f} GiB" if total else "unknown"}
    if limit < LITTLE_MEMORY and (total is None or total >= LITTLE_MEMORY):
        message = f"only {limit / GIB:.1f} GiB of memory are available: this container or session has a limit"
        return warn("memory-limit", message, evidence=evidence, fix=fix("system.memory-limit"))
    if left is not None and left < LITTLE_LEFT and (total is None or limit < total):
        message = f"only {left / GIB:.1f} of the {limit / GIB:.1f} GiB of available memory are free"
        return warn("memory-limit", message, evidence=evidence, fix=fix("system.memory-limit"))
    return None


@check("system.processors", causes=("cpu-limit",))
def threads_fit_the_processors(limits: Limits, system: System, libraries: Libraries) -> Finding:
    """CPU threads.

    They count the processors of the machine, not those of a limit: then many threads wait for few processors, and all is slow.
    """
    quota, cores = limits.cpu_quota, system.cores
    if quota is None or quota >= cores:
        return ok(f"{cores} CPU{'s' * (cores > 1)}", brief=f"{cores} CPU{'s' * (cores > 1)}")
    said = f"{quota:g} of {cores} CPUs are available here"
    if limits.threads_set:
        return ok(f"{said}; {limits.threads_set} is set")
    if quota >= cores / 2 or not any(libraries.find(name) for name in ("numpy", "torch")):
        return ok(said)
    message = f"{said}, but numeric libraries start {cores} threads and slow each other down"
    return warn("cpu-limit", message, fix=fix("system.threads", threads=str(max(1, math.ceil(quota)))))


@check("system.open-files", causes=("open-files-limit",))
def files_may_be_opened(limits: Limits | Missing, place: Place | Missing) -> Finding:
    """Open file limit.

    The workers of a DataLoader hand their batches over as open files: "Too many open files".
    """
    if isinstance(limits, Missing):
        what = "the limits of this session"
        unread = unknown(f"{what} could not be read: the probe {limits.reason}")
        return skip(f"{what}: {limits.reason}") if limits.kind == Why.NOT_ASKED else unread
    few, most = limits.open_files, limits.open_files_most
    if few is None:
        return skip("this system sets no such limit")
    if few == -1 or few >= FEW_FILES:
        return ok("any number of open files" if few == -1 else f"{few} open files")
    if isinstance(place, Place) and place.os == "macos":
        return ok(f"{few} open files, as is usual on macOS")
    message = f"a process can open only {few} files (usually {FEW_FILES} or more): loading data with many workers will fail"
    if most is not None and 0 <= most < FEW_FILES:
        return warn("open-files-limit", message, fix=fix("system.open-files-most"))
    number = ENOUGH_FILES if most is None or most == -1 else min(most, ENOUGH_FILES)
    return warn("open-files-limit", message, fix=fix("system.open-files", number=str(number)))


@check("system.long-paths", causes=("windows-long-paths",))
def long_paths_are_allowed(limits: Limits, python: Python) -> Finding:
    """Windows long paths.

    torch and tensorflow nest their files deeply; beyond 260 letters the installation ends with "No such file or directory".
    """
    if limits.long_paths is None:
        return skip("only Windows has this limit")
    if limits.long_paths:
        return ok("long paths are allowed")
    if len(python.purelib) <= LONG_FOLDER:
        return ok("long paths are not allowed, but none is needed")
    message = (
        f"Windows limits paths to 260 characters, and the library folder already has {len(python.purelib)}: {python.purelib}"
    )
    return warn("windows-long-paths", message, fix=fix("system.long-paths"))


@check("system.clock", causes=("clock-skew",))
def clock_is_right(limits: Limits) -> Finding:
    """System clock.

    With a wrong date certificates are "not yet valid": no package and no model can be fetched.
    """
    if not limits.witnesses:
        return skip("no file dates to compare with")
    # A single folder may come from a machine whose own clock was ahead: all of them have to agree.
    known, today = min(limits.witnesses), _date(limits.clock)
    if limits.clock > known - DAY:
        return ok(today)
    message = f"the clock says {today}, but installed files are dated {_date(known)}: the clock is behind"
    return warn("clock-skew", message, fix=fix("system.clock"))


def _date(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=timezone.utc):%Y-%m-%d}"
