"""The plan of a repair: which steps, in which order, what of each the doctor does and what is left to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..model import Command, Finding, Prescription, Report, Status, plan_key
from .commands import YOUR_SHELL, Scope, driver_problem, for_a_shell, leaves_links_alone, touched

WHO = {"admin": "an administrator has to do it", "provider": "the provider has to do it"}


@dataclass(frozen=True)
class Step:
    """One step. findings: what it is to cure, each with the id of its check.

    run:   the commands that the doctor runs. shell: those that only the user's own shell can, afterwards.
    paths: what of the project they touch. linking: whether they leave alone what they do not replace.
    left:  why the doctor does nothing; empty where it does.
    """

    key: str
    prescription: Prescription
    findings: tuple[tuple[str, Finding], ...]
    run: tuple[Command, ...] = ()
    shell: tuple[Command, ...] = ()
    paths: tuple[Path, ...] = ()
    linking: bool = True
    left: str = ""


def steps(report: Report, scope: Scope, statuses: Iterable[Status], done: Iterable[str] = ()) -> list[Step]:
    """The steps of a report's fixes, failures first, in the report's order, without those that were tried already."""
    found: dict[str, list[tuple[str, Finding]]] = {}
    for status in statuses:
        for result in report.results:
            for finding in result.findings:
                if finding.fix and finding.status is status:
                    found.setdefault(plan_key(finding.fix), []).append((result.id, finding))
    tried = set(done)
    left = ((_next(key, report, tried), tuple(cures)) for key, cures in found.items())
    return [step(key, report.plan[key], cures, scope) for key, cures in left if key]


def _next(key: str, report: Report, tried: set[str]) -> str:
    """The first fix that was not tried, of one and of those that are there in case it does not cure; empty where none is left."""
    while key in tried:
        key = report.plan[key].otherwise if key in report.plan else ""
    return key if key in report.plan else ""


def step(key: str, made: Prescription, cures: tuple[tuple[str, Finding], ...], scope: Scope) -> Step:
    """One step, as far as the doctor may do it."""
    shell = tuple(command for command in made.commands if for_a_shell(command.argv))
    run = tuple(command for command in made.commands if not for_a_shell(command.argv))
    left = WHO.get(made.who, "") or _left(made, run, scope)
    if left:
        return Step(key, made, cures, left=left)
    paths = tuple(dict.fromkeys(path for command in run for path in touched(command.argv, scope)))
    return Step(key, made, cures, run, shell, paths, all(leaves_links_alone(command.argv) for command in run))


def _left(made: Prescription, run: tuple[Command, ...], scope: Scope) -> str:
    """Why the doctor leaves a step to people; empty where it can do it."""
    if not made.commands:
        return "no command does it"
    if not run:
        return YOUR_SHELL
    if made.risk in ("changes the system", "nothing"):
        return f"it {made.risk}" if made.risk != "nothing" else "it only shows something"
    return next(filter(None, (driver_problem(command.argv, scope) for command in run)), "")
