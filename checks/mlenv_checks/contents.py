"""The texts of this package: the cheat sheet, and what each cause means."""

from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def cheatsheet() -> str:
    """All fixes, as one TOML text: a file for each topic."""
    return "\n".join(text(f"cheatsheet/{name}.toml") for name in ("python", "venv", "libs", "gpu", "mlflow", "llm", "system"))


def causes() -> dict[str, str]:
    """What each cause means, in one line."""
    pairs = (line.partition("\t") for line in text("data/causes.tsv").splitlines() if line and not line.startswith("#"))
    return {cause: meaning for cause, _, meaning in pairs}


@cache
def stdlib_names() -> frozenset[str]:
    """The modules of Python's own library that ML libraries import and that a file of a project can hide."""
    lines = (line for line in text("data/stdlib_modules.txt").splitlines() if not line.startswith("#"))
    return frozenset(name for line in lines for name in line.split())


def text(name: str) -> str:
    """A text of this package, also out of a zip file."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(str(HERE / name))
    return data.decode("utf-8")
