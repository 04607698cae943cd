"""The installed libraries: as files (Libraries) and as modules that were really imported (Imports)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Distribution:
    """One installed distribution, as its metadata in `folder` describes it. `name` is normalised (PEP 503)."""

    name: str
    version: str | None
    folder: str
    info: str = ""
    installer: str = ""
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    record: bool = True
    editable: str | None = None


@dataclass(frozen=True)
class Module:
    """Where an import name leads, found without importing it. A namespace has locations and no origin.

    owner: the normalised name of the distribution that brings it; empty where no list of files names it.
    """

    name: str
    origin: str | None = None
    namespace: bool = False
    locations: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class Libraries(Fact):
    """What is installed, read from files only.

    leftovers: entries of site-packages that begin with `~`: an install or uninstall was interrupted.
    modules:   where each wanted import name leads.
    local:     names in the working directory that can be imported from there (files and packages).
    """

    section: ClassVar[str] = "libraries"
    probe: ClassVar[str] = "libraries"
    owner: ClassVar[str] = "libraries.readable"
    shared: ClassVar[bool] = True

    distributions: tuple[Distribution, ...] = ()
    leftovers: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    local: tuple[Module, ...] = ()

    def find(self, name: str) -> Distribution | None:
        """The distribution that is in effect for a normalised name: the first on the path."""
        return next((found for found in self.distributions if found.name == name), None)


@dataclass(frozen=True)
class Imported:
    """What came of importing one library in a process of its own.

    outcome: "ok", "error" (an exception), "crash" (a signal), "exit" (the process ended itself),
             "hang" (no answer in time), "own" (it lies in the project itself, whose code is not run) or "not-run".
    reason:  the exception's type, the signal's name, the exit code, or the number of seconds.
    instead: a compiled module that was looked for is there, but for another Python only: the name of its file.
    """

    name: str
    outcome: str
    module: str = ""
    version: str = ""
    file: str = ""
    seconds: float = 0.0
    reason: str = ""
    message: str = ""
    detail: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Imports(Fact):
    """The outcome for each library that was imported."""

    section: ClassVar[str] = "imports"
    probe: ClassVar[str] = "imports"
    owner: ClassVar[str] = "libraries.import"
    timeout: ClassVar[float] = 90.0
    quick: ClassVar[bool] = False

    libraries: tuple[Imported, ...] = ()

    def find(self, name: str) -> Imported | None:
        """The outcome for one library, by its normalised name."""
        return next((found for found in self.libraries if found.name == name), None)
