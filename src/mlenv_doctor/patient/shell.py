"""The user's shell as it was before a launcher put the environment that it made for the doctor into it."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from .target import is_short_lived, is_tool_environment


def restore(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take off what `uvx` and `uv run --with` put before the user's own: a folder on PATH, and VIRTUAL_ENV.

    Otherwise the `python` that is on PATH would be the doctor's own, in every environment, however healthy.
    """
    folders = environ.get("PATH", "").split(os.pathsep)
    kept = [folder for folder in folders if not (os.path.isabs(folder) and _is_launchers(Path(folder).parent))]
    if kept != folders:
        environ["PATH"] = os.pathsep.join(kept)
    active = environ.get("VIRTUAL_ENV")
    if active and is_short_lived(Path(active)):
        del environ["VIRTUAL_ENV"]


def _is_launchers(prefix: Path) -> bool:
    """Whether an environment was made for starting the doctor; somebody else's tool may well be on PATH on purpose."""
    own = os.path.realpath(prefix) == os.path.realpath(sys.prefix)
    return is_short_lived(prefix) or (own and is_tool_environment(prefix))
