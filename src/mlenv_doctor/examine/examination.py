"""One examination: look at the machine, judge what was seen, and make out the fixes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from .. import __version__
from ..documents.snapshot import from_file, to_document
from ..facts import Fact, Missing, Used, Why, every_fact
from ..foreign.clean import Cleaner
from ..knowledge.symptom import said
from ..model import Report, decide
from ..patient import Libraries, Pasted, Place, Project, Python, Said, Venv, Wanted, WantedLibrary
from ..patient.target import NoPython, Target, choose, mistrusted
from ..patient.wanted import Wishes, want, wishes
from ..records import dataclass
from ..repair import describe
from ..repair.prescribing import cheat_sheet, plan, prescribe, repair_command
from .checking import Check
from .cleaning import without_a_secret, without_secrets
from .collect import Answers, Collector, first_tasks, merge
from .engine import WORDS, judge
from .follow_up import FollowUp
from .limit import GRACE, within
from .order import Order, deadline, patience, probe_limit, question, secrets
from .places import from_project
from .registry import Plugin, needed, select
from .relevance import relevant
from .stages import stage_states
from .tasks import Outcome, Task

NEEDED_BY_ALL = (Python, Place, Venv, Project, Libraries)  # to work out what is wanted and how it would be repaired


@dataclass(frozen=True)
class Seen:
    """What was seen: the facts, and whose they are."""

    facts: Answers
    target: Target
    project: str


def examine(order: Order, plugins: Iterable[Plugin]) -> Report:
    """The whole way, in time. Raises UnknownName, Impossible, NoPython, BadSnapshot (bad input) and OSError (no room to work)."""
    return examine_and_tell(order, plugins)[0]


def examine_and_tell(order: Order, plugins: Iterable[Plugin]) -> tuple[Report, Answers]:
    """The same, with the facts that were judged. Raises what `examine` raises."""
    with within(deadline(order) + GRACE) if order.alone else nullcontext():
        return _examine(order, plugins)


def _examine(order: Order, plugins: Iterable[Plugin]) -> tuple[Report, Answers]:
    started = time.monotonic()
    plugins = tuple(plugins)
    checks, off = select(
        (c for p in plugins for c in p.checks), order.names, order.settings.skip, (name for p in plugins for name in p.unloaded)
    )
    wished = wishes(order.settings.profile, order.settings.require, (s for p in plugins for s in p.stages))
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    sheets = cache(lambda: cheat_sheet(plugins))
    order = replace(order, deep=order.deep or any(check.deep for check in checks if check.id in order.names))
    seen = look(replace(order, meanwhile=lambda: (sheets(), order.meanwhile())), needed(checks), wished, known)
    sheet, unusable = sheets()
    asked = fitting(checks, order, seen.facts)
    results = from_project(without_secrets(judge((*asked, *unusable), seen.facts, off), order), seen.project)
    installed = _known(seen.facts, Libraries) or Libraries()
    wanted = _known(seen.facts, Wanted)
    subjects = {family: subject for plugin in plugins for family, subject in plugin.subjects.items()}
    judged, results = results, relevant(results, subjects, wanted, order.names)
    of_roadmap = () if Pasted in seen.facts else tuple(stage for plugin in plugins for stage in plugin.stages)
    stages = stage_states(of_roadmap, judged, installed, wanted, results, [check.id for check in asked if check.deep])
    verdict = decide(results, strict=order.settings.strict)
    if order.baseline:  # the stages stay: what a machine is ready for does not depend on what is known
        from ..documents.baseline import since

        results, verdict = since(order.baseline.results, results, strict=order.settings.strict)
    patient = describe(seen.facts, seen.target, seen.project, order.session, elsewhere=bool(order.saved))
    report = Report(
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
    return replace(report, repairs=without_a_secret(repair_command(report, order, seen.target), order)), seen.facts


def fitting(checks: tuple[Check[...], ...], order: Order, facts: Answers) -> tuple[Check[...], ...]:
    """The checks for which there is something to judge: words of an error, a pasted report, real work that was asked for."""
    with_words, pasted = bool(order.names) or has_words(facts), Pasted in facts
    return tuple(
        check
        for check in checks
        if (with_words or check.family != WORDS) and (pasted or not about_pasted(check)) and (order.deep or not check.deep)
    )


def has_words(facts: Answers) -> bool:
    """Whether somebody gave the words of an error, or pasted a report; else there is nothing to explain."""
    found = facts.get(Said)
    return Pasted in facts or (isinstance(found, Said) and bool(found.text))


def about_pasted(check: Check[...]) -> bool:
    """Whether a check judges pasted reports only."""
    return any(kind is Pasted and name not in check.takes_missing for name, kind in check.needs.items())


def look(order: Order, kinds: Iterable[type[Fact]], wished: Wishes, known: tuple[WantedLibrary, ...]) -> Seen:
    """Read the facts, from this machine or from a saved snapshot, and work out what is wanted of it. Raises BadInput."""
    if order.saved:
        facts, target, project = from_file(order.saved)
    else:
        target = order.target or choose(order.project, order.python)
        always = (kind for kind in every_fact() if kind.always)
        facts, project = (
            collect(order, target, tuple(dict.fromkeys((*kinds, *NEEDED_BY_ALL, *always))), wished, known),
            str(order.project),
        )
        refuse_what_is_no_python(target, facts.get(Python))
    facts[Said] = said(order.symptom, facts.get(Said))
    facts[Wanted] = want(wished, _known(facts, Project), _known(facts, Python), known, _used(facts), _known(facts, Libraries))
    return Seen(facts, target, project)


def projects_below(order: Order) -> tuple[str, ...]:
    """The folders below that are projects of their own. Raises BadInput."""
    target = order.target or choose(order.project, order.python)
    used = _used(collect(order, target, tuple(kind for kind in every_fact() if kind.always), Wishes(), ()))
    return used.projects if used else ()


def look_at_everything(order: Order, plugins: Iterable[Plugin]) -> dict[str, Any]:
    """All that can be known about this machine, as a snapshot's document."""
    plugins = tuple(plugins)
    checks = tuple(check for plugin in plugins for check in plugin.checks)
    known = tuple(library for plugin in plugins for library in plugin.libraries)
    with within(deadline(order) + GRACE) if order.alone else nullcontext():
        seen = look(order, needed(checks), Wishes(), known)
        return to_document(seen.facts, seen.target, seen.project, __version__)


