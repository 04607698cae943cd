"""`fix --search`: find out what makes a failing import work, in a clone of the environment."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from .asking import plugins
from .repairs import refuse_what_is_not_this_machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..examine.order import Order
    from ..model import Prescription
    from ..patient.target import Target
    from ..repair.commands import Scope
    from ..repair.search.candidates import Installer
    from ..repair.search.clone import Clones
    from ..repair.search.search import Answer, Search
    from ..repair.search.targets import Seen
    from ..repair.states import Store
    from ..report.look import Look


def search(order: Order, look: Look, *, form: str) -> int:
    """Search, and print what was found; 0 where every fault has a cure, else 1. The environment is not changed."""
    from ..patient.target import choose
    from ..repair import safety
    from ..repair.lock import locked
    from ..repair.place import scope_of, store_of
    from ..report.repairs import recovered_text
    from ..report.search import search_data, search_text
    from ..running.printing import emit

    refuse_what_is_not_this_machine(order)
    target = order.target or choose(order.project, order.python)
    scope = scope_of(target, order.project)
    refuse_what_is_no_venv(scope, target)
    with locked(store_of(scope)):
        recovered = safety.recover(store_of(scope))
        if recovered:
            click.echo(recovered_text(recovered), err=True, nl=False)
        answers = found(order, target, scope, store_of(scope))
    emit(
        json.dumps(search_data(answers, scope.environment), indent=1) + "\n"
        if form == "json"
        else search_text(answers, scope.environment, look)
    )
    return int(not all(answer.cured for answer, _ in answers))


def refuse_what_is_no_venv(scope: Scope, target: Target) -> None:
    """Raises BadInput where there is nothing that could be cloned."""
    prefix = Path(os.path.realpath(target.prefix))
    if prefix != scope.environment or not (prefix / "pyvenv.cfg").is_file():
        raise BadInput(
            f"--search tries things in a copy of a virtual environment, and {target.prefix} is not one; name one with --target"
        )


def found(order: Order, target: Target, scope: Scope, store: Store) -> list[tuple[Answer, Prescription]]:
    """The answers, each with its cure as one types it here. Raises BadInput and OSError; no clone is left."""
    from ..repair import describe
    from ..repair.search.clone import Clones
    from ..repair.search.targets import targets

    ends = time.monotonic() + limit(order)
    first = seen(order, limit(order))
    refuse_what_was_not_imported(first)
    patient = describe(first.facts, target, str(order.project), order.session)
    if not targets(first):
        return []
    clones = Clones(store)
    try:
        searching = prepared(order, scope, clones, installer(patient), ends)
        answers = list(searching.answers(first))
        clones.refuse_if_changed()
    finally:
        clones.remove()
    return [(answer, written(answer, order, patient)) for answer in answers]


def prepared(order: Order, scope: Scope, clones: Clones, way: Installer, ends: float) -> Search:
    """The search with all that it works with."""
    from ..examine.order import secrets
    from ..foreign.clean import Cleaner
    from ..patient.target import of_environment
    from ..repair.search.search import Search
    from ..repair.search.targets import FAMILY

    def look(clone: Path, seconds: float) -> Seen:
        place = of_environment(clone, "--python")
        return seen(replace(order, target=place, python=None, names=(FAMILY,)), seconds)

    def say(what: str) -> None:
        click.echo(f"... {what}", err=True)

    return Search(scope, way, clones, look, say, Cleaner(secrets(order)), ends, limit(order))


def seen(order: Order, seconds: float) -> Seen:
    """Examine, within so many seconds."""
    from ..examine.examination import examine_and_tell
    from ..repair.search.targets import Seen

    settings = replace(order.settings, budget=seconds)
    try:
        return Seen(
            *examine_and_tell(replace(order, settings=settings, own=replace(order.own, budget=None)), plugins(order.names))
        )
    finally:
        order.waiting(())


def limit(order: Order) -> float:
    """How many seconds a search may take: what the user says; a project can only make it shorter."""
    from ..repair.search.search import LIMIT

    asked = order.settings.budget
    return LIMIT if asked is None else asked if asked != order.own.budget else min(asked, LIMIT)


def refuse_what_was_not_imported(first: Seen) -> None:
    """Raises BadInput where nothing is known about imports."""
    from ..facts import Missing
    from ..patient import Imports

    fact = first.facts.get(Imports)
    if fact is None:
        raise BadInput("--search is about libraries that fail to import: name the family libraries, or nothing")
    if isinstance(fact, Missing):
        raise BadInput(f"--search needs to know which imports fail, and none was tried: {fact.reason}")


def installer(patient: Mapping[str, str]) -> Installer:
    """What installs packages here. Raises BadInput where nothing does."""
    from ..repair.search.candidates import Installer

    if patient["manager"] not in ("pip", "uv"):
        raise BadInput("--search needs pip or uv: neither is there; `python -m ensurepip` installs pip into the environment")
    return Installer(patient["manager"], patient["python"])


def written(answer: Answer, order: Order, patient: Mapping[str, str]) -> Prescription:
    """The cure as one types it on this machine."""
    from ..model import Command, Prescription
    from ..repair import spoken
    from ..repair.prescribing import verify
    from ..running.quote import quoted

    shell = patient["shell"]
    commands = tuple(Command(argv, quoted(argv, shell, patient["reader"])) for argv in answer.commands)
    check = verify(order.called, answer.target.check)
    return spoken(Prescription("search", answer.title, "replaces packages", "you", commands, (), check, proven=True), patient)
