"""Carry out a plan, step by step: image, commands, a second look, and keep it or give everything back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..foreign.clean import Cleaner
from ..model import Command, Report
from . import edits, image, safety, states
from .changes import Change, Preview, difference, installed, unannounced
from .run import Failed, as_in_the_shell, run
from .states import State, Store
from .steps import Step
from .verify import lost, modules, uncured, worse

Examine = Callable[[], Report]


@dataclass(frozen=True)
class Planned:
    """A step with what it would change: packages, and lines of files."""

    step: Step
    preview: Preview
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a step ended. how: "kept", "undone", or "needless" where an earlier one had cured it. why: of what was undone.

    changes: what it changed. state: what `undo` brings back. lost: files that were written into and cannot be brought back.
    """

    step: Step
    how: str
    why: str = ""
    changes: tuple[Change, ...] = ()
    state: int = 0
    lost: tuple[str, ...] = ()


@dataclass
class Treatment:
    """One repair: what it works on, how it looks, what it saw last, and what came of its steps."""

    store: Store
    project: Path
    python: str
    examine: Examine
    report: Report
    say: Callable[[str], None]
    clean: Cleaner
    outcomes: list[Outcome] = field(default_factory=list)
    shell: list[Command] = field(default_factory=list)

    def carry_out(self, plan: Sequence[Planned]) -> None:
        """Do all steps. Raises BadInput and OSError where it cannot even begin; whatever is raised, nothing is left half done."""
        paths = tuple(dict.fromkeys(path for planned in plan for path in planned.step.paths))
        title = "; ".join(planned.step.prescription.title for planned in plan)[:300]
        for planned in plan:
            if not uncured(planned.step.findings, self.report):
                self.outcomes.append(Outcome(planned.step, "needless"))
                continue
            self.say(planned.step.prescription.title)
            self.outcomes.append(self._one(planned, paths, title))

    def _one(self, planned: Planned, paths: Sequence[Path], title: str) -> Outcome:
        """One step, whole or not at all."""
        folder, step = self.store.environment, planned.step
        before = installed(folder)
        names = modules(folder, planned.preview.changes)
        state = safety.begin(self.store, title, paths, linking=step.linking)
        try:
            why, after = self._tried(planned, state, before, names)
        except BaseException:
            safety.give_back(self.store, state)
            raise
        changes = difference(before, installed(folder))
        lost = self._written_into(state)
        if after is None:
            safety.give_back(self.store, state)
            return Outcome(step, "undone", why, lost=lost)
        self.shell.extend(step.shell)
        self.report = after
        return Outcome(step, "kept", "", changes, self._accepted(state))

    def _tried(self, planned: Planned, state: State, before: dict[str, str], names: list[str]) -> tuple[str, Report | None]:
        """Run a step and look again: why it is no good, or what was seen."""
        folder, step = self.store.environment, planned.step
        try:
            run(step.run, folder, self.project)
        except Failed as why:
            return self.clean(str(why)), None
        for kept in state.files:
            edits.keep_line_ends(Path(kept.path), self.store.place(state.id) / f"file{kept.number}")
        real = difference(before, installed(folder))
        if before and planned.preview.changes and (secretly := unannounced(planned.preview, real)):
            return f"it changed {secretly[0].name}, which the plan did not show", None
        with as_in_the_shell([*self.shell, *step.shell]):
            after = self.examine()
        return self._verdict(step, after, state, names)

    def _verdict(self, step: Step, after: Report, state: State, names: list[str]) -> tuple[str, Report | None]:
        """Whether a step cured what it was for, and nothing else suffered."""
        if left := uncured(step.findings, after):
            return f"it did not help: {left[0].message}", None
        if harmed := worse(self.report, after):
            return f"it broke something else: {harmed[0].message}", None
        if broken := lost(self.python, names, self.store.image(state.id)):
            return f"{broken[0]} could be imported before, and not afterwards", None
        return "", after

    def _written_into(self, state: State) -> tuple[str, ...]:
        """The files of the image that a command wrote into through a link: these are not as they were."""
        if state.absent:
            return ()
        found = image.compare(self.store.image(state.id), states.items_of(self.store, state.id)).content
        return tuple(item.path for item in found)

    def _accepted(self, state: State) -> int:
        """Keep what a step did. The state from before the first step is the one to come back to."""
        safety.sweep_beside(self.store, state)
        first = next((outcome.state for outcome in self.outcomes if outcome.state), 0)
        if first:
            safety.accept_into(self.store, state, first)
        else:
            safety.accept(self.store)
        return first or state.id
