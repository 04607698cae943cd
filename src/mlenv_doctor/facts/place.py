"""Where this runs: operating system, distribution, container, cloud notebook, shell, package managers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Place(Fact):
    """To be filled in."""

    section: ClassVar[str] = "place"
    probe: ClassVar[str] = "place"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.place"
    shared: ClassVar[bool] = True

    os: str = "linux"
    distro: str = ""
    kind: str = "machine"
    kinds: tuple[str, ...] = ()
    shell: str = "sh"
    root: bool = False
    uv: str | None = None
    conda: str | None = None
    system_python: str | None = None
