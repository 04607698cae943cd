"""What one process of an examination is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from ..facts import Fact, Missing
from ..records import dataclass


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


def joined(tasks: Iterable[Task]) -> Iterator[Task]:
    """Tasks with one label become one process, which answers the sections of all of them."""
    by_label: dict[str, Task] = {}
    for task in tasks:
        first = by_label.get(task.label)
        both = replace(first, kinds=first.kinds + task.kinds, question={**task.question, **first.question}) if first else task
        by_label[task.label] = both
    return iter(by_label.values())
