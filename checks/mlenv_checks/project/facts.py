"""What the project's code imports and asks for, as its files tell; nothing of it was executed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from mlenv_doctor.api import Fact, Snapshot, Task, Used
from mlenv_doctor.patient import Libraries, Wanted
from mlenv_doctor.records import dataclass

from ..libraries.dependencies import satisfies

EXACT = re.compile(r"===?\s*((?!.{0,60}\.dev)[0-9][\w.!-]{0,60})$")  # nightly builds are on indexes of their own
MOST_PINS = 12


@dataclass(frozen=True)
class ImportedModule:
    """A module that is neither Python's own nor the project's.

    module:   its name: the top one, or what is missing of an installed package, such as `langchain.chains`.
    state:    "found", "missing", "part" (the package is there, this module of it is not).
    weight:   how much it is needed where it is needed most: "needed" (as soon as the file runs), "inside" (a function),
              "chosen" (a condition), "guarded" (a `try` that catches it), "unparsed" (the file cannot be parsed), "aside"
              (tests, documentation, examples), "typing".
    file:     where that is, relative to the project; cell: the cell of a notebook, counted among those with code.
    files:    how many files import it. names: dotted names that are imported from it.
    owner:    the installed distribution that brings it, normalised.
    optional: some file of the project's own program does without it. unclear: a file that imports it changes
              Python's path, or a file of this name lies elsewhere in the project.
    """

    module: str
    state: str
    weight: str
    file: str
    line: int = 0
    cell: int = 0
    files: int = 1
    names: tuple[str, ...] = ()
    owner: str = ""
    optional: bool = False
    unclear: bool = False

    @property
    def top(self) -> str:
        """The name of the package that it lies in."""
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class NotebookInstall:
    """A requirement that a notebook installs by itself, with %pip or !pip."""

    text: str
    file: str
    cell: int = 0


@dataclass(frozen=True)
class BadSource:
    """A file, or a cell of a notebook, that cannot be read as code."""

    file: str
    reason: str
    line: int = 0
    cell: int = 0


@dataclass(frozen=True)
class GpuAsked:
    """A line that asks for a GPU, in a file that knows no other way. what: the words that ask."""

    file: str
    what: str
    line: int = 0
    cell: int = 0


@dataclass(frozen=True)
class SubProject:
    """A folder below that declares something of its own, and holds so many files of code."""

    folder: str
    files: int = 0
    declares: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code(Fact):
    """The sources and notebooks of the project, without those that belong to projects below it.

    files, notebooks: how many were read; left_out: how many were not. complete: nothing was left out.
    projects:  the projects below. workspace: they share this project's environment, and count as its own.
    locks:     the names of its lock files.
    """

    section: ClassVar[str] = "code"
    probe: ClassVar[str] = "mlenv_checks.project.probes.code"
    owner: ClassVar[str] = "project.files"
    timeout: ClassVar[float] = 40.0
    always: ClassVar[bool] = True

    files: int = 0
    notebooks: int = 0
    left_out: int = 0
    complete: bool = True
    uses: tuple[ImportedModule, ...] = ()
    installs: tuple[NotebookInstall, ...] = ()
    bad: tuple[BadSource, ...] = ()
    gpu: tuple[GpuAsked, ...] = ()
    projects: tuple[SubProject, ...] = ()
    workspace: bool = False
    locks: tuple[str, ...] = ()

    def used_by_code(self) -> Used:
        """What of this the rest of the examination depends on. Tests, documentation and examples do not count."""
        own = [use for use in self.uses if use.weight != "aside"] or self.uses
        names = {use.top for use in own} | {use.owner for use in own if use.owner}
        libraries = {use.owner for use in self.uses if use.state == "found" and use.weight == "needed" and use.owner}
        below = () if self.workspace else tuple(project.folder for project in self.projects)
        return Used(bool(self.files or self.notebooks or self.projects), tuple(sorted(names)), tuple(sorted(libraries)), below)


@dataclass(frozen=True)
class MissingName:
    """A name that the type checker does not find in a module of an installed library, where no guard expects that.

    name:      empty where the module itself is missing. weight: "needed" (as soon as the file runs) or "inside" (a function).
    confirmed: the library's own files do not have the name either. places: how often it is used.
    """

    module: str
    name: str
    weight: str
    file: str
    line: int = 0
    places: int = 1
    confirmed: bool = False

    @property
    def whole(self) -> str:
        """Module and name with a dot between, as one writes it."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True)
class LibraryNames(Fact):
    """What the type checker ty says of the names that the program uses of its libraries; notebooks are not read.

    engine: the path of ty; empty where there is none. problem: why it came to nothing. complete: every file was read.
    """

    section: ClassVar[str] = "library_names"
    probe: ClassVar[str] = "mlenv_checks.project.probes.type_checker"
    owner: ClassVar[str] = "project.names"
    timeout: ClassVar[float] = 40.0
    quick: ClassVar[bool] = False
    after: ClassVar[tuple[type[Fact], ...]] = (Code,)
    absent: ClassVar[str] = "the code uses no library"

    engine: str = ""
    problem: str = ""
    files: int = 0
    complete: bool = True
    names: tuple[MissingName, ...] = ()

    @classmethod
    def tasks(cls, facts: Snapshot) -> Iterable[Task] | None:
        """One process, where the code uses a library that is installed."""
        code = facts[Code]
        if not isinstance(code, Code):
            return None
        tops = sorted({use.top for use in code.uses if use.state in ("found", "part") and use.weight != "aside"})
        own = Path(sys.executable).with_name("ty.exe" if os.name == "nt" else "ty")
        question = {"tops": tops, "ty": str(own) if own.is_file() else ""}
        return [Task((cls,), "the names of libraries", cls.timeout, question)] if tops and code.files else []


@dataclass(frozen=True)
class OfferedPin:
    """What the package index has of a version that the project pins and that is not installed.

    state:  "wheel", "source" (no wheel for this Python: pip would build it), "absent", "unknown".
    python: another Python for which there is a wheel, such as "3.11"; empty where none was found.
    """

    name: str
    version: str
    file: str
    line: int = 0
    state: str = "unknown"
    python: str = ""


@dataclass(frozen=True)
class IndexVersions(Fact):
    """What pip says that the package index has of the project's pins; only with --online. engine: there is a pip to ask."""

    section: ClassVar[str] = "index_versions"
    probe: ClassVar[str] = "mlenv_checks.project.probes.index_versions"
    owner: ClassVar[str] = "project.installable"
    timeout: ClassVar[float] = 60.0
    quick: ClassVar[bool] = False
    online: ClassVar[bool] = True
    after: ClassVar[tuple[type[Fact], ...]] = (Wanted, Libraries)
    absent: ClassVar[str] = "every pinned version is installed"

    engine: bool = True
    pins: tuple[OfferedPin, ...] = ()

    @classmethod
    def tasks(cls, facts: Snapshot) -> Iterable[Task] | None:
        """One process, where the project pins what is not installed."""
        wanted, libraries = facts[Wanted], facts[Libraries]
        if not isinstance(wanted, Wanted) or not isinstance(libraries, Libraries):
            return None
        pins = [
            {"name": library.name, "version": match.group(1), "file": library.source, "line": library.line}
            for library in wanted.libraries
            if library.line and not library.address and (match := EXACT.match(library.specifier))
            if not ((found := libraries.find(library.name)) and satisfies(found.version, library.specifier))
        ]
        question = {"pins": pins[:MOST_PINS], "own": sys.executable if find_spec("pip") else ""}
        return [Task((cls,), "the package index, for the pinned versions", cls.timeout, question)] if pins else []
