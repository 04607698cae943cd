"""What is asked of this machine: by the command line, the configuration, the project, or the cheat sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from ..facts import Fact
from ..records import dataclass
from .distributions import Libraries


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
    """What the verdict depends on. Not read by a probe: worked out from settings and the project.

    declared: the project itself says which libraries it needs.
    used:     the distributions that it declares, and the modules that its code imports, as names of distributions are written.
    brought:  the installed distributions that these depend on.
    whole:    everything is judged: here is no project, or nothing is known of its code.
    """

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
    used: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    whole: bool = True

    def uses(self, *names: str) -> bool:
        """Whether the project uses any of these libraries, or one that begins so where the name ends in a star."""
        return self.whole or _any_of(self.used, names)

    def reaches(self, *names: str) -> bool:
        """Whether one of these is installed for what the project uses."""
        return self.whole or _any_of(self.brought, names)

    def library(self, name: str) -> WantedLibrary | None:
        """The wish for one library."""
        return next((library for library in self.libraries if library.name == name), None)


def import_of(library: WantedLibrary, libraries: Libraries) -> dict[str, Any]:
    """What the probe that imports a library is asked: its name, its modules and the folder of its metadata."""
    found = libraries.find(library.name)
    return {"import": {"name": library.name, "modules": list(library.imports), "info": found.info if found else ""}}


def _any_of(found: Iterable[str], names: Iterable[str]) -> bool:
    exact = {name for name in names if name[-1] != "*"}
    starts = tuple(name[:-1] for name in names if name[-1] == "*")
    return any(name in exact or name.startswith(starts) for name in found)
