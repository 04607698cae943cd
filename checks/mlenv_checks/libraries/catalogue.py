"""The libraries and stages of the roadmap, from the tables in data/."""

from collections.abc import Mapping
from functools import cache

from mlenv_doctor.api import Stage, table
from mlenv_doctor.patient import WantedLibrary


def known_libraries() -> tuple[WantedLibrary, ...]:
    """Every known library; those of the cheat sheet have a stage."""
    return tuple(
        WantedLibrary(
            name,
            required=row.get("required", True),
            imports=tuple(row["imports"]),
            stage=row.get("stage", ""),
            seconds=row.get("seconds", 0.3),
        )
        for name, row in table(__package__, "libraries").items()
    )


@cache
def import_names() -> Mapping[str, str]:
    """By which name each known library is imported."""
    return {library.name: library.imports[0] for library in known_libraries()}


@cache
def right_names() -> Mapping[str, str]:
    """What the known libraries are called by mistake, with their names on the package index."""
    return {wrong: name for name, row in table(__package__, "libraries").items() for wrong in row.get("called", ())}


def stages() -> tuple[Stage, ...]:
    """The stages, in the order of the months."""
    return tuple(Stage(name, t["months"], t["title"], tuple(t["needs"])) for name, t in table("mlenv_checks", "stages").items())
