"""Ask NVML how each NVIDIA card is: its memory, programs, errors and speed."""

from .nvml_card import CardAsker, slices_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_PROGRAMS = 64  # of one card that are listed


def add_health(nvml: "Any", found: "dict[str, Any]") -> None:
    """Add to every card that answers how it is. The list is exchanged as a whole: who waits may take it at any time."""
    try:
        for index, card in enumerate(found["cards"]):
            if card.get("error") is None:
                cards = list(found["cards"])
                cards[index] = _with_health(nvml, card, found)
                found["cards"] = cards
    finally:
        found.pop("stuck", None)


def _with_health(nvml: "Any", card: "dict[str, Any]", found: "dict[str, Any]") -> "dict[str, Any]":
    try:
        ask = CardAsker(nvml, nvml.nvmlDeviceGetHandleByIndex(card["index"]), found)
    except nvml.NVMLError as error:
        return dict(card, error=int(error.value))
    health = _health(ask, card.get("mig"))
    return dict(card, health=health, error=ask.error)


def _health(ask: CardAsker, mig: "bool | None") -> "dict[str, Any]":
    memory = ask("nvmlDeviceGetMemoryInfo")
    rows = ask("nvmlDeviceGetRemappedRows")
    slowdown = ask("nvmlDeviceGetCurrentClocksEventReasons")
    busy = ask("nvmlDeviceGetUtilizationRates")
    pages = ask("nvmlDeviceGetRetiredPagesPendingStatus")
    return {
        "free": memory.free if memory else None,
        "used": memory.used if memory else None,
        "programs": _programs(ask),
        "slices": slices_of(ask) if mig else [],
        "uncorrected": ask("nvmlDeviceGetTotalEccErrors", 1, 0),  # since the driver was loaded; the other counter never forgets
        "pages_pending": None if pages is None else bool(pages),
        "rows_pending": bool(rows[2]) if rows else None,
        "rows_failed": bool(rows[3]) if rows else None,
        "slowdown": ask("nvmlDeviceGetCurrentClocksThrottleReasons") if slowdown is None else slowdown,  # its name before 535
        "busy": busy.gpu if busy else None,
        "temperature": ask("nvmlDeviceGetTemperature", 0),
        "width": ask("nvmlDeviceGetCurrPcieLinkWidth"),
        "widest": ask("nvmlDeviceGetMaxPcieLinkWidth"),
        "power_state": ask("nvmlDeviceGetPerformanceState"),
        "fabric": _fabric_state(ask),
    }


def _programs(ask: CardAsker) -> "list[dict[str, Any]] | None":
    listed = ask("nvmlDeviceGetComputeRunningProcesses_v3")
    if listed is None:
        listed = ask("nvmlDeviceGetComputeRunningProcesses_v2")  # drivers before 510
    return None if listed is None else [{"pid": one.pid, "memory": one.usedGpuMemory} for one in listed[:MOST_PROGRAMS]]


def _fabric_state(ask: CardAsker) -> "Any":
    info: "Any" = getattr(ask.nvml, "c_nvmlGpuFabricInfoV_t", dict)()
    return info.state if ask("nvmlDeviceGetGpuFabricInfoV", _pointer(info)) == 0 else None


def _pointer(structure: "Any") -> "Any":
    import ctypes

    return ctypes.byref(structure) if isinstance(structure, ctypes.Structure) else structure
