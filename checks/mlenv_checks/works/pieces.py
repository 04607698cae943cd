"""The table of the pieces of work: which libraries each uses, and what is said when it went well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cache

from mlenv_doctor.api import table
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Piece:
    """A small piece of real work.

    name:    of the library that it proves first; findings are about it.
    proves:  the libraries of which one must be wanted for it to be tried. uses: those that must be installed.
    besides: those that are used as well where they are installed.
    used_by: libraries whose use by the project is a reason as well.
    needs:   the pieces whose fault would show here, too.
    covers:  libraries that it proves besides, with what is said of them.
    says:    what was done, with the names of figures and words to fill in.
    seconds: that it takes with its imports (two cores, 2026-11): where time runs short, the quickest have been tried.
    """

    name: str
    says: str
    seconds: float
    proves: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    covers: Mapping[str, str] = field(default_factory=dict)


@cache
def pieces() -> tuple[Piece, ...]:
    """All pieces, in the order of the table."""
    rows = table(__package__, "pieces")
    return tuple(_piece(name, row) for name, row in rows.items())


def _piece(name: str, row: dict[str, object]) -> Piece:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    own = {key: lists.get(key, (name,)) for key in ("proves", "uses")}
    covers = row.get("covers")
    return Piece(
        name,
        str(row["says"]),
        float(str(row["seconds"])),
        covers=covers if isinstance(covers, dict) else {},
        **{**lists, **own},
    )
