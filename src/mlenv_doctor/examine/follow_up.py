"""What is read only once other facts are known, such as imports once the libraries are."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..facts import Fact, Missing
from ..patient import Project, Python, Wanted
from .tasks import Outcome, Task, joined


class FollowUp:
    """Plans the processes of the facts that have an `after`, and gathers their answers.

    facts: what is known by now. want: works out what is asked of this machine once its Python and project are known.
    """

    def __init__(self, asked: Collection[type[Fact]], want: Callable[[dict[type[Fact], Fact | Missing]], Wanted]) -> None:
        self.facts: dict[type[Fact], Fact | Missing] = {}
        self._want = want
        self._before_wanted = {Python, Project, *(kind for kind in asked if kind.always)}
        self._waiting = [kind for kind in asked if kind.after]
        self._open: dict[type[Fact], int] = {}
        self._outcomes: dict[type[Fact], list[Outcome]] = {}

    def __call__(self, outcome: Outcome) -> list[Task]:
        """The processes that an outcome makes possible."""
        self._note(outcome)
        if Wanted not in self.facts and self._before_wanted <= self.facts.keys():
            self.facts[Wanted] = self._want(self.facts)
        tasks: list[Task] = []
        while ready := [kind for kind in self._waiting if all(needed in self.facts for needed in kind.after)]:
            planned = [self._plan(kind) for kind in ready]
            tasks += [task for some in planned for task in some]
        return list(joined(tasks))

    def _plan(self, kind: type[Fact]) -> list[Task]:
        """The processes of one kind. Where there are none it is known already; where nobody can tell it stays unknown."""
        self._waiting.remove(kind)
        tasks = kind.tasks(self.facts)
        if tasks is None:
            return []
        tasks = list(tasks)
        self._open[kind], self._outcomes[kind] = len(tasks), []
        self._settle(kind)
        return tasks

    def _note(self, outcome: Outcome) -> None:
        for kind, fact in outcome.facts.items():
            if kind in self._open:
                self._outcomes[kind].append(outcome)
                self._open[kind] -= 1
                self._settle(kind)
            else:
                self.facts[kind] = fact

    def _settle(self, kind: type[Fact]) -> None:
        if not self._open[kind]:
            self.facts[kind] = kind.gathered(self._outcomes[kind])
