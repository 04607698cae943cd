"""Read the cheat sheet and make its entries out for one patient."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..model import Command, Fix, Prescription, plan_key
from .quote import quote

Patient = Mapping[str, str]
Values = Mapping[str, "str | tuple[str, ...]"]
RISKS = ("nothing", "adds packages", "replaces packages", "edits a file", "changes the system")
WHO = ("you", "admin", "provider")
TOPICS = ("python", "venv", "libs", "gpu", "mlflow", "llm", "system")

# How each manager is called, always with the interpreter or environment that is meant. A bare `pip` may belong to
# another Python than the one examined: that is the commonest fault of all.
INSTALLERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "@install": {
        "pip": ("{python}", "-m", "pip", "install"),
        "uv": ("uv", "pip", "install", "--python", "{python}"),
        "conda": ("{python}", "-m", "pip", "install"),
    },
    "@reinstall": {
        "pip": ("{python}", "-m", "pip", "install", "--force-reinstall"),
        "uv": ("uv", "pip", "install", "--python", "{python}", "--reinstall"),
        "conda": ("{python}", "-m", "pip", "install", "--force-reinstall"),
    },
    "@uninstall": {
        "pip": ("{python}", "-m", "pip", "uninstall", "--yes"),
        "uv": ("uv", "pip", "uninstall", "--python", "{python}"),
        "conda": ("{python}", "-m", "pip", "uninstall", "--yes"),
    },
}
BRING_PIP = ("{python}", "-m", "ensurepip", "--upgrade")


class Unfit(LookupError):
    """The sheet cannot serve: an entry is malformed or unknown, no way fits, or a blank has no value."""


@dataclass(frozen=True)
class Way:
    """One way to do it: under which circumstances, the commands as argument lists, and notes."""

    when: Mapping[str, tuple[str, ...]]
    commands: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]

    def fits(self, patient: Patient) -> bool:
        """Whether every circumstance is given."""
        return all(patient.get(key) in values for key, values in self.when.items())


@dataclass(frozen=True)
class Entry:
    """One fix of the sheet, with all its ways; the first that fits wins."""

    id: str
    title: str
    risk: str
    who: str
    topic: str
    ways: tuple[Way, ...]


class CheatSheet:
    """All known fixes."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the TOML texts. Raises Unfit where an entry is malformed or stands there twice."""
        self.entries: dict[str, Entry] = {}
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Read one more TOML text, all of it or nothing. Raises Unfit."""
        new = {id: _entry(id, table) for id, table in _toml(text).items()}
        if twice := new.keys() & self.entries.keys():
            raise Unfit(f"the fix {min(twice)} is on the sheet twice")
        self.entries |= new

    def prescribe(self, fix: Fix, patient: Patient, verify: str) -> Prescription:
        """Make a fix out for one patient. Raises Unfit."""
        if fix.id not in self.entries:
            raise Unfit(f"there is no fix {fix.id} on the sheet")
        entry = self.entries[fix.id]
        way = next((way for way in entry.ways if way.fits(patient)), None)
        if way is None:
            raise Unfit(f"no way of {fix.id} fits this machine")
        values: Values = {**patient, **fix.values}
        commands = tuple(_command(fix.id, command, values, patient) for command in _with_pip(way.commands, patient))
        notes = tuple(_fill(fix.id, note, values) for note in way.notes)
        return Prescription(fix.id, _fill(fix.id, entry.title, values), entry.risk, entry.who, commands, notes, verify)


def _with_pip(commands: tuple[tuple[str, ...], ...], patient: Patient) -> tuple[tuple[str, ...], ...]:
    """The commands of a way; where something is to be installed and nothing is there to do it, pip comes first."""
    lacking = patient.get("manager") == "none" and any(words[0] in INSTALLERS for words in commands)
    return (BRING_PIP, *commands) if lacking else commands


def united(fixes: Iterable[Fix]) -> dict[str, Fix]:
    """The fixes by their `plan_key`, those joined that differ only in a list of words: several packages, one command."""
    found: dict[str, Fix] = {}
    for fix in fixes:
        known = found.setdefault(plan_key(fix), fix)
        lists = {
            name: (*_words(known.values.get(name)), *value) for name, value in fix.values.items() if isinstance(value, tuple)
        }
        found[plan_key(fix)] = replace(known, values={**known.values, **{n: tuple(dict.fromkeys(w)) for n, w in lists.items()}})
    return found


def _words(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise Unfit(f"the sheet is not valid TOML: {why}") from None


def _entry(id: str, table: Mapping[str, Any]) -> Entry:
    """Understand one entry. Raises Unfit."""
    try:
        ways = tuple(_way(way) for way in table["ways"])
        entry = Entry(id, table["title"], table["risk"], table["who"], table["topic"], ways)
    except (KeyError, TypeError, AttributeError) as why:
        raise Unfit(f"the fix {id} is malformed: {why}") from None
    if entry.risk not in RISKS or entry.who not in WHO or entry.topic not in TOPICS or not ways:
        raise Unfit(f"the fix {id} is malformed: risk, who, topic or ways")
    return entry


def _way(table: Mapping[str, Any]) -> Way:
    when = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in table.get("when", {}).items()}
    commands = tuple(_words_of(command) for command in table.get("commands", ()))
    if not all(commands) or any(words[0].startswith("@") and words[0] not in INSTALLERS for words in commands):
        raise TypeError("a command begins with a program, or with one of " + ", ".join(INSTALLERS))
    return Way(when, commands, _words_of(table.get("notes", ())))


def _words_of(value: object) -> tuple[str, ...]:
    """A list of words. Raises TypeError for anything else, above all for a text: that would become a list of letters."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{value!r:.60} is no list of words")
    return tuple(value)


def _command(id: str, words: tuple[str, ...], values: Values, patient: Patient) -> Command:
    """One command with its blanks filled, quoted for the patient's shell."""
    if words[0] in INSTALLERS:
        words = (*INSTALLERS[words[0]].get(patient.get("manager", "pip"), INSTALLERS[words[0]]["pip"]), *words[1:])
    argv = tuple(word for template in words for word in _expand(id, template, values))
    return Command(argv, quote(argv, patient.get("shell", "sh")))


def _expand(id: str, word: str, values: Values) -> tuple[str, ...]:
    """A word with its blanks filled; `{*name}` becomes several words."""
    if word.startswith("{*") and word.endswith("}"):
        value = values.get(word[2:-1])
        if not isinstance(value, tuple):
            raise Unfit(f"the fix {id} needs a list for {word}")
        return value
    return (_fill(id, word, values),)


def _fill(id: str, text: str, values: Values) -> str:
    """A text with its blanks filled; a list is written with blanks between."""
    try:
        return text.format_map({name: value if isinstance(value, str) else " ".join(value) for name, value in values.items()})
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as why:
        raise Unfit(f"the fix {id} has a blank without a value: {why}") from None
