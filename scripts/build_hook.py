"""What hatchling calls before it builds a wheel, also an editable one: compile the tables, the fixes and the lists of checks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.append(str(Path(__file__).parent))
from compiled import write


class Compiling(BuildHookInterface[Any]):
    """Writes the folder `compiled`, which is no part of the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files of the wheel are gathered."""
        write()
