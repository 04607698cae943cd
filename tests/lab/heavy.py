"""The prepared environment with all the real libraries of the cheat sheet."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def heavy_venv() -> Path:
    """The prepared environment with all the libraries of the cheat sheet, made once a machine and kept (about 2.6 GB)."""
    return prepared("heavy", Path(__file__).with_name("heavy.txt").read_text())


@cache
def old_mlflow_venv() -> Path:
    """A prepared environment with MLflow 2, made once a machine and kept (about 0.9 GB)."""
    return prepared("mlflow-2", "mlflow==2.22.5\nsqlalchemy<2.1\nflask-wtf\n")


def prepared(name: str, wanted: str) -> Path:
    """An environment with these requirements; what was made for others is made anew."""
    kept = Path(os.environ.get("MLENV_DOCTOR_LAB", Path.home() / ".cache/mlenv-doctor-lab"))
    prefix = kept / name
    if not _made(prefix, wanted):
        import fcntl

        kept.mkdir(parents=True, exist_ok=True)
        with (kept / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _made(prefix, wanted):
                subprocess.run([sys.executable, "-m", "venv", "--clear", prefix], check=True)
                (prefix / "requirements.txt").write_text(wanted)
                install = [prefix / "bin/python", "-m", "pip", "install", "--quiet", "-r", prefix / "requirements.txt"]
                subprocess.run(install, check=True)
                (prefix / "made").write_text(wanted)
    return prefix


def _made(prefix: Path, wanted: str) -> bool:
    return (prefix / "made").is_file() and (prefix / "made").read_text() == wanted
