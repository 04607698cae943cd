"""How commands are timed, and a promise about what was measured."""

from __future__ import annotations

import json
import shlex
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
