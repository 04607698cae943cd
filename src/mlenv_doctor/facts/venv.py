"""Virtual environments as files and variables: those of the project, the target's own, and the commands on PATH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Venv(Fact):
    """To be filled in."""

    section: ClassVar[str] = "venv"
    probe: ClassVar[str] = "venv"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "venv.environment"
    shared: ClassVar[bool] = True
