"""The NVIDIA kernel module on the disk: whether there is one for the running kernel, and whether that may load it."""

from __future__ import annotations

from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class KernelModule:
    """Looked for only where an NVIDIA card is on the bus and no module is loaded.

    kernel:      the release of the running kernel, such as "6.8.0-60-generic".
    here:        whether a module was built for it; None where the kernel has no list of modules that could be read.
    others:      the releases of other kernels that a module was built for.
    secure_boot: whether the firmware lets signed modules only be loaded; None where it does not say.
    """

    kernel: str = ""
    here: bool | None = None
    others: tuple[str, ...] = ()
    secure_boot: bool | None = None
