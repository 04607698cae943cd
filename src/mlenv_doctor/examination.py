"""One examination: look at the machine, judge what was seen, and make out the fixes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .clean import Cleaner, beginning, secrets_of_dotenv, secrets_of_environment
from .collect import Answers, Collector, Outcome, Task, first_tasks, merge
from .engine import WORDS, judge
from .facts import (
    Fact,
    Imports,
    Libraries,
    Missing,
    Pasted,
    Place,
    Project,
    Python,
    Said,
    Torch,
    Unshadowed,
    Venv,
    Wanted,
    WantedLibrary,
    Why,
)
from .fixes import describe
from .imports import gather, import_tasks, second_look
from .model import Report, decide
from .prescribing import cheat_sheet, plan, prescribe
from .registry import Plugin, needed, select
from .settings import Settings
from .snapshot import from_file, to_document
from .stages import stage_states
from .symptom import said
from .target import NoPython, Target, choose
from .wanted import Wishes, want, wishes

if TYPE_CHECKING:
    from .saved import SavedReport

NEEDED_BY_ALL = (Python, Place, Venv, Project, Libraries)  # to work out what is wanted and how it would be repaired
FROM_IMPORTS = (Imports, Torch, Unshadowed)
BUDGET = 600.0  # seconds for everything


@dataclass(frozen=True)
class Order:
    """What is to be examined: the settings of the project with the options of the command line laid over them.

    saved: a snapshot, or a pasted report, to be judged instead of this machine. symptom: the words of an error, or their file.
    called: what to type to call the doctor again. own: the project's part of the settings.
    baseline: a saved report whose findings are known; only what is new counts.
    """

    project: Path
    settings: Settings
    names: tuple[str, ...] = ()
    python: str | None = None
    quick: bool = False
    online: bool = False
    saved: Path | None = None
    symptom: str | None = None
    called: str = "mlenv-doctor"
    own: Settings = field(default_factory=Settings)
    baseline: SavedReport | None = None
    waiting: Callable[[tuple[str, ...]], None] = lambda labels: None
    meanwhile: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Seen:
    """What was seen: the facts, and whose they are."""

    facts: Answers
    target: Target
    project: str


def examine(order: Order, plugins: Iterable[Plugin]) -> Report:
    """The whole way. Raises UnknownName, Impossible, NoPython, BadSnapshot (bad input) and OSError (no room to work)."""
    started = time.monotonic()
    plugins = tuple(plugins)
    checks, off = select((c for p in plugins for c in p.checks), order.names, order.settings.skip)
    wished = wishes(order.settings.profile, order.settings.require, (s for p in plugins for s in p.stages))
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    sheets = cache(lambda: cheat_sheet(plugins))
    seen = look(replace(order, meanwhile=lambda: (sheets(), order.meanwhile())), needed(checks), wished, known)
    sheet, unusable = sheets()
    asked = checks if order.names or has_words(seen.facts) else tuple(check for check in checks if check.family != WORDS)
    results = judge((*asked, *unusable), seen.facts, off)
    stages = () if Pasted in seen.facts else stage_states((stage for plugin in plugins for stage in plugin.stages), results)
    verdict = decide(results, strict=order.settings.strict)
    if order.baseline:  # the stages stay: what a machine is ready for does not depend on what is known
        from .baseline import since

        results, verdict = since(order.baseline.results, results, strict=order.settings.strict)
    patient = describe(seen.facts, seen.target, seen.project)
    return Report(
        version=__version__,
        target=_target(seen),
        place=_place(seen.facts.get(Place)),
        verdict=verdict,
        stages=stages,
        results=results,
        prescriptions=prescribe(results, sheet, patient, order.called),
        plan=plan(results, sheet, patient, order.called),
        duration_s=round(time.monotonic() - started, 3),
        project=seen.project,
        strict=order.settings.strict,
    )


def has_words(facts: Answers) -> bool:
    """Whether somebody gave the words of an error, or pasted a report; else there is nothing to explain."""
    found = facts.get(Said)
    return Pasted in facts or (isinstance(found, Said) and bool(found.text))


def look(order: Order, kinds: Iterable[type[Fact]], wished: Wishes, known: tuple[WantedLibrary, ...]) -> Seen:
    """Read the facts, from this machine or from a saved snapshot, and work out what is wanted of it. Raises BadInput."""
    if order.saved:
        facts, target, project = from_file(order.saved)
    else:
        target = choose(order.project, order.python)
        facts, project = collect(order, target, tuple(dict.fromkeys((*kinds, *NEEDED_BY_ALL))), wished, known), str(order.project)
        refuse_what_is_no_python(target, facts.get(Python))
    facts[Said] = said(order.symptom, facts.get(Said))
    facts[Wanted] = want(wished, _known(facts, Project), _known(facts, Python), known)
    return Seen(facts, target, project)


def look_at_everything(order: Order, plugins: Iterable[Plugin]) -> dict[str, Any]:
    """All that can be known about this machine, as a snapshot's document."""
    plugins = tuple(plugins)
    checks = tuple(check for plugin in plugins for check in plugin.checks)
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    seen = look(order, needed(checks), Wishes(), known)
    return to_document(seen.facts, seen.target, seen.project, __version__)


