"""The texts of this package: the cheat sheet, and what each cause means."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent


def cheatsheet() -> str:
    """All fixes, as one TOML text: a file for each topic."""
    return "\n".join(
        text(f"cheatsheet/{name}.toml")
        for name in (
            "python",
            "venv",
            "libs",
            "names",
            "imports",
            "jupyter",
            "network",
            "gpu",
            "errors",
            "mlflow",
            "llm",
            "system",
        )
    )


def causes() -> dict[str, str]:
    """What each cause means, in one line."""
    pairs = (line.partition("\t") for line in text("data/causes.tsv").splitlines() if line and not line.startswith("#"))
    return {cause: meaning for cause, _, meaning in pairs}


@cache
def python_versions() -> dict[str, Any]:
    """Which Pythons the libraries have wheels for, by data/python_versions.toml."""
    return table("python_versions")


def number(minor: str) -> tuple[int, int]:
    """ "3.11" as (3, 11)."""
    major, _, rest = minor.partition(".")
    return int(major), int(rest)


def without_wheel(name: str, minor: tuple[int, int]) -> bool:
    """Whether a library has no wheel yet for a Python this new."""
    until = python_versions()["until"]
    return name in until and minor > number(until[name])


@cache
def stdlib_names() -> Mapping[str, bool]:
    """The modules of Python's own library that ML libraries import and that a file of a project can hide.

    With whether that breaks an import already, or only what is called later.
    """
    lines = (line for line in text("data/stdlib_modules.txt").splitlines() if not line.startswith("#"))
    return {name.rstrip("?"): not name.endswith("?") for line in lines for name in line.split()}


def table(name: str) -> dict[str, Any]:
    """A TOML table of data/."""
    return tomllib.loads(text(f"data/{name}.toml"))


def text(name: str) -> str:
    """A text of this package, also out of a zip file."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(str(HERE / name))
    return data.decode("utf-8")
