"""The Windows Subsystem for Linux: what of the card of Windows reaches this side."""

from __future__ import annotations

from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Wsl:
    """How the GPU of Windows gets here. https://learn.microsoft.com/windows/wsl/tutorials/gpu-compute

    generation: 1 or 2. WSL 1 has no kernel of its own, and never a GPU.
    dxg:        whether there is /dev/dxg, the door to the GPU of Windows.
    libraries:  whether Windows lends NVIDIA's libcuda.so.1, in /usr/lib/wsl/lib.
    windows:    whether Windows itself has a driver of NVIDIA; None where its disk cannot be seen from here.
    """

    generation: int = 2
    dxg: bool = False
    libraries: bool = False
    windows: bool | None = None
