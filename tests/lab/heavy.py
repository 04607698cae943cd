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
    requirements = Path(__file__).with_name("heavy.txt")
    kept = Path(os.environ.get("MLENV_DOCTOR_LAB", Path.home() / ".cache/mlenv-doctor-lab"))
    prefix = kept / "heavy"
    wanted = requirements.read_text()
    if not (prefix / "made").is_file() or (prefix / "made").read_text() != wanted:
        import fcntl

        kept.mkdir(parents=True, exist_ok=True)
        with (kept / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (prefix / "made").is_file() or (prefix / "made").read_text() != wanted:
                subprocess.run([sys.executable, "-m", "venv", "--clear", prefix], check=True)
                subprocess.run([prefix / "bin/python", "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
                (prefix / "made").write_text(wanted)
    return prefix
