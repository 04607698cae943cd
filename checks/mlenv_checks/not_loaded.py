"""Why the NVIDIA kernel module is not loaded: another driver has the card, the firmware forbids it, or it was not built."""

from __future__ import annotations

from mlenv_doctor import fix
from mlenv_doctor.facts import Gpu

from .cards import NVIDIA, bus_cards, names
from .obstacle import Obstacle

CAUSE = "driver-module-not-loaded"
HEAD = "the NVIDIA driver is installed, but its kernel module is not loaded"


def not_loaded(gpu: Gpu) -> Obstacle:
    """The reason, where it can be told; each has a cure of its own."""
    cards = f" ({names(bus_cards(gpu))})" if bus_cards(gpu) else ""
    if any(card.driver == "nouveau" for card in gpu.on_bus(NVIDIA)):
        return Obstacle(CAUSE, f"{HEAD}: the free driver nouveau has taken the card{cards}", fix("gpu.without-nouveau"))
    kernel = gpu.kernel
    if kernel and kernel.here is False:
        other = f"it was built for {kernel.others[-1]}, and" if kernel.others else "it was built for no kernel here;"
        message = f"{HEAD}: {other} {kernel.kernel} is running{cards}"
        return Obstacle(CAUSE, message, fix("gpu.build-module", kernel=kernel.kernel))
    if kernel and kernel.here and kernel.secure_boot:
        message = f"{HEAD}, though it was built: Secure Boot is on and lets only modules be loaded whose key it knows{cards}"
        return Obstacle(CAUSE, message, fix("gpu.enrol-key"))
    return Obstacle(CAUSE, f"{HEAD}{cards}", fix("gpu.load-module"))
