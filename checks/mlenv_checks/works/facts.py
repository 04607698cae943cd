"""What came of a small piece of real work with each library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from mlenv_doctor.api import Fact, Missing, Outcome, Snapshot, Task, Why
from mlenv_doctor.patient import Imports, Libraries, Wanted
from mlenv_doctor.records import dataclass

from .pieces import Piece, pieces

SILENT = {Why.KILLED: "crash", Why.NO_ANSWER: "exit", Why.TIMEOUT: "stuck", Why.BUDGET: "cut", Why.NOT_STARTED: "cut"}
STEP = re.compile(r"^mlenv-doctor step: ([^\n]{1,200})$", re.MULTILINE)
LONGEST = 4000  # characters of a traceback that are kept


@dataclass(frozen=True)
class Worked:
    """What came of one piece of work, in a process and a folder of its own.

    outcome: "ok", "wrong" (a result differs from the known one), "error" (an exception), "stuck" (not done, and no processor
             used), "slow" (busy, not done in time), "crash" (a signal), "exit" (the process ended itself), "cut" (no time left).
    step:    what was being done last, to continue "fails at" or "gives a wrong result at".
    reason:  the exception's type, the signal's name, or the exit code. message: the last line of what was said.
    file:    where the exception was raised. seconds: that the work took, without imports.
    figures: what was measured, by name with its unit. words: what was seen, by name.
    """

    name: str
    outcome: str
    step: str = ""
    reason: str = ""
    message: str = ""
    detail: str = ""
    file: str = ""
    seconds: float = 0.0
    figures: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Works(Fact):
    """The outcome of each piece of work that was tried. Read only with --deep."""

    section: ClassVar[str] = "works"
    probe: ClassVar[str] = "mlenv_checks.works.probes.works"
    owner: ClassVar[str] = "libraries.work"
    timeout: ClassVar[float] = 50.0
    quick: ClassVar[bool] = False
    deep: ClassVar[bool] = True
    after: ClassVar[tuple[type[Fact], ...]] = (Wanted, Libraries, Imports)

    pieces: tuple[Worked, ...] = ()

    @classmethod
    def tasks(cls, facts: Snapshot) -> list[Task] | None:
        """One process for each piece of work with libraries that are wanted, installed and load; the quickest begins."""
        wanted, libraries, imports = facts[Wanted], facts[Libraries], facts[Imports]
        if not (isinstance(wanted, Wanted) and isinstance(libraries, Libraries) and isinstance(imports, Imports)):
            return None
        return [
            Task((cls,), f"{piece.name} at work", cls.timeout, _question(piece, libraries), heavy=True, weight=-piece.seconds)
            for piece in pieces()
            if asked_for(piece, wanted, libraries) and loads(piece, imports)
        ]

    @classmethod
    def gathered(cls, outcomes: Sequence[Outcome]) -> Works:
        """All outcomes as one fact, in the order of the table."""
        found = {one.name: one for one in map(worked, outcomes)}
        return cls(tuple(found[piece.name] for piece in pieces() if piece.name in found))


def _question(piece: Piece, libraries: Libraries) -> dict[str, object]:
    """What the probe is asked: which piece, and which of the libraries that it may use besides are installed."""
    return {"piece": piece.name, "besides": [name for name in piece.besides if libraries.find(name)]}


def asked_for(piece: Piece, wanted: Wanted, libraries: Libraries) -> bool:
    """Whether somebody wants what a piece proves, and all that it needs is installed."""
    named = any(wanted.library(name) for name in piece.proves) or bool(piece.used_by and wanted.uses(*piece.used_by))
    return named and all(libraries.find(name) for name in piece.uses)


def loads(piece: Piece, imports: Imports) -> bool:
    """Whether none of a piece's libraries failed to load, or was left unimported."""
    found = (imports.find(name) for name in piece.uses)
    return all(one is None or one.outcome == "ok" for one in found)


def worked(outcome: Outcome) -> Worked:
    """What came of one piece, also where its process gave no answer."""
    name = str(outcome.task.question["piece"])
    fact = outcome.facts[Works]
    if isinstance(fact, Works):
        return fact.pieces[0] if fact.pieces else Worked(name, "cut", reason="was not tried")
    assert isinstance(fact, Missing)
    steps = STEP.findall(fact.detail)
    said = STEP.sub("", fact.detail).strip()
    last = said.splitlines()[-1] if said else ""
    return Worked(
        name,
        SILENT.get(fact.kind, "error"),
        steps[-1] if steps else "",
        fact.reason,
        last[:500],
        said[-LONGEST:],
        "",
        outcome.seconds,
    )
