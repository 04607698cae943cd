"""What the reader says about an error text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Whose fault it is."""

    ENVIRONMENT = "environment"
    PROGRAM = "program"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cure:
    """What to do: one sentence, and what is installed, removed or run. Notes are further sentences.

    install and upgrade are requirements; remove is uninstalled first. run are commands of a shell; admin: with its rights.
    """

    says: str
    install: tuple[str, ...] = ()
    upgrade: bool = False
    reinstall: bool = False
    options: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    admin: bool = False


@dataclass(frozen=True)
class Candidate:
    """One of several readings of the same words. decides: what tells it from the others."""

    cause: str
    message: str
    likelihood: str = "possible"  # or "likely"
    decides: str = ""
    cure: Cure | None = None


@dataclass(frozen=True)
class Reading:
    """The answer. culprit: the library or file to blame. where: the line of the user's code to look at, of a program's mistake.

    source: where the meaning of the words is documented. more: what would tell more.
    here: what of this machine speaks against it: then the error is of another Python, another machine or an earlier moment.
    understood, named: of what is not explained, what was understood, and which libraries it speaks of.
    """

    kind: Kind
    message: str
    cause: str = ""
    culprit: str = ""
    cure: Cure | None = None
    candidates: tuple[Candidate, ...] = ()
    evidence: tuple[str, ...] = ()
    where: str = ""
    source: str = ""
    more: str = ""
    here: str = ""
    understood: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether this answers the question."""
        return self.kind is not Kind.UNKNOWN
