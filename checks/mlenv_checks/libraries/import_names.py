"""Which distribution brings an import name, by a table made from package metadata (data/import_names.tsv)."""

from __future__ import annotations

from functools import cache

from mlenv_doctor.api import text


@cache
def import_names() -> dict[str, str]:
    """The table: import names, with dots inside a namespace, and their distributions."""
    lines = text(__package__, "data/import_names.tsv").splitlines()
    pairs = (line.partition("\t")[::2] for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def distribution_of_import(name: str) -> str:
    """The distribution that brings `a.b.c`: that of the longest beginning the table has; empty where it is not known.

    A name that is not in the table is never taken for that of a distribution: a guessed name may be somebody's trap.
    """
    parts = name.split(".")
    beginnings = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((found for beginning in beginnings if (found := import_names().get(beginning))), "")
