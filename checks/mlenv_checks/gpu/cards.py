"""Graphics cards: what they are called, what they can do, and which driver suits them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlenv_doctor.api import Missing, rows

from .capability_by_name import capability_of_name
from .facts import Card, CudaDriver, Gpu

NVIDIA = "10de"
FIRST_CUDA_ID = 0x1340  # Maxwell; ids below are of cards that no current driver or torch serves
GIVEN_AWAY = ("vfio-pci", "pci-stub", "xen-pciback")  # kernel drivers that keep a card for a virtual machine
OPEN_ONLY, CLOSED_ONLY = (10, 0), (7, 5)  # from here on only the open module serves a card; below, only the proprietary one
SMALLEST_DRIVER = {13: "580", 12: "525.60.13", 11: "450.80.02"}  # docs.nvidia.com/deploy/cuda-compatibility, Table 1


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, for comparing."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def name_of(card: Card) -> str:
    """What a person calls this card."""
    return card.name or _known(card.device)[1] or "NVIDIA GPU"


def names(cards: Iterable[Card]) -> str:
    """What a person calls these cards, each name once."""
    return " and ".join(dict.fromkeys(name_of(card) for card in cards))


def counted(cards: Iterable[Card]) -> str:
    """Such as "2 x NVIDIA L4, NVIDIA T4"."""
    names = [name_of(card) for card in cards]
    return ", ".join(f"{names.count(name)} x {name}" if names.count(name) > 1 else name for name in dict.fromkeys(names))


def capability_of(card: Card) -> str:
    """The compute capability: as the driver says, else by the PCI id, else by the name; empty where none tells."""
    return card.capability or _known(card.device)[0] or capability_of_name(card.name)


def _known(device: str) -> tuple[str, str]:
    """Compute capability and name by PCI id; empty where the tables do not know it."""
    if not device:
        return "", ""
    for row in rows(__package__, "nvidia_pci_ids"):
        if row["device_id"] == device:
            return row["capability"], row["name"]
    number = int(device, 16)
    near = (
        row["capability"]
        for row in rows(__package__, "nvidia_pci_ranges")
        if int(row["first"], 16) <= number <= int(row["last"], 16)
    )
    return next(near, ""), ""


def bus_cards(gpu: Gpu) -> tuple[Card, ...]:
    """The NVIDIA cards on the bus that today's software serves and that no virtual machine has been given."""
    found = [c for c in gpu.on_bus(NVIDIA) if int(c.device or "0", 16) >= FIRST_CUDA_ID and c.driver not in GIVEN_AWAY]
    return tuple(Card(index, bus=card.bus, device=card.device) for index, card in enumerate(found))


def branch(cards: Iterable[Card]) -> str:
    """Which driver suits these cards, in words."""
    known = [numbers(capability) for card in cards if (capability := capability_of(card))]
    if known and min(known) < CLOSED_ONLY:
        return "the driver of branch 580 (later ones no longer support this GPU)"
    if known and max(known) >= OPEN_ONLY:
        return "driver 580 or newer with the open kernel modules (this GPU needs them)"
    return "driver 580 or newer"


def cuda_version(gpu: Gpu, cuda: CudaDriver | Missing) -> str:
    """The newest CUDA that the driver speaks: as libcuda says, else NVML, else by the driver's version; "" if unknown."""
    said = (cuda.version if isinstance(cuda, CudaDriver) else "") or gpu.cuda
    installed = numbers(gpu.driver or gpu.module)
    if said or not installed:
        return said
    return next((f"{major}.0" for major, smallest in SMALLEST_DRIVER.items() if installed >= numbers(smallest)), "10.0")