def refuse_what_is_no_python(target: Target, python: Fact | Missing | None) -> None:
    """A program that was named with --python, is not called python and does not answer as one is the user's mistake.

    Raises NoPython.
    """
    silent = isinstance(python, Missing) and python.kind == Why.NO_ANSWER
    if silent and target.chosen_by == "--python" and "py" not in Path(target.python).name.lower():
        raise NoPython(f"--python {target.python}: this is not a Python interpreter; name one such as .venv/bin/python")


def collect(
    order: Order, target: Target, kinds: tuple[type[Fact], ...], wished: Wishes, known: tuple[WantedLibrary, ...]
) -> Answers:
    """Read the facts of this machine: first all that stands alone, then what follows from it."""
    asked = tuple(kind for kind in kinds if not _left_out(kind, order))
    collector = Collector(
        (target.python,),
        question(order, target, known, wished),
        Cleaner(secrets(order), public=f"{order.project} {target.python} {sys.path} {[library.name for library in known]}"),
        time.monotonic() + deadline(order),
        probe_limit(order),
        order.waiting,
        order.meanwhile,
        order.alone,
    )
    following = FollowUp(asked, lambda facts: want(wished, _known(facts, Project), _known(facts, Python), known, _used(facts)))

    def follow_up(outcome: Outcome) -> Iterable[Task]:
        tasks = following(outcome)
        python = following.facts.get(Python)
        if isinstance(python, Python):
            collector.target = (python.executable or target.python,)
        return tasks

    reason = mistrusted(target, order.project)
    started = tuple(kind for kind in asked if not (reason and kind.where == "target"))
    outcomes = collector.run(first_tasks(started, patience(order), order.quick), follow_up)
    closed = {kind: Missing(kind.section, Why.NOT_STARTED, reason) for kind in asked if kind not in started}
    return {**_not_asked(kinds, order), **closed, **merge(outcomes), **following.facts}


def _not_asked(kinds: Iterable[type[Fact]], order: Order) -> Answers:
    """The facts that --quick leaves out, and those that only --online, --deep or --write brings."""
    left_out = ((kind, _left_out(kind, order)) for kind in kinds)
    return {kind: Missing(kind.section, Why.NOT_ASKED, f"not checked {option}") for kind, option in left_out if option}


def _left_out(kind: type[Fact], order: Order) -> str:
    """The option with or without which a fact is not read; empty where it is."""
    if kind.online and not order.online:
        return "without --online"
    if kind.deep and not order.deep:
        return "without --deep"
    if kind.writes and not order.write:
        return "without --write"
    return "with --quick" if order.quick and not kind.quick else ""


def _known(facts: Mapping[type[Fact], Fact | Missing], kind: type[Any]) -> Any:
    """A fact, or None where it is missing."""
    found = facts.get(kind)
    return found if isinstance(found, kind) else None


def _used(facts: Answers) -> Used | None:
    """What the project uses, by the fact that tells it."""
    found = (fact.used_by_code() for fact in facts.values() if isinstance(fact, Fact))
    return next((used for used in found if used), None)


def _target(seen: Seen) -> dict[str, str]:
    python = _known(seen.facts, Python)
    version = python.version if python else ""
    return {"python": seen.target.python, "version": version, "chosen_by": seen.target.chosen_by}


def _place(place: Fact | Missing | None) -> dict[str, str]:
    if not isinstance(place, Place):
        return {"os": "unknown", "kind": "unknown"}
    return {"os": place.os, "kind": place.kind, "distro": place.distro, "shell": place.shell}
