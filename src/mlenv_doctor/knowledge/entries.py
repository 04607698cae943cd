"""The entries of the knowledge base: words of an error, under which circumstances they mean what, and what cures it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..running.quote import typed
from .reading import Candidate, Cure, Kind
from .surroundings import Surroundings, requirement_of
from .text import one_line

NAMED = re.compile(r"(?<![\w.-])[\w.-]*\{")  # the name of what is installed, or a part of it, comes from the text
CURE = ("install", "remove", "run", "notes", "options")
FLAGS = ("upgrade", "reinstall", "admin")
ASIDE = re.compile(r" \([^(){}]*\{[^()]*\)")  # in parentheses, with a blank: left out where the text does not fill it
BLANK = re.compile(r"\{(\w+)\}")
FIELDS = {
    "cause", "kind", "pattern", "also", "unless", "when", "os", "place", "says", "culprit", "fix", "weak", "or", "source",
    "example", "unlike", "absent", "besides", "topic", "sheet", "values", "packages", "certain",
    *CURE, *FLAGS,
}  # fmt: skip


class BadEntry(ValueError):
    """An entry that is malformed; the text says which and why."""


@dataclass(frozen=True)
class Entry:
    """One meaning of certain words. CONTRIBUTING says what each field is for.

    sheet: the entry of the cheat sheet that cures it on the machine itself, its blanks filled with `values` and the installed
    ones of `packages`. certain: place, system and versions must be known, not only possible. topic: of all that a text says
    about one topic, a check tells the sharpest only. {who} in a sentence is the library in whose files it failed, those of
    `besides` aside.
    """

    cause: str
    pattern: str
    says: str
    cure: Cure | None
    kind: Kind = Kind.ENVIRONMENT
    also: str = ""
    unless: str = ""
    when: tuple[str, ...] = ()
    os: str = ""
    place: str = ""
    culprit: str = ""
    weak: bool = False
    others: tuple[Candidate, ...] = ()
    source: str = ""
    example: str = ""
    unlike: str = ""
    absent: str = ""
    besides: tuple[str, ...] = ()
    certain: bool = False
    topic: str = ""
    sheet: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None]:
        return (
            compiled(self.pattern),
            (self.also and compiled(self.also)) or None,
            (self.unless and compiled(self.unless)) or None,
        )

    def found(self, text: str) -> re.Match[str] | None:
        """Where the words stand, the last time; None where they do not."""
        pattern, also, unless = self._compiled
        found = pattern.search(text)
        if found is None or (also and not also.search(text)) or (unless and unless.search(text)):
            return None
        return found

    def fits(self, facts: Surroundings) -> bool:
        """Whether what is known does not speak against this meaning."""
        met = [facts.meets(asked) for asked in self.when]
        if False in met or (self.certain and None in met):
            return False
        if self.absent and not facts.absent(self.absent):
            return False
        places = ((self.os, facts.os), (self.place, facts.place))
        return all(not asked or asked == known or not (known or self.certain) for asked, known in places)


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of an entry. `.` crosses no line; write `[^~]` for what may."""
    return re.compile(pattern, re.M)


def read_entries(tables: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """The entries of TOML tables, in order. Raises BadEntry."""
    return tuple(_entry(row) for table in tables for row in table.get("error", ()))


def _entry(row: Mapping[str, Any]) -> Entry:
    name = str(row.get("cause") or row.get("pattern"))
    if strange := row.keys() - FIELDS:
        raise BadEntry(f"the error {name} has the unknown field {min(strange)!r}")
    try:
        return Entry(
            cause=row["cause"],
            pattern=row["pattern"],
            says=row["says"],
            cure=_cure(row),
            kind=Kind(row.get("kind", "environment")),
            when=tuple(row.get("when", ())),
            weak=bool(row.get("weak", False)),
            certain=bool(row.get("certain", False)),
            others=tuple(_other(other) for other in row.get("or", ())),
            values=dict(row.get("values", {})),
            packages=tuple(row.get("packages", ())),
            besides=tuple(row.get("besides", ())),
            **{
                key: str(row.get(key, ""))
                for key in ("also", "unless", "os", "place", "culprit", "source", "example", "unlike", "absent", "topic", "sheet")
            },
        )
    except (KeyError, ValueError, TypeError) as why:
        raise BadEntry(f"the error {name} is malformed: {why}") from None


def _cure(row: Mapping[str, Any]) -> Cure | None:
    if "fix" not in row:
        return None
    lists: dict[str, Any] = {key: tuple(row.get(key, ())) for key in CURE}
    flags: dict[str, Any] = {key: bool(row.get(key, False)) for key in FLAGS}
    return Cure(row["fix"], **lists, **flags)


def _other(row: Mapping[str, Any]) -> Candidate:
    return Candidate(row["cause"], row["says"], row.get("likelihood", "possible"), row.get("decides", ""), _cure(row))


class Words(dict[str, str]):
    """What fills the blanks of an entry: the groups of its pattern, `NAME_version` for what is known of a distribution, and
    `NAME_cuda` for a group with CUDA's number of a version (12040 is 12.4)."""

    def __init__(self, found: re.Match[str], facts: Surroundings, who: str = "") -> None:
        super().__init__({name: one_line(said, 160) for name, said in found.groupdict().items() if said})
        self["who"] = who or "A library"
        self._facts = facts

    def __missing__(self, name: str) -> str:
        if name.endswith("_version"):
            return self._facts.version(name.removesuffix("_version").replace("_", "-"))
        if name.endswith("_cuda") and (number := self.get(name.removesuffix("_cuda"), "")).isdecimal():
            return f"{int(number[:9]) // 1000}.{int(number[:9]) % 1000 // 10}"
        return ""


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text of an entry with its blanks filled, without the double blanks that an empty one leaves."""
    told = ASIDE.sub(lambda aside: aside[0] if any(words[name] for name in BLANK.findall(aside[0])) else "", text)
    return " ".join(told.format_map(words).split())


def filled_cure(cure: Cure | None, words: Words, known: Callable[[str], bool]) -> Cure | None:
    """A cure with its blanks filled.

    What a text says is quoted where it becomes a part of a command, and is only installed where it is `known` as a distribution.
    """
    if cure is None:
        return None
    quoted = Quoted(words)
    return Cure(
        filled(cure.says, words),
        install=_packages(cure.install, words, known),
        remove=_packages(cure.remove, words, known),
        run=tuple(filled(command, quoted) for command in cure.run),
        notes=tuple(filled(note, words) for note in cure.notes),
        options=cure.options,
        upgrade=cure.upgrade,
        reinstall=cure.reinstall,
        admin=cure.admin,
    )


class Quoted(dict[str, str]):
    """The same words, each safe as a part of a line for a shell."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, name: str) -> str:
        said = self._words[name]
        return typed((said,)).removeprefix("& ") if said else ""


def _packages(templates: Iterable[str], words: Words, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The requirements of a cure; those whose very name comes from the text only where a table knows it."""
    pairs = ((template, requirement_of(filled(template, words))) for template in templates)
    return tuple(
        filled(template, words) for template, asked in pairs if asked and (not NAMED.match(template) or known(asked.name))
    )
