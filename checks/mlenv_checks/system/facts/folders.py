"""The folders that programs write to without being asked: for temporary files, for downloads, for settings."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Folder:
    """One folder, and whether this user can write there.

    variable: the variable that names it; empty where it is the usual one.
    existing: the folder, or its nearest parent that exists: what its rights are judged by.
    obstacle: why nothing can be written: "owner" (it is somebody else's), "mode" (its rights forbid it to its own owner),
              "read-only" (its file system), "absent" (it would have to exist), or empty.
    owner:    the name or number of the owner of what exists.
    noexec:   whether its file system forbids to run what lies on it.
    """

    path: str
    variable: str = ""
    existing: str = ""
    obstacle: str = ""
    owner: str = ""
    noexec: bool = False


@dataclass(frozen=True)
class Folders(Fact):
    """Where programs write.

    temporary: where Python would put temporary files: the first that can be written; the last is the working directory.
    home:      the home of this user. downloads: where caches go by default. named: caches that a variable puts elsewhere.
    compiler:  the path of a compiler of C, where there is one: what it makes is run where it was made.
    """

    section: ClassVar[str] = "folders"
    probe: ClassVar[str] = "mlenv_checks.system.probes.folders"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.temporary-files"
    shared: ClassVar[bool] = True

    temporary: tuple[Folder, ...] = ()
    home: Folder = Folder("")
    downloads: Folder = Folder("")
    named: tuple[Folder, ...] = ()
    compiler: str = ""
