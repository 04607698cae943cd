"""What is asked of this machine: by the command line, the configuration, the project, or the cheat sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class WantedLibrary:
    """A library to look at.

    name:      normalised as in PEP 503.
    specifier: such as ">=2.6"; empty for any version.
    extras:    what more of it is asked for, as in uvicorn[standard].
    required:  its absence is a failure; otherwise a remark.
    imports:   the names whose import proves that it works, deep where the top one is lazy.
    stage:     the roadmap's stage that uses it; empty outside the cheat sheet.
    source:    who wants it: "cheat sheet", "--require", a profile, or a file.
    address:   where it is installed from instead of the package index, without user, password and query.
    """

    name: str
    specifier: str = ""
    required: bool = True
    imports: tuple[str, ...] = ()
    stage: str = ""
    source: str = "cheat sheet"
    line: int = 0
    seconds: float = 1.0
    extras: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Wanted(Fact):
    """What the verdict depends on. Not read by a probe: worked out from settings and the project."""

    section: ClassVar[str] = "wanted"
    probe: ClassVar[str] = ""
    where: ClassVar[str] = "here"

    libraries: tuple[WantedLibrary, ...] = ()
    profiles: tuple[str, ...] = ()
    declared: bool = False
    gpu: bool = False
    mlflow: bool = False
    llm: bool = False
    keys: tuple[str, ...] = ()

    def library(self, name: str) -> WantedLibrary | None:
        """The wish for one library."""
        return next((library for library in self.libraries if library.name == name), None)
