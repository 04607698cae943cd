"""What an error calls missing though this machine has it: it is of another Python, another machine or an earlier moment."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..surroundings import within
from .common import Case
from .native import wanted_header, wanted_tool
from .shared import missing_library
from .standard_library import OF_PACKAGES

TOO_OLD = re.compile(
    r"unsupported version of sqlite3|requires sqlite3? ?>= ?3\.\d|SQLite 3\.[\d.]+ or later is required|requires SQLite"
)
SQLITE = re.compile(r"(?:sqlite3?|SQLite)[^\n]{0,40}?(?P<wanted>3\.\d{1,3}(?:\.\d{1,3})?)")
CHROMA = "3.35.0"  # what asks for a newer one most often
NO_MODULE = re.compile(r"No module named '?(?P<name>\w{1,60})'?")


def here(case: Case) -> str:
    """What of this machine speaks against the error, as a sentence; empty where nothing does."""
    return next((said for ask in ASKED if (said := ask(case))), "")


def _header(case: Case) -> str:
    native, _, folder = wanted_header(case)
    there = native and native.has_headers and folder == native.headers
    return f"Python.h of this Python is installed ({folder}): the build was for another Python." if there else ""


def _tool(case: Case) -> str:
    tool, file = wanted_tool(case)
    return f"{tool} is installed on this machine ({file}): the build ran elsewhere, or with another PATH." if file else ""


def _library(case: Case) -> str:
    name, _ = missing_library(case.trace.text)
    found = case.facts.shared.find(name) if case.facts.shared else None
    if not found or not found.file:
        return ""
    return f"{name} is installed on this machine ({found.file}): the program ran elsewhere, or with another LD_LIBRARY_PATH."


def _module(case: Case) -> str:
    last = case.trace.last
    found, native = NO_MODULE.search(last.message) if last else None, case.facts.native
    name = OF_PACKAGES.get(found["name"], found["name"]) if found else ""
    if not native or name not in OF_PACKAGES.values() or name in native.lacking:
        return ""
    return f"Python {case.facts.python} ({case.facts.executable}) has {name}: the program ran with another Python."


def _sqlite(case: Case) -> str:
    native, text = case.facts.native, case.trace.text
    if not native or not native.sqlite or not TOO_OLD.search(text):
        return ""
    asked = max((found["wanted"] for found in SQLITE.finditer(text)), key=_numbers, default=CHROMA)
    if not within(native.sqlite, f">={asked}"):
        return ""
    return f"This Python is linked to SQLite {native.sqlite}, which is new enough: the program ran with another Python."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


ASKED: tuple[Callable[[Case], str], ...] = (_header, _tool, _library, _module, _sqlite)
