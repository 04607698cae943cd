"""Fold many nodes into groups of alike ones; the largest is the norm, and of every other group only the difference is told.

The raw text of an answer is hashed first, so one answer of each kind is read. Of a group one node is kept, besides the names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from ..errors import BadInput
from ..foreign.text import line
from ..model import Verdict
from ..records import dataclass
from .documents import Reader, clean
from .names import safe
from .node import NODE, USER, Found, Known, Node

TOLERANCE = 0.05  # measured figures, such as memory, differ a little between two machines of one delivery
MEASURED = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z%/]{1,10})")  # a number with a unit
OF_USER = ("Python",)  # of the figures of the machine
MOST_REMEMBERED = 100_000  # hashes of answers


@dataclass(frozen=True)
class Differs:
    """A figure in which a group differs from the norm; None is what is not there. whose: "node" or "user"."""

    about: str
    name: str
    here: str | None
    norm: str | None
    whose: str


@dataclass(frozen=True)
class Group:
    """Nodes that are alike. new: its findings that the norm has not; gone: those that only the norm has."""

    names: tuple[str, ...]
    node: Node
    norm: bool = False
    differs: tuple[Differs, ...] = ()
    new: tuple[Found, ...] = ()
    gone: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Silent:
    """Nodes that gave no answer, and why."""

    names: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Fleet:
    """All nodes: groups by size, the norm first, and the silent ones."""

    groups: tuple[Group, ...]
    silent: tuple[Silent, ...]

    @property
    def answered(self) -> int:
        return sum(len(group.names) for group in self.groups)

    @property
    def nodes(self) -> int:
        return self.answered + sum(len(silent.names) for silent in self.silent)

    @property
    def odd(self) -> tuple[Group, ...]:
        """The groups that differ from the norm."""
        return tuple(group for group in self.groups if not group.norm)

    @property
    def verdict(self) -> Verdict:
        """READY where all answered, are ready and alike; UNKNOWN where nobody answered, or some verdict is unknown."""
        seen = {group.node.verdict for group in self.groups}
        if not seen:
            return Verdict.UNKNOWN
        if self.silent or self.odd or Verdict.NOT_READY.value in seen:
            return Verdict.NOT_READY
        return Verdict.READY if seen == {Verdict.READY.value} else Verdict.UNKNOWN


Key = tuple[object, ...]


class Fold:
    """Takes answers in any order. What is kept grows with the number of different answers, and with the names."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._seen: dict[bytes, Key] = {}
        self._nodes: dict[Key, tuple[Node, list[str]]] = {}
        self._silent: dict[str, list[str]] = {}
        self._taken: set[str] = set()

    def add(self, name: str, data: bytes) -> None:
        """The answer of a node. One that cannot be read makes it silent."""
        digest = hashlib.sha256(data).digest()
        key = self._seen.get(digest)
        if key is None:
            try:
                key = self._keep(self._reader.node(data))
            except BadInput as why:
                self.silence(name, str(why))
                return
            if len(self._seen) < MOST_REMEMBERED:
                self._seen[digest] = key
        self._nodes[key][1].append(self._name(name))

    def _keep(self, node: Node) -> Key:
        key = key_of(node)
        self._nodes.setdefault(key, (node, []))
        return key

    def silence(self, name: str, why: str) -> None:
        """A node without an answer."""
        self._silent.setdefault(clean(why), []).append(self._name(name))

    def has(self, name: str) -> bool:
        """Whether something is known of this node."""
        return safe(name) in self._taken

    @property
    def any(self) -> bool:
        """Whether something is known of any node."""
        return bool(self._taken)

    def _name(self, name: str) -> str:
        """The name of a node; of a second one with the same name another, so that none is lost."""
        name, number = safe(name), 1
        unique = name
        while unique in self._taken:
            number += 1
            unique = f"{name}~{number}"
        self._taken.add(unique)
        return unique

    def fleet(self) -> Fleet:
        """All that was added, as groups."""
        silent = tuple(Silent(tuple(sorted(names)), why) for why, names in sorted(self._silent.items()))
        merged = alike((node, sorted(names)) for node, names in self._nodes.values() if names)
        if not merged:
            return Fleet((), silent)
        (norm, names), *others = merged
        groups: list[Group] = []
        normal = list(names)
        for node, names in others:
            group = told(node, tuple(names), norm)
            if group.differs or group.new or group.gone or node.verdict != norm.verdict:
                groups.append(group)
            else:  # a report knows less than a snapshot: in what both know they are alike
                normal += names
        return Fleet((Group(tuple(sorted(normal)), norm, norm=True), *groups), silent)


