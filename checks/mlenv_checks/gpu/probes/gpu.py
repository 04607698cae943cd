"""Read what the machine says about its graphics cards: the PCI bus, the kernel module, NVML, and CUDA itself."""

import os
import re
import sys

from mlenv_doctor.probekit import names_in

from .card_programs import add_programs
from .files import small_text
from .kernel_log import kernel_bus, xids_by_card
from .kernel_module import closed_device_files, installed_module
from .nvidia_smi import ask_nvidia_smi
from .nvml import ask_nvml
from .wsl import windows_subsystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event
    from typing import Any

VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "ZE_AFFINITY_MASK",
)
SCHEDULERS = (("SLURM_JOB_ID", "slurm"), ("PBS_JOBID", "pbs"), ("LSB_JOBID", "lsf"), ("SGE_ROOT", "sge"))
NVML_PATIENCE = 15.0  # seconds for the list of cards
HEALTH_PATIENCE = 3.0  # seconds for their health: that the cards are there is already known


def read_gpu(question: "dict[str, Any]") -> "dict[str, Any]":
    root = question.get("root", "/")
    facts: "dict[str, Any]" = {
        "pci": _cards_on_bus(root),
        "nodes": _device_files(root),
        "windows": os.path.exists(os.path.join(root, "usr/lib/wsl/lib/libcuda.so.1")),
        "wsl": windows_subsystem(root),
        "jetson": _jetson_model(root),
        "metal": sys.platform == "darwin",
        "variables": {name: os.environ[name][:300] for name in VARIABLES if name in os.environ},
        "scheduler": next((name for variable, name in SCHEDULERS if variable in os.environ), ""),
    }
    facts.update(_loaded_module(root))
    facts["closed"] = closed_device_files(root, facts["nodes"])
    if not facts["module"] and any(card["vendor"] == "10de" for card in facts["pci"]):
        facts["kernel"] = installed_module(root)
    if sys.platform != "darwin":
        facts.update(_in_time(ask_nvml, question.get("patience", NVML_PATIENCE)))
        if facts.get("nvml") is None and facts.get("silent") is None:
            facts.update(ask_nvidia_smi())
    if facts.get("source") == "nvml" and facts.get("cards"):
        _add_what_kernel_knows(facts, root)
    return facts


def _cards_on_bus(root: str) -> "list[dict[str, str]]":
    """The display controllers and accelerators (classes 0x03 and 0x12) of the three vendors."""
    folder = os.path.join(root, "sys/bus/pci/devices")
    cards = []
    for bus in names_in(folder):
        vendor = small_text(folder, bus, "vendor")[2:]
        if vendor in ("10de", "1002", "8086") and small_text(folder, bus, "class")[:4] in ("0x03", "0x12"):
            driver = os.path.basename(os.path.realpath(os.path.join(folder, bus, "driver")))
            cards.append(
                {
                    "bus": bus,
                    "vendor": vendor,
                    "device": small_text(folder, bus, "device")[2:],
                    "driver": "" if driver == "driver" else driver,
                }
            )
    return cards


def _device_files(root: str) -> "list[str]":
    return [name for name in names_in(os.path.join(root, "dev")) if name.startswith("nvidia")]


def _jetson_model(root: str) -> str:
    model = small_text(root, "proc/device-tree/model")
    return model if "NVIDIA" in model else ""


def _loaded_module(root: str) -> "dict[str, Any]":
    """The version of the loaded kernel module and its flavour."""
    text = small_text(root, "proc/driver/nvidia/version")
    found = re.search(r"Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s", text + " ")
    return {"module": found.group(1) if found else "", "open": "Open Kernel Module" in text}


def _in_time(read: "Callable[[dict[str, Any], Event], None]", seconds: float) -> "dict[str, Any]":
    """Ask in a thread: a driver that is stuck in the kernel never returns, and what else is known must not be lost with it.

    Where it gets stuck only after the cards are listed, the cards are kept, and the name of the function.
    """
    import threading

    found: "dict[str, Any]" = {}
    listed = threading.Event()

    def work() -> None:
        try:
            read(found, listed)
        finally:
            listed.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    if not listed.wait(seconds):
        return {"silent": float(seconds)}
    worker.join(min(seconds, HEALTH_PATIENCE))
    return dict(found)


def _add_what_kernel_knows(facts: "dict[str, Any]", root: str) -> None:
    """Add what NVML does not say: lost cards by name, whose the programs are, and the errors in the kernel log."""
    _name_lost_cards(facts["cards"], facts["pci"], root)
    add_programs(facts, root)
    xids = xids_by_card(root) if os.name == "posix" else None
    for card in facts["cards"]:
        if card.get("health"):
            card["health"]["xids"] = None if xids is None else sorted(xids.get(kernel_bus(card["bus"])[:-2], ()))


def _name_lost_cards(cards: "list[dict[str, Any]]", pci: "list[dict[str, str]]", root: str) -> None:
    """NVML counts in the order of the bus: the cards there that did not answer are the lost ones, if their number fits."""
    answered = {kernel_bus(card.get("bus", "")) for card in cards if card.get("bus")}
    left = [card["bus"] for card in pci if card["vendor"] == "10de" and card["bus"] not in answered]
    lost = [card for card in cards if card.get("error") is not None and not card.get("bus")]
    for card, bus in zip(lost, left if len(left) == len(lost) else []):
        text = small_text(root, "proc/driver/nvidia/gpus", bus, "information")
        uuid = re.search(r"GPU UUID:\s*(GPU-[0-9a-f-]+)\s*$", text, re.M)
        name = re.search(r"Model:\s*(.+?)\s*$", text, re.M)
        card.update(bus=bus, uuid=uuid.group(1) if uuid else "", name=name.group(1) if name else "")
