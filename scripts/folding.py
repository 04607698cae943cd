"""Fold many made-up nodes and print the seconds of CPU time and the megabytes at the peak.

    python3 scripts/folding.py snapshots 1000 SNAPSHOT
    python3 scripts/folding.py answers 10000 SNAPSHOT

SNAPSHOT is one of this machine. Of it 300 variants are made that differ in a driver or in a library.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.fleet.documents import Reader
from mlenv_doctor.fleet.fold import Fold
from mlenv_doctor.fleet.node import to_document

VARIANTS = 300


def variants(snapshot: Path) -> Iterator[bytes]:
    """Snapshots of machines that are not alike: half differ in the driver, half in a library. The first is the commonest."""
    document = json.loads(snapshot.read_bytes())
    for number in range(VARIANTS):
        if number % 2:
            document["facts"]["gpu"] |= {"driver": f"550.{number}"}
        else:
            document["facts"]["libraries"]["distributions"][number % 40]["version"] = f"1.{number}"
        yield (json.dumps(document, indent=1) + "\n").encode()


def main(kind: str, many: int, snapshot: Path) -> None:
    """Print the time and the memory."""
    plugins = find_plugins()
    made = list(variants(snapshot))
    if kind == "answers":
        reader = Reader(lambda: plugins)
        made = [to_document(reader.node(data)).encode() for data in made]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    fold = Fold(Reader(lambda: plugins))
    for number in range(many):
        kind_of_node = number // 2 % VARIANTS if number % 2 else 0
        fold.add(f"node{number:05}", bytes(bytearray(made[kind_of_node])))
    groups = len(fold.fleet().groups)
    spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(spent, peak / 1024, groups, (peak - before) / 1024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
