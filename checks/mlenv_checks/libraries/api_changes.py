"""Names that libraries removed, moved or added, with the release: data/api_changes.tsv."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mlenv_doctor.api import text

from .dependencies import satisfies

if TYPE_CHECKING:
    from mlenv_doctor.api import Change


@cache
def api_changes() -> tuple[Change, ...]:
    """The table."""
    from mlenv_doctor.api import Change

    lines = text(__package__, "data/api_changes.tsv").splitlines()
    return tuple(Change(*line.split("\t")) for line in lines if line and not line.startswith("#"))


def change_of(distribution: str, version: str, module: str, name: str) -> Change | None:
    """Why a release does not have a name of a module, or the module itself (then `name` is empty); None where no row tells it."""
    fits = (
        row
        for row in api_changes()
        if row.distribution == distribution and row.name == name and _is_meant(row, module) and _is_gone(row, version)
    )
    return max(fits, key=lambda row: len(row.module), default=None)


def _is_meant(row: Change, module: str) -> bool:
    return row.module == module or (not row.name and module.startswith(row.module + "."))


def _is_gone(row: Change, version: str) -> bool:
    """Whether a release comes after the one that removed it, or before the one that brought it."""
    return satisfies(version, f"<{row.version}" if row.how == "added" else f">={row.version}")
