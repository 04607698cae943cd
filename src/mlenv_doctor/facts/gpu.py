"""Graphics cards: what the PCI bus, the kernel module, NVML and the CUDA driver each say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Gpu(Fact):
    """To be filled in."""

    section: ClassVar[str] = "gpu"
    probe: ClassVar[str] = "gpu"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 10.0
    owner: ClassVar[str] = "gpu.driver"


@dataclass(frozen=True)
class CudaDriver(Fact):
    """To be filled in."""

    section: ClassVar[str] = "cuda"
    probe: ClassVar[str] = "gpu"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = "gpu.cuda-starts"
    quick: ClassVar[bool] = False
