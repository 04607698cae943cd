"""Drift of a fleet: what changed on which nodes since a saved `fleet --format json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from ..errors import BadInput
from ..records import dataclass
from .fold import Fleet, Group, told
from .names import safe, unfolded
from .node import Found, Known, Node, made

KIND, SCHEMA = "mlenv-doctor fleet", "1.0"
HOW = "make one with `mlenv-doctor fleet … --format json > fleet.json`"


@dataclass(frozen=True)
class Before:
    """A saved fleet: what each node was, and which were silent."""

    nodes: Mapping[str, Node]
    silent: frozenset[str]


@dataclass(frozen=True)
class Drift:
    """changed: groups of nodes that changed alike; the `norm` of their differences is what was before. The rest are names."""

    changed: tuple[Group, ...]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    fell_silent: tuple[str, ...] = ()
    back: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.changed or self.new or self.gone or self.fell_silent or self.back)


def drift(before: Before, now: Fleet) -> Drift:
    """Compare node by node; those that changed from the same to the same are told together."""
    moves: dict[tuple[int, int], tuple[Node, Node, list[str]]] = {}
    answered: set[str] = set()
    for group in now.groups:
        answered |= set(group.names)
        for name in group.names:
            old = before.nodes.get(name)
            if old is not None:
                moves.setdefault((id(old), id(group.node)), (old, group.node, []))[2].append(name)
    compared = (told(node, tuple(names), old) for old, node, names in moves.values())
    changed = [group for group in compared if group.differs or group.new or group.gone]
    silent = {name for group in now.silent for name in group.names}
    known = before.nodes.keys() | before.silent
    return Drift(
        tuple(sorted(changed, key=lambda group: (-len(group.names), group.names))),
        new=tuple(sorted((answered | silent) - known)),
        gone=tuple(sorted(known - answered - silent)),
        fell_silent=tuple(sorted(silent & before.nodes.keys())),
        back=tuple(sorted(answered & before.silent)),
    )


def before(document: Any, asked: str) -> Before:
    """Read a saved fleet; `asked` begins the sentence about what is none. Raises BadInput."""
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise BadInput(f"{asked}: this is not an mlenv-doctor fleet report; {HOW}")
    if str(document.get("schema_version")).partition(".")[0] != SCHEMA.partition(".")[0]:
        raise BadInput(f"{asked}: its schema is {document.get('schema_version')!r:.40}, this version reads {SCHEMA}")
    try:
        silent = chain.from_iterable(unfolded(group["nodes"]) for group in document["silent"])
        return Before(dict(_nodes(document["groups"])), frozenset(map(safe, silent)))
    except (KeyError, TypeError, AttributeError, ValueError) as why:
        raise BadInput(f"{asked}: this fleet is damaged ({type(why).__name__}: {why!s:.80})") from None


def _nodes(groups: list[Any]) -> Iterator[tuple[str, Node]]:
    """Every node by its name. A group other than the norm tells only in which libraries it differs."""
    norm: Known = {}
    for data in groups:
        if data["norm"]:
            norm = dict(data["headline"]["libraries"])
        found = [Found(*(str(one[name] or "") for name in Found.__annotations__)) for one in data["causes"]]
        other = {each["name"]: each["here"] for each in data["differs"] if each["about"] == "library"}
        libraries = {name: value for name, value in {**norm, **other}.items() if value is not None}
        node = made(str(data["verdict"]), dict(data["headline"]["machine"]), libraries, found, bool(data["whole"]))
        yield from ((safe(name), node) for name in unfolded(data["nodes"]))
