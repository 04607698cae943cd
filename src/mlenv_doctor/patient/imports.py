"""What came of importing each library that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from ..examine.tasks import Outcome, Task
from ..facts import Fact, Missing, Snapshot, Why
from ..records import dataclass
from .distributions import Libraries
from .needs import Wanted, import_of
from .python import Python

OUTCOMES = {
    Why.TIMEOUT: "hang",
    Why.KILLED: "crash",
    Why.NO_ANSWER: "exit",
    Why.ERROR: "error",
    Why.NOT_STARTED: "not-run",
    Why.BUDGET: "not-run",
}


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
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.imports"
    owner: ClassVar[str] = "libraries.import"
    timeout: ClassVar[float] = 90.0
    quick: ClassVar[bool] = False
    after: ClassVar[tuple[type[Fact], ...]] = (Wanted, Libraries)

    libraries: tuple[Imported, ...] = ()

    @classmethod
    def tasks(cls, facts: Snapshot) -> list[Task] | None:
        """One process for each wanted library that is installed."""
        wanted, libraries, python = facts[Wanted], facts[Libraries], facts.get(Python)
        if not (isinstance(wanted, Wanted) and isinstance(libraries, Libraries)) or isinstance(python, Missing):
            return None
        return [
            Task((cls,), library.name, cls.timeout, import_of(library, libraries), heavy=True, weight=library.seconds)
            for library in wanted.libraries
            if libraries.find(library.name)
        ]

    @classmethod
    def gathered(cls, outcomes: Sequence[Outcome]) -> Imports:
        """All outcomes as one fact, in an order that does not depend on which was quickest."""
        return cls(tuple(_shortened(found) for found in sorted(map(imported, outcomes), key=lambda found: found.name)))

    def find(self, name: str) -> Imported | None:
        """The outcome for one library, by its normalised name."""
        return next((found for found in self.libraries if found.name == name), None)


def _shortened(imported: Imported) -> Imported:
    """The end of what was said. It is cut here, when it is clean: cut before, half a secret would not be known as one."""
    return replace(imported, message=imported.message[:500], detail=imported.detail[-4000:])


def imported(outcome: Outcome) -> Imported:
    """What came of one library, also where its process gave no answer."""
    fact = outcome.facts[Imports]
    if isinstance(fact, Missing):
        message = fact.detail.strip().splitlines()[-1] if fact.detail.strip() else ""
        kind = OUTCOMES.get(fact.kind, "error")
        return Imported(
            outcome.task.label, kind, seconds=outcome.seconds, reason=fact.reason, message=message, detail=fact.detail
        )
    assert isinstance(fact, Imports)
    return fact.libraries[0] if fact.libraries else Imported(outcome.task.label, "not-run")
