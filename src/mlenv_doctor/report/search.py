"""What a search for cures found, for a reader at a terminal and as data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..model import Command, Prescription
from ..repair.search.search import Answer
from ..repair.search.targets import Target
from .look import Look
from .page import Page
from .repairs import changed
from .text import sentence


def search_text(answers: Sequence[tuple[Answer, Prescription]], environment: Path, look: Look) -> str:
    """Every fault with its cure, and with what was tried in vain."""
    page = Page(look)
    for answer, made in answers:
        page.status("fail", _headline(answer.target))
        for tried in answer.tried:
            page.line(f"tried: {tried.title}: {tried.why}", indent=2, hang=2)
        _cure(page, answer, made.commands)
        for note in made.notes if answer.commands else ():
            page.line(note, indent=2, hang=2)
    if not answers:
        page.status("pass", "Nothing to search for", ": every installed library imports, or its fix is proven")
        return page.text()
    left = sum(not answer.cured for answer, _ in answers)
    if left and len(answers) > 1:
        page.status("fail", f"No cure found for {left} of {len(answers)} problems")
    page.line(f"{environment} was not changed; each candidate was tried in a copy of it.")
    return page.text()


def _headline(target: Target) -> str:
    """What is wrong; of a library that fails because of another one which that is."""
    if target.finding.subject in ("", target.name):
        return sentence(target.finding)
    return f"{target.name} cannot be imported because of {target.finding.subject}"


def _cure(page: Page, answer: Answer, commands: Sequence[Command]) -> None:
    if answer.by:
        page.status("pass", f"  The cure for {answer.by} also cures this")
    elif answer.commands:
        page.status("pass", f"  Proven here: {answer.title}", f" ({changed(answer.changes)})")
        for command in commands:
            page.command(command.text)
    else:
        page.status("fail", "  No cure found", f": {answer.why}" if answer.why else "")


def search_data(answers: Sequence[tuple[Answer, Prescription]], environment: Path) -> dict[str, Any]:
    """The same as data, for programs."""
    return {"version": 1, "environment": str(environment), "searches": [_data(answer, made) for answer, made in answers]}


def _data(answer: Answer, made: Prescription) -> dict[str, Any]:
    finding = answer.target.finding
    cure = {
        "title": answer.title,
        "mark": "proven here",
        "commands": [list(argv) for argv in answer.commands],
        "text": [command.text for command in made.commands],
        "packages": [{"name": change.name, "old": change.old, "new": change.new} for change in answer.changes],
    }
    return {
        "library": answer.target.name,
        "finding": {"check": answer.target.check, "cause": finding.cause, "subject": finding.subject, "message": finding.message},
        "cure": cure if answer.commands else None,
        "cured_by": answer.by,
        "why": answer.why,
        "tried": [{"title": tried.title, "why": tried.why} for tried in answer.tried],
    }
