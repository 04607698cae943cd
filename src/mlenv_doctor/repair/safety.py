"""Take the image before a repair, bring it back after a failed one, finish what a killed one left, and undo.

Whatever the moment at which this process dies: the environment is as before, or the repair is complete. The journal says which of
the two is still to be brought about, and everything that follows it can be done twice.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import BadInput
from . import files, image, states
from .states import State, Store

SPARE = 16 << 20  # bytes that stay free beside an image: for the journal, and for whoever else writes


class NoRoom(BadInput):
    """There is no room for the image; the text says how much is needed."""


class Unfit(BadInput):
    """This environment cannot be repaired safely; the text says why."""


def refuse_what_cannot_be_swapped(store: Store) -> None:
    """An environment is brought back by renaming it: where that cannot work, nothing is begun. Raises Unfit.

    Tried for real: renamed onto a folder that is not empty, which any system refuses, and last of all for that reason.
    """
    if not os.path.lexists(store.environment):
        return
    (store.folder / "lock").touch()  # so that it is not empty, come what may
    try:
        os.rename(store.environment, store.folder)
    except OSError as why:
        if why.errno in (errno.ENOTEMPTY, errno.EEXIST) or isinstance(why, FileExistsError):
            return
        reason = {errno.EBUSY: "it is a mount point", errno.EXDEV: "it is a separate file system"}.get(why.errno or 0)
        raise Unfit(f"{store.environment} cannot be swapped ({reason or why.strerror}), so nothing is repaired in it") from None


def begin(store: Store, title: str, paths: Iterable[Path] = (), *, linking: bool) -> State:
    """Take the image of the environment and copies of files of the project. From then on `recover` brings all of it back.

    Raises NoRoom, and OSError; then nothing has changed.
    """
    state = State(states.next_id(store), str(store.environment), title, states.now(), absent=not store.environment.exists())
    state = states.at(state, "imaging", beside=tuple(path.name for path in _beside(store)))
    try:
        items = [] if state.absent else image.survey(store.environment)
        refuse_what_does_not_fit(store, items, linking=linking)
        states.note(store, state)
        store.place(state.id).mkdir()
        if items:
            image.take(store.environment, store.image(state.id), items, linking=linking)
        state = states.at(state, "applying", files=tuple(files.keep(store, state.id, paths)))
        states.keep(store, state, items)
        states.note(store, state)
    except BaseException:
        states.drop(store, state.id)
        states.forget(store)
        raise
    return state


def refuse_what_does_not_fit(store: Store, items: list[image.Item], *, linking: bool) -> None:
    """Raises NoRoom where the image would fill the disk."""
    needed = image.bytes_to_copy(items, linking=linking) + SPARE
    free = shutil.disk_usage(store.environment.parent).free
    if free < needed:
        raise NoRoom(
            f"no room for the state before the repair: {store.folder} needs {megabytes(needed)}, and {megabytes(free)} are free"
        )


def megabytes(size: int) -> str:
    """Such as "1,234 MB"."""
    return f"{size / 1e6:,.0f} MB"


def sweep_beside(store: Store, state: State) -> None:
    """Delete what a step built or set aside beside the environment: `.venv.new`, `.venv.old-1` and their like."""
    for path in _beside(store):
        if path.name not in state.beside:
            image.remove(path)


def _beside(store: Store) -> list[Path]:
    """What lies beside the environment under its name with an ending."""
    folder = store.environment
    return sorted(path for path in folder.parent.iterdir() if path.name.startswith(f"{folder.name}."))


def accept(store: Store) -> None:
    """The repair is green: the state before it stays, to be brought back by `undo`, and older ones may go."""
    states.forget(store)
    with suppress(states.BadJournal):  # those of another version are that one's to drop
        states.drop_old(store)


def accept_into(store: Store, state: State, first: int) -> None:
    """The same, where an earlier state of the same repair is the one to come back to: it takes over the files that it lacks."""
    earlier = states.understood(store, store.place(first) / "state.json")
    title = earlier.title if state.title in earlier.title else f"{earlier.title}; {state.title}"
    states.put(store, replace(earlier, title=title, files=(*earlier.files, *files.taken_over(store, state, earlier))))
    states.forget(store)
    states.drop(store, state.id)


def recover(store: Store) -> State | None:
    """Finish what was begun and not ended, in whichever way it ends well; returns what that was. Raises BadJournal, OSError."""
    state = states.under_way(store)
    if state is None:
        _sweep(store)
        return None
    if state.phase == "swapping":
        _finish_undo(store, state)
    else:
        if state.phase == "applying":
            roll_back(store, state)
        states.forget(store)
        states.drop(store, state.id)
    return state


def _sweep(store: Store) -> None:
    """Delete what a killed run left behind its end: folders without a state in them, and the clones of a search."""
    image.remove(store.searched())
    for id in states.ids(store):
        if not (store.place(id) / "state.json").exists():
            states.drop(store, id)


def give_back(store: Store, state: State) -> None:
    """Everything as it was before `begin`."""
    roll_back(store, state)
    states.forget(store)
    states.drop(store, state.id)


def roll_back(store: Store, state: State) -> None:
    """Bring the environment back by two renames, then the files. All of it can be done again where it was interrupted."""
    if state.absent:
        if os.path.lexists(store.environment):
            os.rename(store.environment, store.aside(state.id))
    else:
        if store.image(state.id).exists():
            _swap(store.environment, store.image(state.id), store.aside(state.id))
        items = states.items_of(store, state.id)
        image.mend(store.environment, image.compare(store.environment, items).metadata)
    sweep_beside(store, state)
    files.put_back(store, state)


def _swap(live: Path, there: Path, aside: Path) -> None:
    """Put an image where the environment is, and the environment aside: two renames."""
    if os.path.lexists(live):
        if os.path.lexists(aside):  # somebody made a new one after the first rename; that one is not ours
            raise BadInput(f"{live} was created again while it was being restored: move it away, and run this again")
        os.rename(live, aside)
    os.rename(there, live)


def undo(store: Store, state: State) -> tuple[State, image.Difference]:
    """Bring an older state back. What is there now becomes a state of its own, so that this can be undone as well.

    Returns the new state, and what of the image was written into since. Raises OSError.
    """
    new = State(
        states.next_id(store), str(store.environment), _undoing(state), states.now(), "undo",
        not os.path.lexists(store.environment), phase="swapping", origin=state.id,
    )  # fmt: skip
    difference = image.Difference()
    if store.image(state.id).exists():
        difference = image.compare(store.image(state.id), states.items_of(store, state.id))
    items = [] if new.absent else image.survey(store.environment)
    store.place(new.id).mkdir(parents=True)
    try:
        new = states.at(new, "swapping", files=tuple(files.keep(store, new.id, [Path(kept.path) for kept in state.files])))
        states.write(store.place(new.id) / "items.json", json.dumps(items))
        states.note(store, new)
    except BaseException:
        states.drop(store, new.id)
        raise
    _finish_undo(store, new)
    return new, difference


def _undoing(state: State) -> str:
    """What is said of the state from before an undo; one that undoes an undo does not repeat its words."""
    return f"undo of {state.id}" if state.kind == "undo" else f"undo of {state.id} ({state.title})"


def _finish_undo(store: Store, new: State) -> None:
    """Carry an undo to its end, from wherever it is."""
    old = next((state for state in states.kept(store) if state.id == new.origin), None)
    if old:
        there, away = store.image(old.id), store.image(new.id)
        if old.absent:
            if os.path.lexists(store.environment) and not away.exists():
                os.rename(store.environment, away)
        else:
            if there.exists():
                _swap(store.environment, there, away)
            # not before: what is linked has its rights in common with the environment that goes
            image.mend(store.environment, image.compare(store.environment, states.items_of(store, old.id)).metadata)
        files.put_back(store, old)
    states.put(store, states.at(new, "applying"))
    states.drop(store, new.origin)
    states.forget(store)
