"""What is said where nothing explains the error: what was understood, and what would help."""

from __future__ import annotations

from ..reading import Kind, Reading
from ..text import one_line
from .common import Case


def not_understood(case: Case) -> Reading:
    """An honest answer."""
    last, own = case.trace.last, case.trace.own
    tops = dict.fromkeys(case.library(frame) for frame in reversed(case.trace.frames) if frame.top)
    told = []
    if last:
        told.append(f"It ends with {last.name}{f': {one_line(last.message, 200)}' if last.message else ''}")
    if tops:
        told.append(f"It passes through {', '.join(case.with_version(name) for name in list(tops)[:5])}")
    if own:
        told.append(f"The last line of the program itself is {own.place}")
    more = (
        "Run `mlenv-doctor check` on the machine itself: it looks at the libraries that are named."
        if tops
        else "Give the whole error, from `Traceback` to the last line, or a file with it."
    )
    return Reading(
        Kind.UNKNOWN,
        "This error message is not in the knowledge base",
        understood=tuple(told),
        named=tuple(tops),
        more=more,
        where=own.place if own else "",
    )
