"""What the rules look up: all that plug-ins know of names, versions and libraries of the system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .entries import Entry


@dataclass(frozen=True)
class Change:
    """A name that a library removed, moved, renamed or added in a version. module.name is what programs write.

    how: "removed", "moved", "renamed", "added". instead: what to write since then, or the distribution that brings it now.
    """

    distribution: str
    module: str
    name: str
    how: str
    version: str
    instead: str = ""


@dataclass(frozen=True)
class Pair:
    """Two distributions that do not work together in certain versions, though their metadata allows it."""

    owner: str
    owner_versions: str
    other: str
    other_versions: str
    remedy: str
    instead: str
    reason: str
    cause: str
    source: str


@dataclass(frozen=True)
class Knowledge:
    """Everything that is known, of all plug-ins.

    imports: import names and their distributions. shared: libraries of the system and the packages that bring them.
    standard: the modules of Python's own library.
    """

    entries: tuple[Entry, ...] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    pairs: tuple[Pair, ...] = ()
    standard: frozenset[str] = frozenset()

    def distribution(self, name: str) -> str:
        """The distribution that brings a module; empty where that is not known. It is never guessed."""
        parts = name.split(".")
        return next((d for n in range(len(parts), 0, -1) if (d := self.imports.get(".".join(parts[:n]), ""))), "")

    def change(self, module: str, name: str) -> Change | None:
        """What happened to a name of a module, or to the module itself (then `name` is empty)."""
        fits = (found for found in self.changes if found.name == name and _within(module, found.module))
        return next(fits, None)


def joined(parts: Iterable[Knowledge]) -> Knowledge:
    """What several plug-ins know, the first one's entries first."""
    parts = tuple(parts)
    return Knowledge(
        entries=tuple(entry for part in parts for entry in part.entries),
        imports={name: found for part in reversed(parts) for name, found in part.imports.items()},
        shared={name: found for part in reversed(parts) for name, found in part.shared.items()},
        changes=tuple(change for part in parts for change in part.changes),
        pairs=tuple(pair for part in parts for pair in part.pairs),
        standard=frozenset(name for part in parts for name in part.standard),
    )


def _within(module: str, changed: str) -> bool:
    return module == changed or (module + ".").startswith(changed + ".")
