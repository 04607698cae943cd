"""The lock file of the project: exactly which versions were chosen."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.patient.project import Unreadable
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Locked:
    """One version of one library. A lock for all systems may hold several, each with markers of its own.

    name:    normalised as in PEP 503.
    version: empty where it does not come from an index.
    markers: it applies where one of these does (PEP 508); everywhere if there are none.
    """

    name: str
    version: str = ""
    line: int = 0
    markers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lock(Fact):
    """What the project's lock file holds. A long one takes a second to read: not in the process of the quick ones.

    file: empty where there is none. tool: whose it is: "uv", "pylock" (the standard's), "poetry", "pdm" or "pipenv".
    """

    section: ClassVar[str] = "lock"
    probe: ClassVar[str] = "mlenv_checks.libraries.probes.lock_files"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "libraries.locked"
    quick: ClassVar[bool] = False

    file: str = ""
    tool: str = ""
    packages: tuple[Locked, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
