"""Collect facts: short-lived processes, all at once, each with a deadline that holds.

The facts that are cheap and safe share a process; where that one fails, each of them gets one of its own.
Libraries are imported one per process, as many at a time as there are cores and memory for.
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..facts import Fact, Missing, Why
from ..foreign.clean import Cleaner
from ..records import dataclass as record
from .answers import fact, overheard, read_answers, signal_name, tail
from .capacity import slots
from .processes import Running, adopt
from .room import File, Room
from .shipping import packed, program
from .tasks import Outcome, Task

Answers = dict[type[Fact], "Fact | Missing"]
LOUDEST = 32 << 20  # bytes that one process may leave on the disk by talking
TAIL = 20_000  # bytes of its talk that are read
DEEP = 60.0  # seconds that all real work may take together
OFTEN = 0.1  # seconds between two looks at it
SILENT = (Why.TIMEOUT, Why.BUDGET, Why.KILLED, Why.NO_ANSWER)


@record(frozen=True)
class Files:
    """What one process reads and writes, the words by which its answers are known to be its own, and its folder for work."""

    source: File
    modules: File
    answer: File
    log: File
    tokens: Mapping[str, str]
    work: str = ""


@dataclass
class Collector:
    """Runs tasks and turns their answers into facts.

    target:   the interpreter that is examined, as an argument list.
    question: what every probe is told (the project's folder, the target's path …).
    clean:    makes foreign text safe to keep.
    waiting:  is told what is still being waited for, whenever that changes.
    meanwhile: is called once while the first processes run, for work of our own that has to be done anyway.
    alone: whether this process is the doctor's own; in a notebook it is not.
    """

    target: tuple[str, ...]
    question: Mapping[str, Any]
    clean: Cleaner
    end: float
    timeout: float | None = None
    waiting: Callable[[tuple[str, ...]], None] = lambda labels: None
    meanwhile: Callable[[], object] = lambda: None
    alone: bool = False
    deep_end: float = float("inf")  # of all real work; known once the first of it starts

    def run(self, tasks: Iterable[Task], follow_up: Callable[[Outcome], Iterable[Task]]) -> list[Outcome]:
        """Run the tasks, and those that follow from their outcomes."""
        todo = list(tasks)
        running: dict[Running, tuple[Task, Files]] = {}
        outcomes: list[Outcome] = []
        done: queue.SimpleQueue[Running] = queue.SimpleQueue()

        def finish(outcome: Outcome) -> None:
            outcomes.append(outcome)
            todo.extend(follow_up(outcome))
            todo.extend(_retries(outcome))
            todo.sort(key=lambda task: (task.heavy, -task.weight))

        with Room(self.alone) as room:
            while todo or running:
                if time.monotonic() >= self.end:
                    late = [self._all_missing(task, Why.BUDGET, "was not reached within the time budget", "") for task in todo]
                    outcomes, todo = outcomes + late, []
                for task in [task for task in todo if time.monotonic() >= self._end(task)]:
                    todo.remove(task)
                    finish(self._all_missing(task, Why.BUDGET, f"was not reached within the {DEEP:g} s for real work", ""))
                while todo and (not todo[0].heavy or sum(task.heavy for task, _ in running.values()) < slots()):
                    task = todo.pop(0)
                    try:
                        process, files = self._start(task, room, done)
                        running[process] = task, files
                    except OSError as why:
                        finish(self._all_missing(task, Why.NOT_STARTED, "could not be started", why.strerror or str(why)))
                self.waiting(tuple(task.label for task, _ in running.values()))
                self._once()
                for process in self._wait(running, done):
                    if process in running:  # one that was killed at its deadline comes out of the queue once more
                        finish(self._understand(*running.pop(process), process))
        return outcomes

    def _once(self) -> None:
        """What is done while the first processes run."""
        if self.alone:
            adopt()
        self.meanwhile()
        self.meanwhile, self.alone = (lambda: None), False

    def _start(self, task: Task, room: Room, done: queue.SimpleQueue[Running]) -> tuple[Running, Files]:
        """Start the process of a task. Raises OSError."""
        tokens = {kind.section: os.urandom(12).hex() for kind in task.kinds}
        sections = [(kind.section, kind.probe, tokens[kind.section]) for kind in task.kinds]
        question = {**self.question, **task.question, "sections": sections}
        deep = any(kind.deep for kind in task.kinds)
        work = question["work"] = room.subfolder() if deep else ""
        if deep:
            self.deep_end = min(self.deep_end, time.monotonic() + DEEP)
            question["seconds"] = min(self._limit(task), self._end(task) - time.monotonic())
        host = task.kinds[0].where == "host"
        if host:
            question["path"] = [entry for entry in sys.path if entry]
        modules = room.memory(packed((kind.probe for kind in task.kinds), own=host))
        files = Files(room.memory(program(question)), modules, room.file(), room.file(appending=True), tokens, work)
        python = (sys.executable, "-I", "-S", "-B") if host else self.target
        argv = [*python, "-", files.answer.word, files.modules.word]
        handed = (files.answer.stream.fileno(), files.modules.stream.fileno())
        streams = (files.source.stream.fileno(), files.log.stream.fileno())
        return Running(argv, streams, handed, self.question["project"], room.mark, done), files

    def _wait(self, running: Mapping[Running, tuple[Task, Files]], done: queue.SimpleQueue[Running]) -> list[Running]:
        """Wait for the next process to end or for the next deadline; kill what is past its own."""
        if not running:
            return []
        due = min(min(process.started + self._limit(task), self._end(task)) for process, (task, _) in running.items())
        try:
            ended = done.get(timeout=min(OFTEN, max(0.0, due - time.monotonic())))
            return [ended] if ended in running else []  # one that was killed ends once more
        except queue.Empty:
            now = time.monotonic()
            late = [p for p, (task, _) in running.items() if now >= min(p.started + self._limit(task), self._end(task))]
        for _, files in running.values():
            if files.log.disk() > LOUDEST:
                files.log.empty()
        for process in late:
            process.late = True
            process.kill()
        return late

    def _end(self, task: Task) -> float:
        """When the time for a task is over, whenever it began."""
        return min(self.end, self.deep_end) if any(kind.deep for kind in task.kinds) else self.end

    def _limit(self, task: Task) -> float:
        return (task.timeout if self.timeout is None else self.timeout) + task.patience

    def _understand(self, task: Task, files: Files, process: Running) -> Outcome:
        """Turn what came back into facts, or into the reasons why there are none."""
        answers = read_answers(files.answer.read(), self.clean, files.tokens)
        chatter = self.clean(tail(files.log.read(TAIL))).strip()
        silence = self._silence(task, process, chatter)
        facts = {kind: overheard(fact(kind, answers, silence, self.clean), chatter) for kind in task.kinds}
        process.kill()  # what it left behind in its group
        if files.work:
            shutil.rmtree(files.work, ignore_errors=True)
        return Outcome(task, facts, process.ended - process.started)

    def _silence(self, task: Task, process: Running, chatter: str) -> tuple[str, str, str]:
        """Why a section got no answer."""
        if process.late and time.monotonic() >= self._end(task):
            return Why.BUDGET, "did not end within the time budget", chatter
        if process.late or process.code is None:
            return Why.TIMEOUT, f"did not answer within {self._limit(task):g} s", chatter
        if process.code < 0:
            return Why.KILLED, f"was killed by {signal_name(-process.code)}", chatter
        return Why.NO_ANSWER, f"ended with exit code {process.code} and no answer", chatter

    def _all_missing(self, task: Task, kind: str, reason: str, detail: str) -> Outcome:
        return Outcome(task, {k: Missing(k.section, kind, reason, self.clean(detail)) for k in task.kinds}, 0.0)


def first_tasks(kinds: Iterable[type[Fact]], wait: float = 0.0, quick: bool = False) -> list[Task]:
    """One task for the shared sections of each place, those with a deadline of their own last, and one for each other section.

    wait: what a server that is starting may take longer, in seconds.
    quick: whether all sections of a place share its process, those that do not like to at its end. Nothing is imported then and
    nothing waits for the first answers, and to start one more Python takes longer than most of them. What is lost is read again.
    """
    kinds = [kind for kind in kinds if kind.where in ("target", "host") and not kind.after]
    shared = sorted(
        (kind for kind in kinds if kind.shared or quick),
        key=lambda kind: (kind.where == "host", not kind.shared, kind.timeout != Fact.timeout),
    )
    tasks = [_task(tuple(group), wait) for _, group in groupby(shared, key=lambda kind: kind.where)]
    return tasks + [_task((kind,), wait) for kind in kinds if kind not in shared]


def _task(kinds: tuple[type[Fact], ...], wait: float = 0.0) -> Task:
    patience = wait if any(kind.waits for kind in kinds) else 0.0
    return Task(kinds, ", ".join(kind.section for kind in kinds), max(kind.timeout for kind in kinds), patience=patience)


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
