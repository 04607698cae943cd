"""How much of what a project requires is installed: where most of it is not, that is one fault and not thirty."""

from __future__ import annotations

from mlenv_doctor.patient import Libraries, Wanted, WantedLibrary
from mlenv_doctor.records import dataclass

from .dependencies import satisfies
from .installed import module_of, stand_in

INSTALLERS = ("pip", "wheel")  # environments of uv have none, and lack nothing
FEWEST = 4  # absent requirements; fewer are told one by one
ROOT = "project.environment"


@dataclass(frozen=True)
class Preparation:
    """How many requirements a project's files have, which are absent, and which are there in other versions."""

    asked: int
    absent: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def met(self) -> int:
        """How many are there as they should be."""
        return self.asked - len(self.absent) - len(self.other)

    @property
    def unprepared(self) -> bool:
        """Whether nobody installed this project here: most of it is absent, or what is there has other versions."""
        return len(self.absent) >= FEWEST and 2 * len(self.absent) + len(self.other) > self.asked


def preparation(wanted: Wanted, libraries: Libraries) -> Preparation:
    """What of the project's own requirements is installed."""
    own = [library for library in wanted.libraries if library.line and library.name not in INSTALLERS]
    absent = tuple(library.name for library in own if not is_there(library, libraries))
    other = tuple(
        library.name
        for library in own
        if (found := libraries.find(library.name)) and not satisfies(found.version, library.specifier)
    )
    return Preparation(len(own), absent, other)


def is_there(library: WantedLibrary, libraries: Libraries) -> bool:
    """Whether a library is installed, by its own metadata, by another distribution, or by its files."""
    module = module_of(library, libraries)
    return bool(
        libraries.find(library.name) or stand_in(library.name, libraries) or (module and module.origin and not module.owner)
    )
