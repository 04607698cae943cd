"""Run the scripts of the checkout, and load their modules."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def load(name: str) -> ModuleType:
    """A module of scripts/. The folder stays last on the path: two of its files are called as modules of Python are."""
    if str(SCRIPTS) not in sys.path:
        sys.path.append(str(SCRIPTS))
    return import_module(name)


def run(
    *argv: str | Path, env: Mapping[str, str] | None = None, cwd: str | Path = "/", timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; `env` is the whole environment, if given."""
    command = [str(word) for word in argv]
    environ = dict(os.environ if env is None else env)
    return subprocess.run(
        command, env=environ, cwd=cwd, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=timeout
    )
