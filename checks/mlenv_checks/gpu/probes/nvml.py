"""List the NVIDIA cards and their driver, as NVML knows them."""

import os

from .card_health import add_health
from .driver_libraries import load_library, version_of
from .nvml_card import CardAsker, slices_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Event
    from typing import Any

# Where the driver's libraries lie outside of the loader's own path: WSL (https://learn.microsoft.com/windows/wsl/), NixOS.
FOLDERS = ("", "/usr/lib/wsl/lib/", "/run/opengl-driver/lib/")


def ask_nvml(found: "dict[str, Any]", listed: "Event") -> None:
    """Ask NVML, through NVIDIA's own binding; where its library is, and only there."""
    windows = [os.path.join(os.environ.get("WINDIR", "C:/Windows"), "System32/nvml.dll")]
    names = windows if os.name == "nt" else [folder + "libnvidia-ml.so.1" for folder in FOLDERS]
    library, found["library"], _ = load_library(names)
    if library is None:
        return
    import pynvml

    pynvml.nvmlLib = library
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        found["nvml"] = int(error.value)
        return
    found.update(nvml=0, source="nvml", driver=_ask(pynvml, "nvmlSystemGetDriverVersion") or "")
    version = _ask(pynvml, "nvmlSystemGetCudaDriverVersion_v2") or _ask(pynvml, "nvmlSystemGetCudaDriverVersion")
    found["cuda"] = version_of(version)
    found["cards"] = [_card(pynvml, index, found) for index in range(_ask(pynvml, "nvmlDeviceGetCount") or 0)]
    listed.set()
    add_health(pynvml, found)


def _ask(nvml: "Any", name: str) -> "Any":
    """What NVML answers; None where it refuses: the function is newer than the driver."""
    try:
        answer = getattr(nvml, name)()
    except (nvml.NVMLError, AttributeError):
        return None
    return _text(answer) if isinstance(answer, bytes) else answer


def _card(nvml: "Any", index: int, found: "dict[str, Any]") -> "dict[str, Any]":
    try:
        ask = CardAsker(nvml, nvml.nvmlDeviceGetHandleByIndex(index), found)
    except nvml.NVMLError as error:
        return {"index": index, "error": int(error.value)}
    pci = ask("nvmlDeviceGetPciInfo")
    capability = ask("nvmlDeviceGetCudaComputeCapability")
    memory = ask("nvmlDeviceGetMemoryInfo")
    mig = ask("nvmlDeviceGetMigMode")
    return {
        "index": index,
        "name": _text(ask("nvmlDeviceGetName")),
        "uuid": _text(ask("nvmlDeviceGetUUID")),
        "bus": _text(pci.busId) if pci else "",
        "device": "%04x" % (pci.pciDeviceId >> 16) if pci else "",
        "capability": "%d.%d" % tuple(capability) if capability else "",
        "memory": memory.total if memory else None,
        "mig": bool(mig[0]) if mig else None,
        "mig_instances": len(slices_of(ask)) if mig and mig[0] else 0,
        "compute_mode": ask("nvmlDeviceGetComputeMode"),
        "error": ask.error,
    }


def _text(answer: "Any") -> str:
    """Text; old bindings give bytes."""
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer or ""
