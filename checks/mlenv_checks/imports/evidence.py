"""What is known of a failed import besides its outcome, and whether damaged files of the library can be the reason."""

from __future__ import annotations

from collections.abc import Mapping

from mlenv_doctor.api import Missing
from mlenv_doctor.patient import Imported, Imports, Libraries, Python
from mlenv_doctor.records import dataclass

from ..libraries.dependencies import Conflict
from ..libraries.facts import Flaw
from ..libraries.installed import FAILED
from ..python.facts import Interpreter
from .facts import Unshadowed


@dataclass(frozen=True)
class Ward:
    """What is known besides the outcomes: what is installed, half installed, damaged, or in contradiction."""

    imports: Imports
    libraries: Libraries
    python: Python
    interpreter: Interpreter | Missing
    halves: frozenset[str]
    flaws: Mapping[str, Flaw]
    contradicted: Mapping[str, Conflict]
    strange: Mapping[str, str]
    mixed: str
    unshadowed: Unshadowed | None
    verified: bool = False

    @property
    def broken(self) -> frozenset[str]:
        """The libraries that do not load."""
        return frozenset(other.name for other in self.imports.libraries if other.outcome in FAILED)


def damage(imported: Imported, ward: Ward) -> Flaw | None:
    """What is wrong with the library's own files, where that can be why it fails.

    Files that are missing; or changed ones, where the import failed in one of them or was killed.
    """
    flaw = ward.flaws.get(imported.name)
    if flaw is None:
        return None
    inside = imported.outcome == "crash" or any(imported.file.endswith(f"/{path}") for path in flaw.changed)
    return flaw if flaw.lost or (flaw.changed and inside) else None
