"""Which Pythons the libraries have wheels for: data/python_versions.toml."""

from __future__ import annotations

from typing import Any

from mlenv_doctor.api import table


def python_versions() -> dict[str, Any]:
    """The table: the oldest and newest supported Python, and until which Python a library has wheels."""
    return table(__package__, "python_versions")


def number(minor: str) -> tuple[int, int]:
    """ "3.11" as (3, 11)."""
    major, _, rest = minor.partition(".")
    return int(major), int(rest)


def without_wheel(name: str, minor: tuple[int, int]) -> bool:
    """Whether a library has no wheel yet for a Python this new."""
    until = python_versions()["until"]
    return name in until and minor > number(until[name])
