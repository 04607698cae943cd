"""PyTorch: its build read from its files (TorchBuild), and what it says itself once imported (Torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class TorchBuild(Fact):
    """To be filled in."""

    section: ClassVar[str] = "torch_build"
    probe: ClassVar[str] = "torch"
    owner: ClassVar[str] = "torch.build"
    shared: ClassVar[bool] = True


@dataclass(frozen=True)
class Torch(Fact):
    """To be filled in."""

    section: ClassVar[str] = "torch"
    probe: ClassVar[str] = "torch"
    timeout: ClassVar[float] = 90.0
    owner: ClassVar[str] = "libraries.import"
    quick: ClassVar[bool] = False
