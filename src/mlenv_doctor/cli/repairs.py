"""`fix --apply` and `fix --dry-run`: ask, have it done, show it, and end with the state afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..errors import BadInput

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..model import Report
    from ..repair.mend import Plan
    from ..report.look import Look

NOBODY = "nothing was changed: this asks before it changes anything, and nobody can answer here; add --yes to agree beforehand"


def apply(order: Order, names: tuple[str, ...], examine: Callable[[], Report], look: Look, *, yes: bool) -> int:
    """Repair, and return the exit code: the state afterwards."""
    from ..model import EXIT_CODES
    from ..repair.mend import Choice, mend
    from ..report.repairs import outcome_text, plan_text, recovered_text
    from ..running.printing import emit

    refuse_what_is_not_this_machine(order)
    choice = Choice(names)

    def consent(plan: Plan) -> bool:
        refuse_silence(yes=yes)
        emit(plan_text(plan, look))
        steps = len(plan.steps)
        return agreed(f"Apply {'this step' if steps == 1 else f'these {steps} steps'}?", yes=yes)

    done = mend(order, choice, examine, consent, lambda title: emit(f"... {title}\n"))
    if done.recovered:
        emit(recovered_text(done.recovered))
    emit(outcome_text(done, choice, look, order.called))
    if order.session and any(outcome.how == "kept" for outcome in done.outcomes):
        from ..repair.cells import RESTARTS

        emit(RESTARTS.get(done.report.place.get("kind", ""), RESTARTS[order.session]) + "\n")
    return EXIT_CODES[choice.verdict(done.report)]


def dry_run(order: Order, names: tuple[str, ...], examine: Callable[[], Report], look: Look, *, form: str) -> int:
    """Print what `--apply` would do, as text or as data. Nothing is changed."""
    import json

    from ..examine.order import secrets
    from ..foreign.clean import Cleaner
    from ..model import EXIT_CODES
    from ..patient.target import choose
    from ..repair.mend import Choice, make
    from ..repair.place import scope_of
    from ..report.repairs import data, plan_text
    from ..running.printing import emit

    refuse_what_is_not_this_machine(order)
    choice = Choice(names)
    report = examine()
    scope = scope_of(order.target or choose(order.project, order.python), order.project)
    plan = make(report, choice, scope, Cleaner(secrets(order)))
    emit(json.dumps(data(plan), indent=1) + "\n" if form == "json" else plan_text(plan, look))
    return EXIT_CODES[choice.verdict(report)]


def refuse_what_is_not_this_machine(order: Order) -> None:
    """Raises BadInput where what is judged is not what could be repaired."""
    if order.saved:
        raise BadInput("--from judges another machine; only this one can be repaired: leave out --from")


def agreed(question: str, *, yes: bool) -> bool:
    """Ask, unless that was answered beforehand. Raises BadInput where nobody can answer."""
    refuse_silence(yes=yes)
    if yes:
        return True
    if click.confirm(question, err=True):
        return True
    click.echo("nothing was changed", err=True)
    return False


def refuse_silence(*, yes: bool) -> None:
    """Raises BadInput where nobody can answer and nothing was answered beforehand."""
    if not yes and not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise BadInput(NOBODY)
