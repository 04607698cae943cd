"""The texts of this package: the cheat sheet, and what each cause means."""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def cheatsheet() -> str:
    """All fixes, as one TOML text: a file for each topic."""
    return "\n".join(_text(f"cheatsheet/{name}.toml") for name in ("python", "venv", "libs", "gpu", "mlflow", "llm", "system"))


def causes() -> dict[str, str]:
    """What each cause means, in one line."""
    pairs = (line.partition("\t") for line in _text("data/causes.tsv").splitlines() if line and not line.startswith("#"))
    return {cause: meaning for cause, _, meaning in pairs}


def _text(name: str) -> str:
    """A text of this package, also out of a zip file."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(str(HERE / name))
    return data.decode("utf-8")
