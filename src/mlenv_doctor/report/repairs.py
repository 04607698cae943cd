"""A plan and its outcome for a reader at a terminal, and the plan as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..model import Finding, Verdict
from ..repair.changes import Change
from ..repair.mend import Choice, Plan, Repaired
from ..repair.states import State
from ..repair.steps import Step
from ..repair.treat import Outcome, Planned
from .guide import marked
from .look import Look
from .page import Page
from .text import heading, sentence

MANY = 12  # changed packages that are named; of more the number is said


def plan_text(plan: Plan, look: Look) -> str:
    """The plan, before anybody is asked."""
    page = Page(look)
    page.line(f"Plan for {plan.environment}", style="bold")
    for number, planned in enumerate(plan.steps, 1):
        _step(page, number, planned)
    _left(page, plan.left)
    for process in plan.running:
        page.status("warn", f"process {process.pid} ({process.what}) is running in it", "; restart it afterwards")
    if not plan.steps and not plan.left:
        page.status("pass", "Nothing to repair")
    if plan.size:
        page.line(f"To download: {size(plan.size)}")
    return page.text()


def _step(page: Page, number: int, planned: Planned) -> None:
    step = planned.step
    page.line(f"{number}. {marked(step.prescription)}", style="bold", hang=3)
    for finding in _distinct(step):
        page.line(sentence(finding), indent=3, hang=2)
    for command in step.run:
        page.command(command.text)
    if planned.preview.changes:
        page.line(f"Changes {changed(planned.preview.changes)}", indent=3, hang=2)
    for line in planned.edits:
        page.command(line, indent=5)
    if step.paths and not planned.edits:
        page.line(f"Touches {', '.join(map(str, step.paths))}", indent=3, hang=2)


def _distinct(step: Step) -> Iterable[Finding]:
    return {sentence(finding): finding for _, finding in step.findings}.values()


def changed(changes: tuple[Change, ...]) -> str:
    """Such as "numpy 1.26.4 → 2.1.0, six (new) 1.17.0"."""
    said = [_change(change) for change in changes]
    more = f" and {len(said) - MANY} more" if len(said) > MANY else ""
    return ", ".join(said[:MANY]) + more


def _change(change: Change) -> str:
    if not change.new:
        return f"{change.name} {change.old} (removed)"
    if change.old == change.new:
        return f"{change.name} {change.new} (installed again)"
    return f"{change.name} {change.new} (new)" if not change.old else f"{change.name} {change.old} -> {change.new}"


def size(number: int) -> str:
    """Such as "12.3 MB"."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"


def _left(page: Page, left: Iterable[Step]) -> None:
    """What people have to do themselves."""
    left = list(left)
    if left:
        page.line("Left for you:", style="bold")
    for step in left:
        page.line(f"- {heading(step.prescription)}: {step.left}", indent=2, hang=2)
        for command in step.prescription.commands:
            page.command(command.text, indent=6)
        for note in () if step.prescription.commands else step.prescription.notes:
            page.line(note, indent=6, hang=2)


def outcome_text(done: Repaired, choice: Choice, look: Look, called: str) -> str:
    """How a repair ended: what changed, what is left, who has to do it, and what the state is now."""
    page = Page(look)
    for outcome in done.outcomes:
        _outcome(page, outcome)
    if done.shell:
        page.line("Type this in your terminal:", style="bold")
        for text in dict.fromkeys(command.text for command in done.shell):
            page.command(text)
    _left(page, done.left if not done.declined else ())
    _state(page, done, choice, called)
    return page.text()


def _outcome(page: Page, outcome: Outcome) -> None:
    title = outcome.step.prescription.title
    if outcome.how == "kept":
        said = f": {changed(outcome.changes)}" if outcome.changes else ""
        page.status("pass", f"{title}: done and verified", said)
    elif outcome.how == "needless":
        page.status("skip", f"{title}: not needed any more", "; an earlier step cured it")
    else:
        page.status("fail", f"{title}: undone", f"; {outcome.why}")
    if outcome.lost:
        page.status(
            "warn", f"{len(outcome.lost)} files were written in place and are not as before: {', '.join(outcome.lost[:3])}"
        )


def _state(page: Page, done: Repaired, choice: Choice, called: str) -> None:
    """The last lines: the state now, and the way back."""
    kept = next((outcome.state for outcome in done.outcomes if outcome.state), 0)
    status, word = {
        Verdict.READY: ("pass", "Ready"),
        Verdict.NOT_READY: ("fail", "Not ready"),
        Verdict.UNKNOWN: ("unknown", "No verdict"),
    }[choice.verdict(done.report)]
    failed = sum(f.status.value == "fail" for r in choice.of(done.report).results for f in r.findings)
    rest = f": {failed} problem{'' if failed == 1 else 's'} left" if failed else ""
    page.status(status, word, f"{rest}{f'; to go back: {called} undo {kept}' if kept else ''}")


def recovered_text(state: State) -> str:
    """What is said of a repair that was killed."""
    how = "finished" if state.phase == "swapping" else "undone"
    return f"An interrupted repair ({state.title}, {state.when}) was {how} first.\n"


def data(plan: Plan) -> dict[str, Any]:
    """The plan as data, for programs."""
    return {
        "version": 1,
        "environment": str(plan.environment),
        "download_bytes": plan.size,
        "steps": [_data(planned.step, planned) for planned in plan.steps] + [_data(step, None) for step in plan.left],
        "running": [{"pid": process.pid, "what": process.what} for process in plan.running],
    }


def _data(step: Step, planned: Planned | None) -> dict[str, Any]:
    made = step.prescription
    changes = planned.preview.changes if planned else ()
    return {
        "fix": made.id,
        "title": made.title,
        "risk": made.risk,
        "who": made.who,
        "mark": "proven" if made.proven else "suggestion",
        "applies": planned is not None,
        "left": step.left,
        "findings": [{"check": id, "cause": f.cause, "subject": f.subject, "message": f.message} for id, f in step.findings],
        "commands": [list(command.argv) for command in made.commands],
        "packages": [{"name": change.name, "old": change.old, "new": change.new} for change in changes],
        "download_bytes": planned.preview.size if planned else 0,
        "files": [str(path) for path in step.paths],
        "edits": list(planned.edits) if planned else [],
    }
