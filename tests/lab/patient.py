"""A patient: how to make it, and what the doctor must say about it. Declared in a few lines."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.repairing import cured
from lab.visit import Visit
from lab.ward import Ward

# Warnings that every ward may show: no MLflow server runs there, and the machine that the tests run on is what it is.
BACKGROUND = frozenset({"mlflow-not-running", "disk-low", "memory-low", "shm-too-small", "python-too-old"})


def healthy(ward: Ward) -> object:
    """A venv with all libraries of the cheat sheet, active."""
    return ward.venv()


@dataclass(frozen=True)
class Patient:
    """One patient of the lab.

    make:   makes it, from an empty ward.
    red:    the causes of exactly all failures.
    yellow: the causes of exactly all warnings, besides BACKGROUND; None where they do not matter.
    absent: causes that must not be named at all, not even as background.
    args:   arguments for `mlenv-doctor check`.
    needs:  what the machine must have: "root", "gcc", a command, "heavy", or a Python such as "python3.9".
    slow:   needs real libraries or more than a few seconds: run in CI, not by default.
    also:   a further look at the visit.
    cure:   a cause whose printed fix is then run: afterwards nothing is red.
    """

    id: str
    make: Callable[[Ward], object] = healthy
    red: tuple[str, ...] = ()
    yellow: tuple[str, ...] | None = ()
    absent: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    slow: bool = False
    also: Callable[[Visit], object] | None = None
    cure: str = ""

    def examine(self, root: Path) -> None:
        """Make the patient, look at it, and compare."""
        for need in self.needs:
            require(need)
        ward = Ward(root)
        self.make(ward)
        visit = ward.check(*self.args)
        assert visit.code in (0, 1, 3), visit.stderr + visit.stdout
        assert "Traceback" not in visit.stderr and not visit.broken(), f"\n{visit}"
        assert visit.causes("fail") == set(self.red), f"\n{visit}"
        if self.yellow is not None:
            assert visit.causes("warn") - BACKGROUND == set(self.yellow), f"\n{visit}"
        assert not visit.causes("fail", "warn") & set(self.absent), f"\n{visit}"
        if self.also:
            self.also(visit)
        if self.cure:
            cured(ward, visit, self.cure, *self.args)


def require(need: str) -> None:
    """Skip, saying why, where the machine lacks something."""
    if need == "root":
        if os.name != "posix" or os.geteuid() != 0 or not shutil.which("unshare"):
            pytest.skip("needs root, for a private mount namespace")
    elif need == "heavy":
        require("root")
    elif need.startswith("python"):
        other_python(need.removeprefix("python"))
    elif not shutil.which(need):
        pytest.skip(f"needs the command {need}")


def other_python(minor: str) -> Path:
    """A Python of this minor version, from pyenv or PATH; skips where there is none."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob(f"versions/{minor}.*/bin/python")) or [Path(p) for p in [shutil.which(f"python{minor}")] if p]
    if not found:
        pytest.skip(f"no Python {minor} here")
    return found[-1]
