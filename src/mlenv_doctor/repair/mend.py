"""`fix --apply` from its start to its end: rounds of looking, planning, asking and doing, until nothing is left to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..examine.order import secrets
from ..foreign.clean import Cleaner
from ..model import Report, Status, Verdict, decide
from ..patient.target import choose
from . import edits, safety
from .changes import Preview, preview
from .lock import locked
from .place import scope_of, store_of
from .running import Running, running_in
from .steps import Step, steps
from .treat import Outcome, Planned, Treatment

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..model import Command
    from .commands import Scope
    from .states import State

ROUNDS = 4  # what a repair uncovers is repaired as well, but not without end


@dataclass(frozen=True)
class Plan:
    """What would be done: the steps of the doctor with what each changes, those of people, and who is at work there."""

    environment: Path
    steps: tuple[Planned, ...]
    left: tuple[Step, ...]
    running: tuple[Running, ...] = ()

    @property
    def size(self) -> int:
        """The bytes to fetch, as far as they are known."""
        return sum(planned.preview.size for planned in self.steps)


@dataclass(frozen=True)
class Choice:
    """What of a report is to be repaired: failures, or failures and warnings of these families and checks."""

    names: tuple[str, ...] = ()

    @property
    def statuses(self) -> tuple[Status, ...]:
        return (Status.FAIL, Status.WARN) if self.names else (Status.FAIL,)

    def of(self, report: Report) -> Report:
        """The report, as far as it was chosen."""
        wanted = set(self.names)
        results = tuple(result for result in report.results if not wanted or {result.id, result.family} & wanted)
        return replace(report, results=results)

    def verdict(self, report: Report) -> Verdict:
        """The verdict about what was chosen."""
        return decide(self.of(report).results, strict=report.strict)


@dataclass
class Repaired:
    """What came of a repair: the last report, the outcomes of the steps, and what people still have to do."""

    report: Report
    outcomes: list[Outcome] = field(default_factory=list)
    left: list[Step] = field(default_factory=list)
    shell: list[Command] = field(default_factory=list)
    recovered: State | None = None
    declined: bool = False


def make(report: Report, choice: Choice, scope: Scope, clean: Cleaner, tried: Iterable[str] = ()) -> Plan:
    """The plan for what a report says. Nothing is changed. What installers say is cleaned of secrets."""
    planned, left = [], []
    for step in steps(choice.of(report), scope, choice.statuses, tried):
        found = preview([c.argv for c in step.run], scope.environment, scope.project) if step.run else Preview()
        if step.left or found.problem:
            left.append(replace(step, left=step.left or clean(found.problem)))
        else:
            planned.append(Planned(step, found, edits.preview([c.argv for c in step.run], step.paths, scope.project)))
    return Plan(scope.environment, tuple(planned), tuple(left), running_in(scope.environment) if planned else ())


def mend(
    order: Order,
    choice: Choice,
    examine: Callable[[], Report],
    consent: Callable[[Plan], bool],
    say: Callable[[str], None],
) -> Repaired:
    """Repair. Raises BadInput and OSError where it cannot begin; a repair that was killed is finished first."""
    scope = scope_of(order.target or choose(order.project, order.python), order.project)
    store = store_of(scope)
    with locked(store):
        safety.refuse_what_cannot_be_swapped(store)
        recovered = safety.recover(store)
        done = Repaired(examine(), recovered=recovered)
        clean = Cleaner(secrets(order))
        for _ in range(ROUNDS):
            plan = make(done.report, choice, scope, clean, [outcome.step.key for outcome in done.outcomes])
            done.left = list(plan.left)
            if not plan.steps:
                break
            if not consent(plan):
                done.declined = True
                break
            refuse_what_holds_files(plan)
            treatment = Treatment(
                store, scope.project, _python(order), examine, done.report, say, clean, done.outcomes, done.shell
            )
            if not _carried_out(treatment, plan, done):
                break
        done.report = examine() if done.shell else done.report
    return done


def _python(order: Order) -> str:
    return (order.target or choose(order.project, order.python)).python


def _carried_out(treatment: Treatment, plan: Plan, done: Repaired) -> bool:
    """Carry out one plan; whether another is worth it: something was kept, or there is another way for what did not help."""
    before = len(done.outcomes)
    treatment.carry_out(plan.steps)
    done.report = treatment.report
    new = done.outcomes[before:]
    return any(outcome.how == "kept" or (outcome.how == "undone" and outcome.step.prescription.otherwise) for outcome in new)


def refuse_what_holds_files(plan: Plan) -> None:
    """On Windows an open file cannot be renamed: while a program of the environment runs, nothing is begun. Raises Unfit."""
    if plan.running and sys.platform == "win32":
        first = plan.running[0]
        raise safety.Unfit(f"process {first.pid} ({first.what}) uses {plan.environment}; end it, then repair")
