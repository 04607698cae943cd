"""Collect facts: short-lived processes, all at once, each with a deadline that holds.

The facts that are cheap and safe share a process; where that one fails, each of them gets one of its own.
Libraries are imported one per process, as many at a time as there are cores and memory for.
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from . import probes
from .answers import fact, overheard, read_answers, signal_name, tail
from .capacity import slots
from .clean import Cleaner
from .facts import Fact, Missing, Why
from .processes import Running, end_marked

Answers = dict[type[Fact], "Fact | Missing"]
TRIAL = 1 << 18  # bytes: about what all probes and their answers take
LOUDEST = 32 << 20  # bytes that one process may leave on the disk by talking
SILENT = (Why.TIMEOUT, Why.BUDGET, Why.KILLED, Why.NO_ANSWER)


@dataclass(frozen=True)
class Task:
    """One process: the sections that it answers, and what it is asked besides.

    heavy tasks wait for a free core. `label` names what is being waited for. `patience`: seconds on top of any time limit.
    """

    kinds: tuple[type[Fact], ...]
    label: str
    timeout: float
    question: Mapping[str, Any] = field(default_factory=dict)
    heavy: bool = False
    weight: float = 0.0
    patience: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What a task came to: a fact or the reason for its absence for each of its sections."""

    task: Task
    facts: Mapping[type[Fact], Fact | Missing]
    seconds: float


class Room:
    """A temporary folder of our own, gone at the end. Raises OSError where nothing can be written anywhere."""

    def __init__(self) -> None:
        self.path = Path(self._make())
        self.mark = os.urandom(8).hex()

    @staticmethod
    def _make() -> str:
        named = [os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)]
        for folder in dict.fromkeys([*named, "/tmp", "/var/tmp", "/dev/shm"]):  # never the working directory, as tempfile would
            with suppress(OSError):
                return Room._made_in(folder)
        tried = "tried TMPDIR, /tmp, /var/tmp and /dev/shm"
        raise OSError(f"no folder for temporary files can be written ({tried}): let TMPDIR name one that can")

    @staticmethod
    def _made_in(folder: str) -> str:
        """A new folder in which something can be written: on a full disk folders can still be made. Raises OSError."""
        made = tempfile.mkdtemp(prefix="mlenv-doctor-", dir=os.path.abspath(folder))
        trial = Path(made, "trial")
        try:
            trial.write_bytes(b" " * TRIAL)
            trial.unlink()
        except OSError:
            shutil.rmtree(made, ignore_errors=True)
            raise
        return made

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        end_marked(self.mark)
        shutil.rmtree(self.path, ignore_errors=True)


