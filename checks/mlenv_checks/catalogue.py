"""The libraries and stages of the roadmap, from the tables in data/."""

from mlenv_doctor import Stage
from mlenv_doctor.facts import WantedLibrary

from .contents import table


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
        for name, row in table("libraries").items()
    )


def stages() -> tuple[Stage, ...]:
    """The stages, in the order of the months."""
    return tuple(Stage(name, t["months"], t["title"], tuple(t["needs"])) for name, t in table("stages").items())
