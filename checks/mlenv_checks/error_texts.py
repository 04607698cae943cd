"""What the built-in families know of error texts: their entries, and the tables that general rules look up."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from mlenv_doctor.api import Fact, Fix, Missing, contents, fix, table

from .libraries.api_changes import api_changes
from .libraries.import_names import import_names

if TYPE_CHECKING:  # the reader and its patterns are loaded when there is an error to read
    from mlenv_doctor.api import Cure, Knowledge, Pair, Reading

PACKAGE = __package__
FAMILIES = ("venv", "libraries", "system", "gpu", "network", "llm", "symptom")  # the first entry that fits wins


@cache
def knowledge() -> Knowledge:
    """All of it, read once when an error is to be explained."""
    from mlenv_doctor.api import Knowledge, read_entries

    shared = table(f"{PACKAGE}.imports", "shared_libraries")
    return Knowledge(
        entries=read_entries(contents(f"{PACKAGE}.{family}", "errors.toml") for family in FAMILIES),
        imports=import_names(),
        shared={name: {key: tuple(packages) for key, packages in row.items()} for name, row in shared.items()},
        changes=api_changes(),
        pairs=pairs(),
        standard=frozenset(sys.stdlib_module_names),
    )


def pairs() -> tuple[Pair, ...]:
    """data/incompatible_pairs.toml: what does not work together though its metadata allows it."""
    from mlenv_doctor.api import Pair

    return tuple(
        Pair(
            row["owner"], row["owner_versions"], row["other"], row["other_versions"], row["remedy"], row.get("instead", ""),
            row["reason"], row.get("cause", ""), row["source"],
        )
        for row in table(f"{PACKAGE}.libraries", "incompatible_pairs")["pair"]
    )  # fmt: skip


def reading_of(said: str, facts: Mapping[type[Fact], Fact | Missing]) -> Reading:
    """What a text means on the machine of these facts."""
    from mlenv_doctor.api import read_error, surroundings

    return read_error(said, surroundings(facts), knowledge())


def remedy(cure: Cure | None) -> Fix | None:
    """A cure of the reader as an entry of the cheat sheet."""
    if cure is None:
        return None
    notes = " ".join((*(f"{command}" for command in cure.run), *cure.notes)) or "Then run the program again."
    if cure.remove and cure.install:
        return fix("errors.replace", title=cure.says, remove=cure.remove, packages=cure.install, note=notes)
    if cure.install and not cure.run:
        way = "errors.upgrade" if cure.upgrade else "errors.reinstall" if cure.reinstall else "errors.install"
        return fix(way, title=cure.says, packages=cure.install, options=cure.options, note=notes)
    return fix("errors.advice", title=cure.says, note=notes)


def said_in_full(reading: Reading) -> str:
    """The message of a reading with the other things that it can mean."""
    others = "; ".join(candidate.message for candidate in reading.candidates[:2])
    return f"{reading.message}. It can also mean: {others}" if others else reading.message
