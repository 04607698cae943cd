"""`mlenv-doctor setup`: from nothing to an environment in which the project runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .completing import stages
from .help import WithExamples
from .options import about_look

if TYPE_CHECKING:
    from ..examine.order import Order
    from ..repair.mend import Plan
    from ..repair.states import Store
    from ..report.look import Look
    from ..setup.steps import Setup


@click.command(cls=WithExamples)
@click.argument("folder", required=False, default=".", metavar="[DIR]")
@click.option(
    "--profile",
    multiple=True,
    metavar="STAGE",
    shell_complete=stages,
    help="Install what a stage of the roadmap uses; may be repeated.",
)
@click.option("--python", default="", metavar="VERSION", help="The Python of the environment: a version such as 3.12, or a path.")
@click.option("--dry-run", is_flag=True, help="Show the steps. Changes nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@about_look
def setup(folder: str, profile: tuple[str, ...], python: str, dry_run: bool, yes: bool, color: str, ascii: bool) -> None:
    """Create an environment for a project, install its requirements, and check that it is ready.

    Without requirements in the folder it installs the libraries of the roadmap, or those of the stages that --profile names.
    Run it again after an interruption: it goes on where it stopped. Exit code: 0 ready, 1 not ready, 2 usage.
    """
    from ..report.look import look_for
    from ..report.setup import setup_text
    from ..running.printing import emit
    from ..running.quote import here
    from ..setup.folder import refuse
    from ..setup.steps import steps
    from .asking import order

    place = Path(os.path.abspath(folder))
    refuse(place)
    wanted = order((), str(place), profile=profile)
    look = look_for(sys.stdout, color=color, ascii=ascii)
    if dry_run:
        made = _planned(wanted, python)
        emit(setup_text(made, [(step, step.done()) for step in steps(made)], here(), look))
        return
    raise SystemExit(set_up(wanted, python, look, yes=yes))


def _planned(order: Order, python: str) -> Setup:
    from ..setup.planning import setup_of
    from .asking import plugins

    try:
        return setup_of(order, plugins(), python)
    finally:
        order.waiting(())


def set_up(order: Order, python: str, look: Look, *, yes: bool) -> int:
    """Do it; the exit code. What a killed run had begun is taken back first."""
    from ..repair import safety
    from ..repair.lock import locked
    from ..repair.states import Store
    from ..report.repairs import recovered_text
    from ..running.printing import emit
    from ..setup.carry_out import make_folder, remove_empty
    from .repairs import refuse_silence

    refuse_silence(yes=yes)
    made = make_folder(order.project)
    store = Store(Path(os.path.realpath(order.project / ".venv")))
    try:
        with locked(store):
            if recovered := safety.recover(store):
                emit(recovered_text(recovered))
            begun = _done(order, python, look, store, yes=yes)
    finally:
        remove_empty(made)
    return begun if begun is not None else finish(order, look, yes=yes)


def _done(order: Order, python: str, look: Look, store: Store, *, yes: bool) -> int | None:
    """Show the steps, ask, and carry them out; None where all are done, else the exit code."""
    from ..examine.order import secrets
    from ..foreign.clean import Cleaner
    from ..report.setup import ended_text, setup_text
    from ..running.printing import emit
    from ..running.quote import here
    from ..setup.carry_out import carry_out
    from ..setup.steps import steps
    from .repairs import agreed

    made = _planned(order, python)
    todo = [(step, step.done()) for step in steps(made)]
    emit(setup_text(made, todo, here(), look))
    if not all(done for _, done in todo) and not agreed("Do this?", yes=yes):
        return 1
    ended, first = carry_out(store, order.project, todo, lambda title: emit(f"... {title}\n"), Cleaner(secrets(order)))
    emit(ended_text(ended, look))
    if ended[-1].how == "failed":
        emit(f"The steps before are kept; to go on, run the same command again{_back(order, first)}.\n")
        return 1
    return None


def _back(order: Order, first: int) -> str:
    return f", or go back with: {order.called} undo {first}" if first else ""


def finish(order: Order, look: Look, *, yes: bool) -> int:
    """Look as if the environment were active; repair what is still red, as for code that imports what nothing declares."""
    from ..model import EXIT_CODES, Command
    from ..repair.mend import Choice, mend
    from ..repair.run import as_in_the_shell
    from ..report.output import show
    from ..report.repairs import plan_text
    from ..running.printing import emit
    from ..running.quote import here, quote
    from .asking import examined
    from .repairs import agreed

    activate = activation(order.project / ".venv", here())

    def consent(plan: Plan) -> bool:
        emit(plan_text(plan, look))
        return agreed("Apply this as well?", yes=yes)

    with as_in_the_shell([Command(activate, "")]):
        done = mend(order, Choice(), lambda: examined(order), consent, lambda title: emit(f"... {title}\n"))
    show(done.report, "text", look)
    emit(f"Type this in your terminal:\n    {quote(activate, here())}\n")
    return EXIT_CODES[done.report.verdict]


def activation(environment: Path, shell: str) -> tuple[str, ...]:
    """What makes an environment the one in use, in this kind of shell."""
    from ..patient.target import BIN

    file = {"powershell": "Activate.ps1", "cmd": "activate.bat"}.get(shell)
    return (str(environment / BIN / file),) if file else ("source", str(environment / BIN / "activate"))
