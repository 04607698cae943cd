"""Read the cheat sheet and make its entries out for one patient."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..model import Command, Fix, Prescription, plan_key
from ..records import dataclass
from ..running.quote import quoted
from .filling import Unfit, Values, expand, note, title

Patient = Mapping[str, str]
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
    """One fix of the sheet, with all its ways; the first that fits wins. otherwise: the fix to try where it does not cure."""

    id: str
    title: str
    risk: str
    who: str
    topic: str
    ways: tuple[Way, ...]
    otherwise: str = ""


class CheatSheet:
    """All known fixes."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the TOML texts. Raises Unfit where an entry is malformed or stands there twice."""
        self.folders: tuple[str, ...] = ()  # packages whose data/proven.tsv says which fixes were seen to cure which causes
        self.entries: dict[str, Entry] = {}
        self._tables: dict[str, Mapping[str, Any]] = {}  # compiled: an entry is made of one when it is asked for
        for text in texts:
            self.add(text)

    def add(self, fixes: str | Mapping[str, Any]) -> None:
        """Read one more sheet, all of it or nothing: a TOML text, or what was compiled of one. Raises Unfit."""
        new = fixes if isinstance(fixes, Mapping) else {id: _entry(id, table) for id, table in _toml(fixes).items()}
        if twice := new.keys() & (self.entries.keys() | self._tables.keys()):
            raise Unfit(f"the fix {min(twice)} is on the sheet twice")
        if isinstance(fixes, Mapping):
            self._tables |= fixes
        else:
            self.entries |= new

    def entry(self, id: str) -> Entry:
        """One entry. Raises Unfit where it is not on the sheet."""
        if id in self._tables:
            self.entries[id] = _entry(id, self._tables.pop(id))
        if id not in self.entries:
            raise Unfit(f"there is no fix {id} on the sheet")
        return self.entries[id]

    def prescribe(self, fix: Fix, patient: Patient, verify: str) -> Prescription:
        """Make a fix out for one patient. Raises Unfit."""
        entry = self.entry(fix.id)
        way = next((way for way in entry.ways if way.fits(patient)), None)
        if way is None:
            raise Unfit(f"no way of {fix.id} fits this machine")
        values: Values = {**patient, **fix.values}
        commands = tuple(_command(fix.id, command, values, patient) for command in _with_pip(way.commands, patient))
        shell = patient.get("reader", patient.get("shell", "sh"))
        notes = (note(fix.id, text, values, shell) for text in way.notes)
        return Prescription(
            fix.id, title(fix.id, entry.title, values), entry.risk, entry.who, commands, tuple(filter(None, notes)), verify
        )


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
        entry = Entry(id, table["title"], table["risk"], table["who"], table["topic"], ways, table.get("otherwise", ""))
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
        raise TypeError(f"{value!r:.60} is not a list of words")
    return tuple(value)


def _command(id: str, words: tuple[str, ...], values: Values, patient: Patient) -> Command:
    """One command with its blanks filled, quoted for the patient's shell."""
    if words[0] in INSTALLERS:
        words = (*INSTALLERS[words[0]].get(patient.get("manager", "pip"), INSTALLERS[words[0]]["pip"]), *words[1:])
    argv = tuple(word for template in words for word in expand(id, template, values))
    shell = patient.get("shell", "sh")
    return Command(argv, quoted(argv, shell, patient.get("reader", shell)))
