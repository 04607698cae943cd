"""A setup for a reader at a terminal: its steps beforehand, and how each ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..running.quote import quote
from .look import Look
from .page import Page

if TYPE_CHECKING:
    from ..setup.carry_out import Done
    from ..setup.steps import Setup, Step


def setup_text(setup: Setup, steps: Iterable[tuple[Step, bool]], shell: str, look: Look) -> str:
    """The steps, before anybody is asked."""
    page = Page(look)
    page.line(f"Setup of {setup.folder}{'' if setup.folder.exists() else ' (a new folder)'}", style="bold")
    for number, (step, done) in enumerate(steps, 1):
        page.line(f"{number}. {step.title}{' (already done)' if done else ''}", style="" if done else "bold", hang=3)
        for argv in () if done else step.commands:
            page.command(quote(argv, shell))
    return page.text()


def ended_text(ended: Iterable[Done], look: Look) -> str:
    """How each step ended."""
    page = Page(look)
    for done in ended:
        if done.how == "failed":
            page.status("fail", done.step.title, f": undone; {done.why}")
        else:
            page.status("pass", done.step.title, "" if done.how == "done" else ": already done")
    return page.text()
