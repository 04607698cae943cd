"""`%mlenv why`: what the last exception of a notebook means, read with what is known of its Python."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from html import escape

from ..errors import BadInput
from ..examine.explanation import knowledge_of, surroundings_here
from ..examine.order import Order, secrets
from ..foreign.clean import Cleaner
from ..knowledge.reader import read
from ..knowledge.reading import Reading
from ..knowledge.surroundings import Surroundings
from ..patient.settings import read_settings
from ..records import dataclass
from .session import WIDTH, session, the_folder

LONGEST = 100_000  # characters of a traceback
NONE_YET = "no exception has been raised in this session; run the cell that fails, then %mlenv why"


@dataclass(frozen=True)
class Why:
    """An explanation that shows itself."""

    reading: Reading
    facts: Surroundings

    def __repr__(self) -> str:
        from ..report.look import Look, can_show_glyphs
        from ..report.reading import as_text

        return as_text(self.reading, Look(WIDTH, False, not can_show_glyphs(sys.stdout)), self.facts).rstrip("\n")

    def _repr_html_(self) -> str:
        return f'<pre class="mlenv-doctor" style="white-space: pre-wrap">{escape(repr(self))}</pre>'


def explained(words: list[str]) -> Why:
    """The explanation of the last exception. Raises BadInput."""
    from ..examine.registry import find_plugins

    if words:
        raise BadInput("%mlenv why takes no options: it explains the last exception")
    error = getattr(sys, "last_value", None)
    if not isinstance(error, BaseException):
        raise BadInput(NONE_YET)
    folder = the_folder(".")
    own = read_settings(folder)
    order = Order(folder, own, own=own, quick=True, **session(True))
    plugins = tuple(find_plugins())
    text = Cleaner(secrets(order))(words_of(error), limit=LONGEST)
    facts = surroundings_here(order, plugins, text)
    reading = replace(read(text, facts, knowledge_of(plugins)), more="")  # there is no longer text to ask for
    return Why(reading, facts)


def words_of(error: BaseException) -> str:
    """The traceback as Python prints it, without the steps of IPython itself; of an error that cannot be printed, its class."""
    try:
        lines = traceback.TracebackException.from_exception(error, lookup_lines=False)
        for part in _chain(lines):
            part.stack = traceback.StackSummary.from_list([step for step in part.stack if not _is_shells(step.filename)])
        return "".join(lines.format())[-LONGEST:]
    except Exception:  # what the error says of itself is somebody else's code
        return f"{type(error).__module__}.{type(error).__qualname__}"


def _chain(last: traceback.TracebackException) -> list[traceback.TracebackException]:
    """An exception and those that led to it."""
    found: list[traceback.TracebackException] = []
    waiting = [last]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]
    return found


def _is_shells(file: str) -> bool:
    """Whether a step of a traceback is IPython's."""
    return f"{os.sep}IPython{os.sep}" in file
