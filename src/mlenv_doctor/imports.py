"""Plan which libraries are imported, one per process, and gather what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from .collect import Outcome, Task
from .facts import Fact, Imported, Imports, Libraries, Missing, Torch, Unshadowed, Wanted, WantedLibrary, Why

OUTCOMES = {
    Why.TIMEOUT: "hang",
    Why.KILLED: "crash",
    Why.NO_ANSWER: "exit",
    Why.ERROR: "error",
    Why.NOT_STARTED: "not-run",
    Why.BUDGET: "not-run",
}


def import_tasks(kinds: Iterable[type[Fact]], wanted: Wanted, libraries: Libraries) -> list[Task]:
    """One task for each wanted library that is installed; torch answers for itself in the same process."""
    kinds = set(kinds)
    tasks = [
        _task(library, libraries, (Imports, Torch) if library.name == "torch" and Torch in kinds else (Imports,))
        for library in wanted.libraries
        if Imports in kinds and libraries.find(library.name)
    ]
    if Torch in kinds and libraries.find("torch") and not any(Torch in task.kinds for task in tasks):
        tasks.append(_task(WantedLibrary("torch", imports=("torch",)), libraries, (Torch,)))
    return tasks


def _task(library: WantedLibrary, libraries: Libraries, kinds: tuple[type[Fact], ...]) -> Task:
    found = libraries.find(library.name)
    asked = {"name": library.name, "modules": list(library.imports), "info": found.info if found else ""}
    return Task(kinds, library.name, Imports.timeout, {"import": asked}, heavy=True, weight=library.seconds)


def second_look(kinds: Iterable[type[Fact]], outcome: Outcome) -> list[Task]:
    """Where torch does not load, one more try without LD_LIBRARY_PATH: what that names may stand before torch's own libraries."""
    failed = (
        outcome.task.label == "torch" and Imports in outcome.facts and _imported(outcome).outcome in ("error", "crash", "exit")
    )
    if not failed or Unshadowed not in set(kinds) or not os.environ.get("LD_LIBRARY_PATH"):
        return []
    return [Task((Unshadowed,), "torch without LD_LIBRARY_PATH", Unshadowed.timeout, heavy=True)]


def gather(outcomes: Iterable[Outcome]) -> Imports:
    """All import outcomes as one fact, in an order that does not depend on which was quickest."""
    found = (_imported(outcome) for outcome in outcomes if Imports in outcome.facts)
    return Imports(tuple(_shortened(imported) for imported in sorted(found, key=lambda imported: imported.name)))


def _shortened(imported: Imported) -> Imported:
    """The end of what was said. It is cut here, when it is clean: cut before, half a secret would not be known as one."""
    return replace(imported, message=imported.message[:500], detail=imported.detail[-4000:])


def _imported(outcome: Outcome) -> Imported:
    fact = outcome.facts[Imports]
    if isinstance(fact, Missing):
        message = fact.detail.strip().splitlines()[-1] if fact.detail.strip() else ""
        kind = OUTCOMES.get(fact.kind, "error")
        return Imported(
            outcome.task.label, kind, seconds=outcome.seconds, reason=fact.reason, message=message, detail=fact.detail
        )
    assert isinstance(fact, Imports)
    return fact.libraries[0] if fact.libraries else Imported(outcome.task.label, "not-run")
