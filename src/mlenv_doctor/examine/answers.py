"""What came back from a probe: lines of JSON that become facts, and chatter that may say why there are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..facts import Fact, Missing, Why, parse
from ..foreign.clean import Cleaner
from ..patient import Python

Answer = Mapping[str, Any]


def fact(kind: type[Fact], answers: Mapping[str, Answer], silence: tuple[str, str, str], clean: Cleaner) -> Fact | Missing:
    """The fact of one section, or why there is none; `silence` is the reason for a section without an answer."""
    said = answers.get(kind.section) or answers.get("*")
    if said is None:
        return Missing(kind.section, *silence)
    if "facts" not in said:
        detail = clean(str(said.get("detail", "")))
        return Missing(kind.section, str(said.get("kind", Why.ERROR)), str(said.get("reason", "")), detail)
    try:
        return parse(kind, said["facts"])
    except (TypeError, ValueError, KeyError, OverflowError) as why:
        return Missing(kind.section, Why.ERROR, "gave an invalid answer", clean(str(why)))


def overheard(found: Fact | Missing, chatter: str) -> Fact | Missing:
    """A Python with what it printed on its own account: files that fail at its start are told of nowhere else."""
    return replace(found, startup_noise=chatter[:4000]) if isinstance(found, Python) else found


def read_answers(answer: bytes, clean: Cleaner, tokens: Mapping[str, str]) -> dict[str, Answer]:
    """The lines that a probe wrote, cleaned, by section; one that was cut off is dropped, and so is whatever is no answer.

    tokens: the word by which each section's answer is known. What the examined code writes in between has none.
    """
    found: dict[str, Answer] = {}
    for line in answer.splitlines():
        with suppress(ValueError, RecursionError):
            said = json.loads(line)
            if isinstance(said, dict) and _is_own(said, tokens):
                cleaned = clean.data({key: value for key, value in said.items() if key != "token"})
                found[said["section"]] = cleaned  # type: ignore[assignment]  # what was an object still is
    return found


def _is_own(said: Mapping[str, Any], tokens: Mapping[str, str]) -> bool:
    """Whether an answer is that of the section itself; a Python that is too old to be asked knows no token."""
    section = said.get("section")
    if section == "*":
        return said.get("kind") == Why.TOO_OLD and "facts" not in said
    return isinstance(section, str) and section in tokens and said.get("token") == tokens[section]


def signal_name(number: int) -> str:
    """Such as SIGSEGV; the number where the system has no name for it."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def tail(log: bytes, size: int = 20_000) -> str:
    """The end of what a process printed; from its first full line, so that no secret is cut in two unseen."""
    text = log[-size:].decode("utf-8", "backslashreplace").lstrip("\0")
    return text if len(log) < size else text.partition("\n")[2]
