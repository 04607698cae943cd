"""What came back from a probe: lines of JSON that become facts, and chatter that may say why there are none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from .clean import Cleaner
from .facts import Fact, Missing, Python, Why, parse

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
        return Missing(kind.section, Why.ERROR, "gave an answer that makes no sense", clean(str(why)))


def overheard(found: Fact | Missing, chatter: str) -> Fact | Missing:
    """A Python with what it printed on its own account: files that fail at its start are told of nowhere else."""
    return replace(found, startup_noise=chatter[:4000]) if isinstance(found, Python) else found


def read_answers(answer: Path, clean: Cleaner) -> dict[str, Answer]:
    """The lines that a probe wrote, cleaned, by section; one that was cut off is dropped, and so is whatever is no answer."""
    found: dict[str, Answer] = {}
    with suppress(OSError):
        for line in answer.read_bytes().splitlines():
            with suppress(ValueError, RecursionError):
                said = clean.data(json.loads(line))
                if isinstance(said, dict) and isinstance(said.get("section"), str):
                    found[said["section"]] = said
    return found


def signal_name(number: int) -> str:
    """Such as SIGSEGV; the number where the system has no name for it."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def tail(log: Path, size: int = 20_000) -> str:
    """The end of what a process printed; from its first full line, so that no secret is cut in two unseen."""
    try:
        with log.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - size)
            file.seek(start)
            text = file.read().decode("utf-8", "backslashreplace")
    except OSError:
        return ""
    return text if start == 0 else text.partition("\n")[2]
