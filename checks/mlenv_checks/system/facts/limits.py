"""What this user and session are allowed: open files, processors, names; the clock, and Windows' long paths."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Limits(Fact):
    """None where this system does not know such a thing.

    open_files:   how many files a process may have open, and to how many it may raise that by itself (-1: to any number).
    cpu_quota:    how many processors the control group may keep busy, such as 1.5; None for as many as there are.
    threads_set:  the variable that tells numeric libraries how many threads to start, if one is set.
    uid:          the number of this user. user_listed: whether the system has a name for it. user_named: whether a variable has.
    sudo_user:    who called sudo, if somebody did.
    clock:        seconds since 1970. witnesses: when the newest file of each of several folders was written, by the same measure.
    long_paths:   whether Windows allows paths of more than 260 characters.
    """

    section: ClassVar[str] = "limits"
    probe: ClassVar[str] = "mlenv_checks.system.probes.limits"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.open-files"
    shared: ClassVar[bool] = True

    open_files: int | None = None
    open_files_most: int | None = None
    cpu_quota: float | None = None
    threads_set: str = ""
    uid: int | None = None
    user_listed: bool = True
    user_named: bool = True
    sudo_user: str = ""
    clock: float = 0.0
    witnesses: tuple[float, ...] = ()
    long_paths: bool | None = None
