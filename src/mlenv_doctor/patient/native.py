"""What native code needs here: compilers and headers of this Python, its own extension modules, shared libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Native(Fact):
    """What there is to compile for this Python, and which parts of its own standard library are missing.

    tools:   the compilers and build tools on PATH, by name, with the file that each is in the end, such as gcc-12.
    headers: the folder where Python.h of this Python belongs; has_headers: whether it is there.
    sqlite:  the version of SQLite that this Python is linked to; empty where `_sqlite3` does not load.
    lacking: extension modules of the standard library that are not there.
    """

    section: ClassVar[str] = "native"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.native"
    owner: ClassVar[str] = "symptom.explained"
    shared: ClassVar[bool] = True

    tools: Mapping[str, str] = field(default_factory=dict)
    headers: str = ""
    has_headers: bool = False
    sqlite: str = ""
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class SharedLibrary:
    """A shared library that an error names. file: where the loader finds it; empty where it does not.

    needed_by: the compiled file that asks for it. missing: all that this file and those beside it ask for in vain.
    """

    name: str
    file: str = ""
    needed_by: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class SharedLibraries(Fact):
    """The shared libraries that an error names, looked up as the loader of this system does.

    looked: whether that was possible; macOS and Windows find theirs in other ways.
    """

    section: ClassVar[str] = "shared_libraries"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.shared_libraries"
    owner: ClassVar[str] = "symptom.explained"
    shared: ClassVar[bool] = True

    looked: bool = False
    libraries: tuple[SharedLibrary, ...] = ()

    def find(self, name: str) -> SharedLibrary | None:
        """What is known of one library, by its file's name."""
        return next((found for found in self.libraries if found.name == name), None)
