"""What helps where a library no longer has a module: data/moved_modules.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from mlenv_doctor.api import rows

from .facts import ImportedModule


def advice(uses: Iterable[ImportedModule]) -> str:
    """What helps against some missing modules: the first three answers; empty where none is known."""
    found = [known for use in uses if (known := _known(use.module))]
    return "; ".join(list(dict.fromkeys(row["advice"] for row in found))[:3])


def _known(module: str) -> Mapping[str, str] | None:
    """The row of the longest beginning that fits."""
    parts = module.split(".")
    beginnings = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((_table()[name] for name in beginnings if name in _table()), None)


@cache
def _table() -> dict[str, Mapping[str, str]]:
    return {row["module"]: row for row in rows(__package__, "moved_modules")}