@dataclass
class Collector:
    """Runs tasks and turns their answers into facts.

    target:   the interpreter that is examined, as an argument list.
    question: what every probe is told (the project's folder, the target's path …).
    clean:    makes foreign text safe to keep.
    waiting:  is told what is still being waited for, whenever that changes.
    meanwhile: is called once while the first processes run, for work of our own that has to be done anyway.
    """

    target: tuple[str, ...]
    question: Mapping[str, Any]
    clean: Cleaner
    end: float
    timeout: float | None = None
    waiting: Callable[[tuple[str, ...]], None] = lambda labels: None
    meanwhile: Callable[[], object] = lambda: None

    def run(self, tasks: Iterable[Task], follow_up: Callable[[Outcome], Iterable[Task]]) -> list[Outcome]:
        """Run the tasks, and those that follow from their outcomes."""
        todo = list(tasks)
        running: dict[Running, Task] = {}
        outcomes: list[Outcome] = []
        done: queue.SimpleQueue[Running] = queue.SimpleQueue()

        def finish(outcome: Outcome) -> None:
            outcomes.append(outcome)
            todo.extend(follow_up(outcome))
            todo.extend(_retries(outcome))
            todo.sort(key=lambda task: (task.heavy, -task.weight))

        with Room() as room:
            while todo or running:
                if time.monotonic() >= self.end:
                    late = [self._all_missing(task, Why.BUDGET, "was not reached within the time budget", "") for task in todo]
                    outcomes, todo = outcomes + late, []
                while todo and (not todo[0].heavy or sum(task.heavy for task in running.values()) < slots()):
                    task = todo.pop(0)
                    try:
                        running[self._start(task, room, done)] = task
                    except OSError as why:
                        finish(self._all_missing(task, Why.NOT_STARTED, "could not be started", why.strerror or str(why)))
                self.waiting(tuple(task.label for task in running.values()))
                self.meanwhile()
                self.meanwhile = lambda: None
                for process in self._wait(running, done):
                    if process in running:  # one that was killed at its deadline comes out of the queue once more
                        finish(self._understand(running.pop(process), process, room))
        return outcomes

    def _start(self, task: Task, room: Room, done: queue.SimpleQueue[Running]) -> Running:
        """Start the process of a task. Raises OSError."""
        name = f"{room.path}/{id(task)}"
        question = {**self.question, **task.question, "sections": [kind.section for kind in task.kinds]}
        if task.kinds[0].where == "host":
            question["path"] = [entry for entry in sys.path if entry]
        files = dict.fromkeys(name for kind in task.kinds for name in kind.probe.split())
        Path(name).write_bytes(probes.source(files, question))
        python = (sys.executable, "-I", "-S", "-B") if task.kinds[0].where == "host" else self.target
        argv = [*python, "-", f"{name}.answer"]
        return Running(argv, Path(name), Path(f"{name}.log"), self.question["project"], room.mark, done)

    def _wait(self, running: Mapping[Running, Task], done: queue.SimpleQueue[Running]) -> list[Running]:
        """Wait for the next process to end or for the next deadline; kill what is past its own."""
        if not running:
            return []
        due = min(min(process.started + self._limit(task), self.end) for process, task in running.items())
        try:
            ended = done.get(timeout=min(0.5, max(0.0, due - time.monotonic())))
            return [ended] if ended in running else []  # one that was killed ends once more
        except queue.Empty:
            late = [p for p, task in running.items() if time.monotonic() >= min(p.started + self._limit(task), self.end)]
        for process in running:
            process.hush(LOUDEST)
        for process in late:
            process.late = True
            process.kill()
        return late

    def _limit(self, task: Task) -> float:
        return (task.timeout if self.timeout is None else self.timeout) + task.patience

    def _understand(self, task: Task, process: Running, room: Room) -> Outcome:
        """Turn what came back into facts, or into the reasons why there are none."""
        name = f"{room.path}/{id(task)}"
        answers = read_answers(Path(f"{name}.answer"), self.clean)
        chatter = self.clean(tail(Path(f"{name}.log"))).strip()
        silence = self._silence(task, process, chatter)
        facts = {kind: overheard(fact(kind, answers, silence, self.clean), chatter) for kind in task.kinds}
        process.kill()  # what it left behind in its group
        return Outcome(task, facts, process.ended - process.started)

    def _silence(self, task: Task, process: Running, chatter: str) -> tuple[str, str, str]:
        """Why a section got no answer."""
        if process.late and time.monotonic() >= self.end:
            return Why.BUDGET, "did not end within the time budget", chatter
        if process.late or process.code is None:
            return Why.TIMEOUT, f"did not answer within {self._limit(task):g} s", chatter
        if process.code < 0:
            return Why.KILLED, f"was killed by {signal_name(-process.code)}", chatter
        return Why.NO_ANSWER, f"ended with exit code {process.code} and no answer", chatter

    def _all_missing(self, task: Task, kind: str, reason: str, detail: str) -> Outcome:
        return Outcome(task, {k: Missing(k.section, kind, reason, self.clean(detail)) for k in task.kinds}, 0.0)


def first_tasks(kinds: Iterable[type[Fact]]) -> list[Task]:
    """One task for the shared sections of each place, those with a deadline of their own last, and one for each other section."""
    kinds = [kind for kind in kinds if kind.where in ("target", "host")]
    shared = sorted(
        (kind for kind in kinds if kind.shared), key=lambda kind: (kind.where == "host", kind.timeout != Fact.timeout)
    )
    tasks = [_task(tuple(group)) for _, group in groupby(shared, key=lambda kind: kind.where)]
    return tasks + [_task((kind,)) for kind in kinds if not kind.shared]


def _task(kinds: tuple[type[Fact], ...]) -> Task:
    return Task(kinds, ", ".join(kind.section for kind in kinds), max(kind.timeout for kind in kinds))


def _retries(outcome: Outcome) -> list[Task]:
    """Where a shared process ended early, the first section without an answer is the one that ended it.

    Those that it took with it get a process of their own. A target that answered nothing at all does not start.
    """
    lost = [kind for kind, fact in outcome.facts.items() if isinstance(fact, Missing) and fact.kind in SILENT]
    dead = len(lost) == len(outcome.facts) and outcome.task.kinds[0].where == "target"
    return [] if outcome.task.heavy or dead else [_task((kind,)) for kind in lost[1:]]


def merge(outcomes: Iterable[Outcome]) -> Answers:
    """All facts of all outcomes; the later (a retry) stands."""
    return {kind: fact for outcome in outcomes for kind, fact in outcome.facts.items()}
