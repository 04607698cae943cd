"""The measurements of `fleet`: folding made-up nodes, and one sweep over 200 nodes behind a stand-in for ssh."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from timing import Row

NODES = 200
SLOWEST = 5.0  # seconds that each node takes to answer
SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
sleep {seconds}
exec cat '{answers}/'"$2"
"""


def measure(folder: Path) -> list[Row]:
    """Of each promise the worst that was seen in one run."""
    snapshot = folder / "snapshot.json"
    snapshot.write_bytes(subprocess.run([*doctor(), "snapshot", "--quick"], cwd=folder, capture_output=True, check=True).stdout)
    few, many = folding("answers", 1_000, snapshot), folding("answers", 10_000, snapshot)
    judged = folding("snapshots", 1_000, snapshot)
    return [
        Row("folding 1,000 answers of 300 kinds", few[0], 0.5, " s"),
        Row("folding 10,000 answers of 300 kinds", many[0], 3, " s"),
        Row("folding 10,000 answers, peak resident", many[1], 200, " MB"),
        Row("judging 300 kinds of snapshots, each", judged[0] / 300 * 1000, 25, " ms"),
        Row(f"asking {NODES} nodes, beyond the slowest", sweep(folder) - SLOWEST, 1, " s"),
    ]


def doctor() -> list[str]:
    return [sys.executable, "-I", "-m", "mlenv_doctor"]


def folding(kind: str, many: int, snapshot: Path) -> tuple[float, float]:
    """Seconds of CPU time and megabytes, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("folding.py")), kind, str(many), str(snapshot)]
    seconds, peak, *_ = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    return float(seconds), float(peak)


def sweep(folder: Path) -> float:
    """Seconds of one sweep. ClusterShell and everything else is real; only ssh is a program that waits and answers."""
    from mlenv_doctor.fleet.lines import written
    from mlenv_doctor.fleet.node import Node, to_document

    text = to_document(Node("ready", {"Python": "3.12.3"}, {f"library-{n}": "1.0" for n in range(200)}, (), True))
    for number in range(NODES):
        (folder / f"n{number}").write_text("\n".join(written(f"n{number}", text)) + "\n")
    ssh = folder / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text(SSH.format(seconds=SLOWEST, answers=folder))
    ssh.chmod(0o755)
    environ = {**os.environ, "PATH": f"{ssh.parent}{os.pathsep}{os.environ['PATH']}"}
    started = time.monotonic()
    done = subprocess.run(
        [*doctor(), "fleet", "ssh", f"n[0-{NODES - 1}]"], env=environ, capture_output=True, text=True, check=True
    )
    assert f"{NODES} nodes: all alike, ready" in done.stdout, done.stdout
    return time.monotonic() - started
