"""Why the NVIDIA kernel module is not loaded: another driver has the card, the firmware forbids it, or it was not built."""

from __future__ import annotations

from mlenv_doctor.api import fix

from .cards import NVIDIA, bus_cards, names
from .driver_problem import DriverProblem
from .facts import Gpu

CAUSE = "driver-module-not-loaded"
HEAD = "the NVIDIA driver is installed, but its kernel module is not loaded"


def not_loaded(gpu: Gpu) -> DriverProblem:
    """The reason, where it can be told; each has a cure of its own."""
    cards = f" ({names(bus_cards(gpu))})" if bus_cards(gpu) else ""
    if any(card.driver == "nouveau" for card in gpu.on_bus(NVIDIA)):
        return DriverProblem(CAUSE, f"{HEAD}: the nouveau driver uses the card{cards}", fix("gpu.without-nouveau"))
    kernel = gpu.kernel
    if kernel and kernel.here is False:
        other = f"it was built for {kernel.others[-1]}, but" if kernel.others else "it was not built for any installed kernel;"
        message = f"{HEAD}: {other} {kernel.kernel} is running{cards}"
        return DriverProblem(CAUSE, message, fix("gpu.build-module", kernel=kernel.kernel))
    if kernel and kernel.here and kernel.secure_boot:
        message = f"{HEAD}: Secure Boot blocks modules with an unknown key{cards}"
        return DriverProblem(CAUSE, message, fix("gpu.enrol-key"))
    return DriverProblem(CAUSE, f"{HEAD}{cards}", fix("gpu.load-module"))
