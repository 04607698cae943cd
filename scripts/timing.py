"""How commands are timed, by the clock or by what they cost, and a promise about what was measured."""

from __future__ import annotations

import json
import resource
import shlex
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One promise: the measured value must not be above (or, with `least`, below) the target."""

    what: str
    measured: float
    target: float
    unit: str = "x"
    least: bool = False

    @property
    def kept(self) -> bool:
        return self.measured >= self.target if self.least else self.measured <= self.target

    def __str__(self) -> str:
        bound = "at least" if self.least else "at most"
        verdict = "kept" if self.kept else "MISSED"
        return f"{self.what:52} {self.measured:8.2f}{self.unit:3} {bound} {self.target:g}{self.unit:4} {verdict}"


def times(commands: Mapping[str, Sequence[str]], runs: int, environ: Mapping[str, str], cwd: Path) -> dict[str, float]:
    """The median wall time of each command in seconds."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        hyperfine = ["hyperfine", "--shell=none", "--ignore-failure", "--warmup=1", f"--runs={runs}", "--export-json", file.name]
        lines = [shlex.join(command) for command in commands.values()]
        subprocess.run([*hyperfine, *lines], env=environ, cwd=cwd, check=True, capture_output=True)
        medians = [result["median"] for result in json.load(file)["results"]]
    return dict(zip(commands, medians))


def costs(commands: Mapping[str, Sequence[str]], runs: int, environ: Mapping[str, str], cwd: Path) -> dict[str, float]:
    """The median CPU time of each command in seconds, with that of all processes that it starts and waits for.

    They run in turns: what else this machine does at the time costs all of them alike.
    """
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            before = _children()
            subprocess.run(command, env=environ, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
            if turn:  # the first one warms up
                spent[name].append(_children() - before)
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


def _children() -> float:
    """The seconds of CPU time that all processes below us have used that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
