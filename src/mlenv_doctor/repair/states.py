"""The states that can be brought back, and the journal of the repair that runs: where they are kept, and how they are written.

They are kept beside the environment, in `.mlenv-doctor/NAME/` of the folder that it is in. Beside, because a hard link and a
rename work within one file system only, and because `rm -r .venv` and `uv venv --clear` would take along whatever lay inside it.
Not in the home folder: that is often another file system, and whoever deletes or moves a project takes its states along, as with
`.git`. The folder has a `.gitignore` of its own, so git never sees it, and begins with a dot, so searches, linters and tests
leave it alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ..errors import BadInput
from . import image

VERSION = 1
FOLDER = ".mlenv-doctor"
KEPT, DAYS = 5, 30  # how many states are kept at most, and for how long
ABOUT = """This folder belongs to mlenv-doctor. It holds the states of an environment before its last repairs, so that
`mlenv-doctor undo` can bring them back. Files that did not change since take no room: they are links.
`mlenv-doctor undo --list` says what is in it. If you delete the folder, repairs can no longer be undone.
"""


class BadJournal(BadInput):
    """The journal or a state cannot be used; the text says why."""


@dataclass(frozen=True)
class Kept:
    """A file or folder of the project as it was: its copy has the number `number`, and there was none where `number` is -1."""

    path: str
    number: int


@dataclass(frozen=True)
class State:
    """One state that can be brought back, or the repair that is under way.

    environment: the folder of the environment. absent: there was none. title: what was done after it. kind: "repair" or "undo".
    phase: what the journal says: "imaging" while the image is made, "applying" from then on, "swapping" while an older state
    comes back. origin: of an undo the state that it brings back. beside: what lay beside the environment under its name with an
    ending.
    """

    id: int
    environment: str
    title: str
    when: str
    kind: str = "repair"
    absent: bool = False
    files: tuple[Kept, ...] = ()
    beside: tuple[str, ...] = ()
    phase: str = "imaging"
    origin: int = 0
    version: int = VERSION


@dataclass(frozen=True)
class Store:
    """All states of one environment."""

    environment: Path

    @property
    def folder(self) -> Path:
        return self.environment.parent / FOLDER / self.environment.name

    @property
    def journal(self) -> Path:
        return self.folder / "journal.json"

    def place(self, id: int) -> Path:
        """The folder of one state."""
        return self.folder / str(id)

    def image(self, id: int) -> Path:
        """The image of the environment in a state."""
        return self.place(id) / "image"

    def aside(self, id: int) -> Path:
        """Where the environment goes that makes room for the image of a state."""
        return self.place(id) / "aside"

    def searched(self) -> Path:
        """The folder of a search's clones."""
        return self.folder / "search"


def prepare(store: Store) -> None:
    """Make the folder of the states. Raises OSError."""
    store.folder.mkdir(parents=True, exist_ok=True)
    top = store.folder.parent
    for name, text in ((".gitignore", "*\n"), ("README.txt", ABOUT)):
        if not (top / name).exists():
            write(top / name, text)


def tidy(store: Store) -> None:
    """Delete the folder of the states where nothing was ever kept in it, so that who only looked leaves no trace."""
    top = store.folder.parent
    with suppress(OSError):
        if os.listdir(store.folder) == ["lock"]:
            image.remove(store.folder)
        if sorted(os.listdir(top)) == [".gitignore", "README.txt"]:
            image.remove(top)


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all, and onto the disk. Raises OSError, and leaves nothing half."""
    beside = file.with_name(f"{file.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        os.replace(beside, file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def next_id(store: Store) -> int:
    """The number of the next state: one more than any before. Clocks may jump; numbers do not."""
    return max((*ids(store), _last(store)), default=0) + 1


def ids(store: Store) -> list[int]:
    """The numbers of all states, the oldest first."""
    try:
        return sorted(int(name) for name in os.listdir(store.folder) if name.isdigit())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _last(store: Store) -> int:
    """The highest number that was ever given."""
    try:
        return int((store.folder / "last").read_text())
    except (OSError, ValueError):
        return 0


def note(store: Store, state: State) -> None:
    """Write the journal: from here on a repair is under way. Raises OSError."""
    write(store.folder / "last", str(max(state.id, _last(store))))
    write(store.journal, json.dumps(asdict(state), indent=1))


def forget(store: Store) -> None:
    """The repair is at its end. Removing one file is the moment at which it is."""
    with suppress(FileNotFoundError):
        store.journal.unlink()


def keep(store: Store, state: State, items: Iterable[image.Item]) -> None:
    """Write what a state is, and the list of what its image holds, into its folder. Raises OSError."""
    write(store.place(state.id) / "items.json", json.dumps(list(items)))
    put(store, state)


def put(store: Store, state: State) -> None:
    """Write what a state is: from here on it is offered. Raises OSError."""
    write(store.place(state.id) / "state.json", json.dumps(asdict(state), indent=1))


def items_of(store: Store, id: int) -> list[image.Item]:
    """The list of what the image of a state holds. Raises BadJournal."""
    data = read(store.place(id) / "items.json")
    try:
        return [image.Item(*item) for item in data]
    except TypeError:
        raise BadJournal(f"{store.place(id)}: the list of files cannot be read") from None


def under_way(store: Store) -> State | None:
    """The repair that was begun and not ended. Raises BadJournal."""
    return understood(store, store.journal) if os.path.lexists(store.journal) else None


def kept(store: Store) -> list[State]:
    """All states that can be brought back, the newest first. Raises BadJournal."""
    files = [store.place(id) / "state.json" for id in reversed(ids(store))]
    return [understood(store, file) for file in files if file.exists()]


def understood(store: Store, file: Path) -> State:
    """Read a state or the journal. Raises BadJournal where it is of another version or environment, or cannot be read."""
    data = read(file)
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise BadJournal(f"{file} was written by another version of mlenv-doctor; run that one, or delete {store.folder}")
    try:
        files = tuple(Kept(**kept) for kept in data.pop("files"))
        state = State(**{**data, "files": files, "beside": tuple(data["beside"])})
    except (TypeError, KeyError):
        raise BadJournal(f"{file} cannot be read; delete {store.folder} to give up its states") from None
    if state.environment != str(store.environment):
        raise BadJournal(f"{file} belongs to another environment ({state.environment}), not to {store.environment}")
    return state


def read(file: Path) -> Any:
    """A file of ours as data. Raises BadJournal."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise BadJournal(f"{file} cannot be read; delete {file.parent} to give up what it is about") from None


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def age(state: State) -> timedelta:
    """How old a state is; never less than nothing, whatever the clock did."""
    try:
        return max(datetime.now(timezone.utc) - datetime.fromisoformat(state.when), timedelta())
    except (ValueError, TypeError):
        return timedelta()


def drop_old(store: Store) -> None:
    """Drop the states that are too many or too old. To be called once a later repair is green; the newest one always stays."""
    for position, state in enumerate(kept(store)):
        if position >= KEPT or (position and age(state) > timedelta(days=DAYS)):
            drop(store, state.id)


def drop(store: Store, id: int) -> None:
    """Delete one state: what says what it is goes first, so that no half of it is offered. Raises OSError."""
    with suppress(FileNotFoundError):
        (store.place(id) / "state.json").unlink()
    image.remove(store.place(id))


def at(state: State, phase: str, **changes: Any) -> State:
    """The state in another phase."""
    return replace(state, phase=phase, **changes)
