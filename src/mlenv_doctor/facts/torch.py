"""PyTorch: its build read from its files (TorchBuild), and what it says itself once imported (Torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class TorchBuild(Fact):
    """For what the installed torch was built, read without importing it.

    version:   with its build tag ("2.14.1+cu130"), which only the package's own `version.py` knows.
    cuda:      the CUDA it was built for ("13.0"); None in builds for the CPU, AMD (`hip`) and Intel (`xpu`).
    archs:     the architectures that it holds kernels for, such as "sm_86" (machine code) and "compute_90" (PTX),
               or "gfx1100" in builds for AMD. Empty where they were not looked for (no NVIDIA card) or not found.
    """

    section: ClassVar[str] = "torch_build"
    probe: ClassVar[str] = "torch"
    owner: ClassVar[str] = "torch.build"
    shared: ClassVar[bool] = True

    folder: str = ""
    version: str = ""
    cuda: str | None = None
    hip: str | None = None
    xpu: str | None = None
    archs: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether there is a torch at all."""
        return bool(self.folder)


@dataclass(frozen=True)
class TorchDevice:
    """A card that torch can use. `capability` is such as "8.6"; empty where asking for it failed."""

    name: str = ""
    capability: str = ""


@dataclass(frozen=True)
class Torch(Fact):
    """What torch says once it is imported.

    available: its answer to "can CUDA be used?".
    devices:   the cards it would use.
    warnings:  what it complained about meanwhile.
    mapped:    the files of CUDA's libraries that were really loaded with it (Linux).
    mps:       whether it can use an Apple GPU; None where it does not know the question. xpu: the same for Intel's.
    """

    section: ClassVar[str] = "torch"
    probe: ClassVar[str] = "torch"
    timeout: ClassVar[float] = 90.0
    owner: ClassVar[str] = "libraries.import"
    quick: ClassVar[bool] = False

    version: str = ""
    cuda: str | None = None
    hip: str | None = None
    available: bool = False
    devices: tuple[TorchDevice, ...] = ()
    archs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    mps: bool | None = None
    mps_built: bool = False
    mapped: tuple[str, ...] = ()
    xpu: bool | None = None
