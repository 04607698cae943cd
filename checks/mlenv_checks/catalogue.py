"""The libraries and stages of the roadmap, from the tables in data/."""

import sys
from typing import Any

from mlenv_doctor import Stage
from mlenv_doctor.facts import WantedLibrary

from .contents import text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def known_libraries() -> tuple[WantedLibrary, ...]:
    """Every known library; those of the cheat sheet have a stage."""
    return tuple(
        WantedLibrary(
            name,
            required=table.get("required", True),
            imports=tuple(table["imports"]),
            stage=table.get("stage", ""),
            seconds=table.get("seconds", 0.3),
        )
        for name, table in _table("libraries").items()
    )


def stages() -> tuple[Stage, ...]:
    """The stages, in the order of the months."""
    return tuple(Stage(name, t["months"], t["title"], tuple(t["needs"])) for name, t in _table("stages").items())


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(text(f"data/{name}.toml"))
