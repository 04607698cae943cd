"""Explain why a command failed: from what it printed, with the Python that ran it, and from the way it ended."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..documents.pasted import decoded
from ..foreign.clean import Cleaner
from ..knowledge.not_started import not_started
from ..knowledge.reader import read
from ..knowledge.reading import Kind, Reading
from ..knowledge.surroundings import Surroundings
from ..knowledge.text import comes_from_elsewhere
from ..running.ended import BY_SIGNAL, KEPT, Ended
from .explanation import knowledge_of, surroundings_here
from .order import Order, secrets
from .registry import Plugin

STOPPED = {"SIGINT", "SIGPIPE"}  # whoever ended the command that way knows why
ON_PURPOSE = {"SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2"}
TRACEBACK = "Traceback (most recent call last):"
CHAINED = re.compile(r"\n(?:During handling of the above|The above) exception[^\n]{0,80}:\n+\Z")
OF_ERROR = re.compile(r"Traceback \(|\bError\b|\w(?:Error|Exception)\b|^error\b|: error:|\bfatal\b", re.M | re.I)
NAMING = 40_000  # bytes of each stream in which libraries are looked for by name
LINES = 200  # of what was printed to stderr, where there is no traceback
LINES_OF_STDOUT = 30


def by_signal(code: int) -> str:
    """The name of the signal that an exit code of a shell speaks of; empty for others."""
    try:
        return signal.Signals(code - BY_SIGNAL).name if code > BY_SIGNAL else ""
    except ValueError:
        return ""


def is_silent(ended: Ended) -> bool:
    """Whether there is nothing to explain: it went well, or somebody stopped it with Ctrl-C or read no further."""
    return ended.code == 0 or by_signal(ended.code) in STOPPED


def explained_failure(
    command: Sequence[str], ended: Ended, order: Order, plugins: Iterable[Plugin]
) -> tuple[Reading, Surroundings]:
    """Why it failed, and against what that was read. Raises BadInput."""
    plugins = tuple(plugins)
    printed = decoded(ended.stdout[-NAMING:] + ended.stderr[-NAMING:])
    facts, known = surroundings_here(order, plugins, printed), knowledge_of(plugins)
    if ended.refused:
        said = not_started(command, ended.refused, order.project)
        found = read(said.text, facts, known) if said.text else said.otherwise
        return found if found.explained else said.otherwise, facts
    clean = Cleaner(secrets(order))
    readings = (read(text, _fitting(text, facts), known) for text in _texts(ended, clean))
    first: Reading | None = None
    for reading in readings:
        if reading.explained:
            return reading, facts
        first = first or (reading if reading.understood else None)
    return _with_code(first, ended), facts


def _fitting(text: str, facts: Surroundings) -> Surroundings:
    """What is known of the Python that ran it; next to nothing where the paths in a text are those of another one."""
    return Surroundings(os=facts.os, place=facts.place) if comes_from_elsewhere(text, facts.prefix, facts.os) else facts


def _texts(ended: Ended, clean: Cleaner) -> Iterator[str]:
    """What may hold the reason, the likeliest first. Where the system killed it, nothing that was printed before matters more."""
    name = by_signal(ended.code)
    word = "" if not name or name in ON_PURPOSE else signal.strsignal(ended.code - BY_SIGNAL) or name
    if name == "SIGKILL":
        yield word
    stderr, stdout = (clean(decoded(stream), limit=KEPT) for stream in (ended.stderr, ended.stdout))
    for text, most in ((stderr, LINES), (stdout, LINES_OF_STDOUT)):
        end = "\n".join(text.splitlines()[-most:])
        if text is stdout and not OF_ERROR.search(end):
            continue
        yield from filter(str.strip, dict.fromkeys((last_traceback(text), end)))
    if word:
        yield word


def last_traceback(text: str) -> str:
    """From the beginning of the last traceback, or of the chain that it belongs to; empty where there is none."""
    start = text.rfind(TRACEBACK)
    while start > 0 and CHAINED.search(text[max(0, start - 200) : start]):
        before = text.rfind(TRACEBACK, 0, start)
        if before < 0:
            break
        start = before
    return text[start:] if start >= 0 else ""


def _with_code(reading: Reading | None, ended: Ended) -> Reading:
    """The honest answer: what is known of the end, and what was understood."""
    name = by_signal(ended.code)
    how = f"was ended by {name} (exit code {ended.code})" if name else f"ended with exit code {ended.code}"
    if reading:
        return replace(reading, message=f"The command {how}; its error message is not in the knowledge base", more="")
    printed = bool(ended.stderr.strip() or ended.stdout.strip())
    rest = "" if name in ON_PURPOSE else "; nothing that it printed says why" if printed else " and printed nothing"
    return Reading(Kind.UNKNOWN, f"The command {how}{rest}")
