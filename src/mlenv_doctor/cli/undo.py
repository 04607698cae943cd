"""`mlenv-doctor undo`: back to what an environment was before a repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from .help import WithExamples
from .options import about_look, which_python
from .repairs import agreed

if TYPE_CHECKING:
    from ..repair.states import State, Store


@click.command(cls=WithExamples)
@click.argument("id", required=False, type=click.IntRange(min=1), metavar="[ID]")
@click.option("--list", "listing", is_flag=True, help="List the states. Changes nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@which_python("--python", "--target")
@about_look
def undo(id: int | None, listing: bool, yes: bool, python: str | None, color: str, ascii: bool) -> None:
    """Restore the environment as it was before a repair: the last one, or the one with this ID.

    What is there now is kept, so that an undo can be undone. Exit code: 0 done, 1 you said no, 2 usage.
    """
    bring_back(id, listing=listing, yes=yes, python=python)


def bring_back(id: int | None, *, listing: bool, yes: bool, python: str | None) -> None:
    """Do it, or list the states. Raises BadInput."""
    from ..repair import safety, states
    from ..repair.lock import locked
    from ..report.repairs import recovered_text
    from ..running.printing import emit

    store = the_store(python)
    if listing:
        emit(listed(store))
        return
    with locked(store):
        safety.refuse_what_cannot_be_swapped(store)
        if recovered := safety.recover(store):
            emit(recovered_text(recovered))
            if id is None:
                return
        state = chosen(states.kept(store), id, store)
        if not agreed(f"Bring {store.environment} back to what it was before: {state.title} ({when(state)})?", yes=yes):
            raise SystemExit(1)
        new, difference = safety.undo(store, state)
    edited = [item.path for item in difference.content]
    emit(f"{store.environment} is as it was before: {state.title}\nTo go forward again: mlenv-doctor undo {new.id}\n")
    if edited:
        emit(f"{len(edited)} files were edited in place since, and keep their edits: {', '.join(edited[:5])}\n")


def the_store(python: str | None) -> Store:
    """The states of the environment that is meant. Raises BadInput where there are none."""
    from ..patient.target import choose
    from ..repair.place import scope_of, store_of

    project = Path.cwd()
    store = store_of(scope_of(choose(project, python), project))
    if not store.folder.is_dir():
        raise BadInput(f"nothing was repaired in {store.environment}: there is nothing to undo")
    return store


def listed(store: Store) -> str:
    """All states, the newest first."""
    from ..repair.states import kept

    found = kept(store)
    if not found:
        raise BadInput(f"nothing was repaired in {store.environment}: there is nothing to undo")
    return "".join(f"{state.id:>4}  {when(state)}  before: {state.title}\n" for state in found)


def when(state: State) -> str:
    """The time of a state, as the clock on the wall shows it."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(state.when).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return state.when


def chosen(found: list[State], id: int | None, store: Store) -> State:
    """The state that is meant: that of the ID, else the one before the last repair. Raises BadInput."""
    if id is not None:
        state = next((state for state in found if state.id == id), None)
        known = ", ".join(str(state.id) for state in found)
        if state is None:
            raise BadInput(f"there is no state {id} of {store.environment}" + (f"; there are {known}" if known else ""))
        return state
    state = next((state for state in found if state.kind == "repair"), None)
    if state is None:
        raise BadInput(f"nothing was repaired in {store.environment}: there is nothing to undo")
    return state
