"""What the built-in families bring, as the doctor finds it: their checks, fixes and the meanings of their causes."""

from __future__ import annotations

from contextlib import suppress

from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.tables import text

PLUGIN = find_plugins()[0]
CAUSES = PLUGIN.causes


def _fixes() -> str:
    """The cheat sheets of all families as one TOML text."""
    texts = []
    for folder in PLUGIN.folders:
        with suppress(OSError):
            texts.append(text(folder, "fixes.toml"))
    return "\n".join(texts)


CHEATSHEET = _fixes()