def refuse_what_is_no_python(target: Target, python: Fact | Missing | None) -> None:
    """A program that was named with --python, is not called python and does not answer as one is the user's mistake.

    Raises NoPython.
    """
    silent = isinstance(python, Missing) and python.kind == Why.NO_ANSWER
    if silent and target.chosen_by == "--python" and "py" not in Path(target.python).name.lower():
        raise NoPython(f"--python {target.python}: this is no Python; name an interpreter such as .venv/bin/python")


def collect(
    order: Order, target: Target, kinds: tuple[type[Fact], ...], wished: Wishes, known: tuple[WantedLibrary, ...]
) -> Answers:
    """Read the facts of this machine: first all that stands alone, then the imports that follow from it."""
    asked = tuple(kind for kind in kinds if (kind.quick or not order.quick) and (order.online or not kind.online))
    collector = Collector(
        (target.python,),
        question(order, target, known, wished),
        Cleaner(all_secrets(order), public=f"{order.project} {target.python} {sys.path} {[library.name for library in known]}"),
        time.monotonic() + (order.settings.budget or BUDGET),
        order.settings.timeout,
        order.waiting,
        order.meanwhile,
    )
    planned: list[Task] = []

    def follow_up(outcome: Outcome) -> Iterable[Task]:
        facts.update(outcome.facts)
        python, libraries = facts.get(Python), facts.get(Libraries)
        if planned:
            return second_look(asked, outcome)
        if Project not in facts or not isinstance(libraries, Libraries) or not isinstance(python, Python):
            return ()
        collector.target = (python.executable or target.python,)
        wanted = want(wished, _known(facts, Project), python, known)
        planned.extend(import_tasks(asked, wanted, libraries))
        return planned

    facts: Answers = {}
    outcomes = collector.run(first_tasks(kind for kind in asked if kind not in FROM_IMPORTS), follow_up)
    facts = merge(outcomes)
    if Imports in asked and isinstance(facts.get(Libraries), Libraries):
        facts[Imports] = gather(outcomes)
    for kind, why in ((Torch, "is not installed"), (Unshadowed, "was not needed")):
        if kind in asked and isinstance(facts.get(Libraries), Libraries):
            facts.setdefault(kind, Missing(kind.section, Why.ABSENT, why))
    return {**_not_asked(kinds, asked), **facts}


def question(order: Order, target: Target, known: Iterable[WantedLibrary], wished: Wishes) -> dict[str, Any]:
    """What every probe is told."""
    return {
        "project": str(order.project),
        "target": target.python,
        "prefix": target.prefix,
        "chosen_by": target.chosen_by,
        "names": sorted({name.partition(".")[0] for library in known for name in library.imports}),
        "env_file": order.settings.env_file,
        "mlflow_uri": None,
        "keys": list(wished.keys),
        "quick": order.quick,
    }


def all_secrets(order: Order) -> list[str]:
    """Every value that no output may show: those of the environment, of the named file, and of each `.env` from here upwards.

    python-dotenv looks in the folders above as well, and so may any library that is imported.
    """
    files = [order.project / (order.settings.env_file or ".env"), *(folder / ".env" for folder in order.project.parents)]
    return secrets_of_environment() + [secret for file in files for secret in secrets_of_dotenv(beginning(file))]


def _not_asked(kinds: Iterable[type[Fact]], asked: Iterable[type[Fact]]) -> Answers:
    """The facts that --quick leaves out, and those that only --online brings."""
    return {
        kind: Missing(kind.section, Why.NOT_ASKED, f"not looked at {'without --online' if kind.online else 'with --quick'}")
        for kind in set(kinds) - set(asked)
    }


def _known(facts: Mapping[type[Fact], Fact | Missing], kind: type[Any]) -> Any:
    """A fact, or None where it is missing."""
    found = facts.get(kind)
    return found if isinstance(found, kind) else None


def _target(seen: Seen) -> dict[str, str]:
    python = _known(seen.facts, Python)
    version = python.version if python else ""
    return {"python": seen.target.python, "version": version, "chosen_by": seen.target.chosen_by}


def _place(place: Fact | Missing | None) -> dict[str, str]:
    if not isinstance(place, Place):
        return {"os": "unknown", "kind": "unknown"}
    return {"os": place.os, "kind": place.kind, "distro": place.distro, "shell": place.shell}
