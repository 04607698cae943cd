"""Carry out the steps of a setup, each whole or not at all: a killed one goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..foreign.clean import Cleaner
from ..model import Command
from ..repair import safety
from ..repair.run import Failed, run
from ..repair.states import State, Store
from .steps import Step


@dataclass(frozen=True)
class Done:
    """How a step ended. how: "done", "there" where nothing was to do, or "failed", and why."""

    step: Step
    how: str
    why: str = ""


def carry_out(
    store: Store, folder: Path, steps: Iterable[tuple[Step, bool]], say: Callable[[str], None], clean: Cleaner
) -> tuple[list[Done], int]:
    """Do all steps that are not done up to the first that fails; how each ended, and the state to go back to.

    The store is locked by the caller.
    Before each step the environment is saved, as before a step of a repair: if this process dies, the next setup, repair or undo
    takes back what the step had begun, and goes on.
    """
    ended: list[Done] = []
    first = 0
    for step, done in steps:
        if done:
            ended.append(Done(step, "there"))
            continue
        say(step.title)
        state = safety.begin(store, f"setup: {step.title}", step.paths, linking=True)
        try:
            _do(step, store, folder)
        except Failed as why:
            safety.give_back(store, state)
            ended.append(Done(step, "failed", clean(str(why))))
            break
        except OSError as why:
            safety.give_back(store, state)
            ended.append(Done(step, "failed", f"{os.path.basename(str(why.filename or ''))}: {why.strerror}"))
            break
        except BaseException:
            safety.give_back(store, state)
            raise
        first = _accepted(store, state, first)
        ended.append(Done(step, "done"))
    return ended, first


def _do(step: Step, store: Store, folder: Path) -> None:
    run([Command(argv, "") for argv in step.commands], store.environment, folder)
    if step.work:
        step.work()


def _accepted(store: Store, state: State, first: int) -> int:
    """Keep what a step did: the state from before the first step is the one that `undo` brings back."""
    if first:
        safety.accept_into(store, state, first)
    else:
        safety.accept(store)
    return first or state.id


def make_folder(folder: Path) -> list[Path]:
    """Make a folder with those above it; which were made. Raises OSError."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return made


def remove_empty(made: Iterable[Path]) -> None:
    """Remove the folders that were made, as far as nothing is in them."""
    with suppress(OSError):
        for path in made:
            path.rmdir()
