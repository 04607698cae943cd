"""What the machine has to give: disk, memory, shared memory, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class System(Fact):
    """To be filled in."""

    section: ClassVar[str] = "system"
    probe: ClassVar[str] = "system"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.disk"
    shared: ClassVar[bool] = True
