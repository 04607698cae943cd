"""Accelerators that are no NVIDIA cards: AMD's and Intel's as the Linux kernel shows them, and the system of a Mac."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class DeviceNode:
    """A device file that programs open to use a GPU.

    vendor:   the PCI vendor of the card behind it; empty for /dev/kfd, which serves all of AMD's.
    openable: whether this user may read and write it.
    mode:     its rights, as in 0o660.
    gid:      the number of the group that it belongs to, and group: that group's name here; empty where it has none.
    listed:   whether this user is a member of that group by the list of groups: it counts from the next login on.
    """

    path: str = ""
    vendor: str = ""
    openable: bool = False
    mode: int = 0
    gid: int | None = None
    group: str = ""
    listed: bool = False


@dataclass(frozen=True)
class Accelerators(Fact):
    """What is known of accelerators besides NVIDIA's.

    kfd:      AMD's /dev/kfd, through which all computing goes; None where there is none.
    render:   the render nodes in /dev/dri.
    amdgpu:   whether the kernel's driver for AMD cards is loaded.
    gfx:      the processors that this driver offers for computing, one for each GPU, such as "gfx1100" (RX 7900).
    override: HSA_OVERRIDE_GFX_VERSION, by which a GPU is made to claim that it is another; None where it is not set.
    macos:    the version of macOS; empty elsewhere, and where an old Python is shown a made-up one (10.16).
    l4t:      the release of the system of an NVIDIA Jetson, such as "36.4.3" (JetPack 6); empty elsewhere.
    user:     the name of this user, for commands that an administrator runs; empty where it has none.
    """

    section: ClassVar[str] = "accelerators"
    probe: ClassVar[str] = "mlenv_checks.gpu.probes.accelerators"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "gpu.rocm-access"
    shared: ClassVar[bool] = True

    kfd: DeviceNode | None = None
    render: tuple[DeviceNode, ...] = ()
    amdgpu: bool = False
    gfx: tuple[str, ...] = ()
    override: str | None = None
    macos: str = ""
    l4t: str = ""
    user: str = ""