def key_of(node: Node) -> Key:
    """Equal for nodes that are alike: figures, and findings without their words."""
    found = tuple(one.identity for one in node.found)
    return node.verdict, node.whole, tuple(node.machine.items()), tuple(node.libraries.items()), found


def alike(nodes: Iterable[tuple[Node, list[str]]]) -> list[tuple[Node, list[str]]]:
    """Join nodes whose measured figures are equal within the tolerance, and sort them by size."""
    classes: dict[Key, list[tuple[Node, list[str]]]] = {}
    for node, names in sorted(nodes, key=lambda pair: (-len(pair[1]), pair[1])):
        near = classes.setdefault(key_of(without_measures(node)), [])
        home = next((names_there for other, names_there in near if same_measures(node, other)), None)
        if home is None:
            near.append((node, list(names)))
        else:
            home += names
    joined = [(node, sorted(names)) for near in classes.values() for node, names in near]
    return sorted(joined, key=lambda pair: (-len(pair[1]), pair[0].verdict != Verdict.READY.value, pair[1]))


def without_measures(node: Node) -> Node:
    """The node without its measured figures; that it has them stays."""
    return replace(node, machine={name: "#" if measure(value) else value for name, value in node.machine.items()})


def same_measures(a: Node, b: Node) -> bool:
    return all(same(value, b.machine.get(name)) for name, value in a.machine.items())


def measure(value: str | None) -> tuple[float, str] | None:
    """Number and unit of a measured figure; None for all else. A plain number is a count or a version."""
    found = MEASURED.fullmatch(value) if value else None
    return (float(found[1]), found[2]) if found else None


def same(a: str | None, b: str | None) -> bool:
    """Whether two figures are equal, measured ones within the tolerance."""
    one, other = measure(a), measure(b)
    if a == b or one is None or other is None or one[1] != other[1]:
        return a == b
    return abs(one[0] - other[0]) <= TOLERANCE * max(one[0], other[0])


def told(node: Node, names: tuple[str, ...], norm: Node) -> Group:
    """A group, with what differs from the norm."""
    differs = [
        *(Differs("machine", *change, USER if change[0] in OF_USER else NODE) for change in changes(node.machine, norm.machine)),
        *(Differs("library", *change, USER) for change in changes(*known_libraries(node, norm))),
    ]
    mine, theirs = ({one.identity: one for one in side.found} for side in (node, norm))
    new = tuple(one for identity, one in mine.items() if identity not in theirs)
    gone = tuple(one for identity, one in theirs.items() if identity not in mine)
    return Group(names, node, False, tuple(differs), new, gone)


def changes(here: Known, norm: Known) -> list[tuple[str, str | None, str | None]]:
    """What both know and what is not the same; names in order."""
    names = sorted(here.keys() & norm.keys())
    return [(name, here[name], norm[name]) for name in names if not same(here[name], norm[name])]


def known_libraries(node: Node, norm: Node) -> tuple[Known, Known]:
    """The libraries of both, with None for those that a side knows not to be there."""
    names = {*node.libraries, *norm.libraries}
    here, there = (
        {name: one.libraries.get(name) for name in names if name in one.libraries or one.whole} for one in (node, norm)
    )
    return here, there


def words(change: Differs) -> str:
    """A difference in words, such as "driver 550.54 instead of 580.95"."""
    if change.here is None:
        return line(f"{change.name} is missing (elsewhere {change.norm})")
    if change.norm is None:
        return line(f"{change.name} {change.here}, which the others do not have")
    return line(f"{change.name} {change.here} instead of {change.norm}")
