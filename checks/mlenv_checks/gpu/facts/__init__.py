"""What can be known about graphics cards and their drivers."""

from .accelerators import Accelerators, DeviceNode
from .card_health import CardHealth, Program, Slice
from .gpu import AMD, INTEL, NVIDIA, Card, CudaDriver, Gpu, PciCard
from .kernel_module import KernelModule
from .wsl import Wsl

__all__ = [
    "AMD",
    "Accelerators",
    "Card",
    "CardHealth",
    "CudaDriver",
    "DeviceNode",
    "Gpu",
    "INTEL",
    "KernelModule",
    "NVIDIA",
    "PciCard",
    "Program",
    "Slice",
    "Wsl",
]
