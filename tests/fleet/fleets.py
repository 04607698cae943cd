"""Small fleets made by chance, with known odd nodes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlenv_doctor.fleet.documents import Reader
from mlenv_doctor.fleet.fold import Fleet, Fold
from mlenv_doctor.fleet.node import Found, Node, to_document

MACHINE = {
    "Python": "3.12.3",
    "system": "linux debian machine",
    "driver": "580.95.05",
    "cards": "8 NVIDIA H100",
    "memory": "2015 GiB",
}
LIBRARIES = {"numpy": "2.4.6", "torch": "2.13.0", "pandas": "3.1.1"}
NORM = Node("ready", dict(MACHINE), dict(LIBRARIES), (), True)
TOO_OLD = Found("torch.driver", "driver-too-old", "torch", "fail", "torch 2.13 needs driver 580 or newer", "node")
FULL = Found("system.disk", "disk-full", "/", "fail", "only 0.1 GB are free on /", "node")
ODD = {
    "old driver": (replace(NORM, verdict="not-ready", machine={**MACHINE, "driver": "550.54"}, found=(TOO_OLD,)), ["driver"]),
    "a card is lost": (replace(NORM, machine={**MACHINE, "cards": "7 NVIDIA H100"}), ["cards"]),
    "half the memory": (replace(NORM, machine={**MACHINE, "memory": "1007 GiB"}), ["memory"]),
    "another numpy": (replace(NORM, libraries={**LIBRARIES, "numpy": "2.1.0"}), ["numpy"]),
    "no pandas": (replace(NORM, libraries={"numpy": "2.4.6", "torch": "2.13.0"}), ["pandas"]),
    "one library more": (replace(NORM, libraries={**LIBRARIES, "left-over": "1"}), ["left-over"]),
    "disk full": (replace(NORM, verdict="not-ready", found=(FULL,)), []),
    "another Python": (replace(NORM, machine={**MACHINE, "Python": "3.10.1"}), ["Python"]),
}


@dataclass
class Made:
    """A fleet, and what is odd about it: names by the kind of oddity, and the silent ones."""

    documents: dict[str, bytes]
    odd: dict[str, list[str]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)


def made(seed: int) -> Made:
    """3 to 60 nodes, of which less than half are odd or silent; every fourth fleet is healthy."""
    chance = random.Random(seed)
    names = [f"{chance.choice(['node', 'gpu-'])}{number:04}" for number in range(chance.randint(3, 60))]
    fleet = Made({name: document(slightly_other(chance)) for name in names})
    if seed % 4:
        for name in chance.sample(names, chance.randint(1, (len(names) - 1) // 2)):
            kind = chance.choice([*ODD, "silent"])
            if kind == "silent":
                fleet.documents[name] = chance.choice([b"", b"{", b'{"kind": "other"}', b"\x1f\x8bno"])
                fleet.silent.append(name)
            else:
                fleet.documents[name] = document(ODD[kind][0])
                fleet.odd.setdefault(kind, []).append(name)
    return fleet


def slightly_other(chance: random.Random) -> Node:
    """The norm, as it is measured on another machine."""
    return replace(NORM, machine={**MACHINE, "memory": f"{chance.choice([2013, 2015, 2016])} GiB"})


def document(node: Node) -> bytes:
    return to_document(node).encode()


def write(fleet: Made, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in fleet.documents.items():
        (folder / f"{name}.json").write_bytes(data)
    return folder


def fold(documents: dict[str, bytes]) -> Fleet:
    folding = Fold(Reader(tuple))
    for name, data in documents.items():
        folding.add(name, data)
    return folding.fleet()
