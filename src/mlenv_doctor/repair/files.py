"""Files of the project that a repair touches: a copy of each beforehand, and the way back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from . import image, states
from .states import Kept, State, Store


def keep(store: Store, id: int, paths: Iterable[Path]) -> list[Kept]:
    """Copy files of the project, each under a number; those that do not exist yet are noted as such."""
    kept = []
    for number, path in enumerate(dict.fromkeys(paths)):
        there = os.path.lexists(path)
        if there:
            items = image.take(path, store.place(id) / f"file{number}", image.survey(path), linking=False)
            states.write(store.place(id) / f"file{number}.json", json.dumps(items))
        kept.append(Kept(str(path), number if there else -1))
    return kept


def taken_over(store: Store, state: State, earlier: State) -> list[Kept]:
    """Copy what an earlier state of the same repair lacks into its folder, under new numbers."""
    known, number, added = {kept.path for kept in earlier.files}, len(earlier.files), []
    for kept in state.files:
        if kept.path in known:
            continue
        number += 1
        added.append(Kept(kept.path, number if kept.number >= 0 else -1))
        if kept.number >= 0:
            here, there = store.place(state.id) / f"file{kept.number}", store.place(earlier.id) / f"file{number}"
            image.remove(there)
            image.take(here, there, image.survey(here), linking=False)
            states.write(there.with_name(f"{there.name}.json"), here.with_name(f"{here.name}.json").read_text("utf-8"))
    return added


def put_back(store: Store, state: State) -> None:
    """Bring the files of the project back, each by a rename beside it; those that are as they were are not touched."""
    for kept in state.files:
        path = Path(kept.path)
        if kept.number < 0:
            image.remove(path)
        elif not _is_as_kept(store, state.id, kept):
            beside = path.with_name(f".{path.name}.mlenv-doctor")
            image.remove(beside)
            copy = store.place(state.id) / f"file{kept.number}"
            image.take(copy, beside, image.survey(copy), linking=False)
            if path.is_dir() and not path.is_symlink():
                image.remove(path)
            os.replace(beside, path)


def _is_as_kept(store: Store, id: int, kept: Kept) -> bool:
    items = [image.Item(*item) for item in states.read(store.place(id) / f"file{kept.number}.json")]
    path = Path(kept.path)
    if not os.path.lexists(path) or image.survey(path) != items:
        return False
    return path.is_dir() or path.is_symlink() or path.read_bytes() == (store.place(id) / f"file{kept.number}").read_bytes()
