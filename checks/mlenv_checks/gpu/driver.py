"""What is between a program and the NVIDIA card of this machine: nothing, its driver, the container, or a variable."""

from __future__ import annotations

import re

from mlenv_doctor.api import Finding, Missing, fix, rows, skip
from mlenv_doctor.patient import Place

from .cards import CLOSED_ONLY, OPEN_ONLY, branch, bus_cards, capability_of, names, numbers
from .driver_problem import DriverProblem
from .facts import Card, CudaDriver, Gpu, Wsl
from .kernel_module import not_loaded

NO_PERMISSION, NOT_LOADED = 4, 9  # NVML_ERROR_NO_PERMISSION, NVML_ERROR_DRIVER_NOT_LOADED (nvml.h)
LEGACY = 590  # drivers from here on ignore cards below 7.5: github.com/NixOS/nixos-hardware/issues/1880
NOTEBOOKS = {
    "colab": "Google Colab", "kaggle": "Kaggle", "lightning": "Lightning.ai", "sagemaker": "Amazon SageMaker",
    "databricks": "Databricks", "paperspace": "Paperspace", "codespaces": "GitHub Codespaces",
}  # fmt: skip


def in_container(place: Place) -> bool:
    """Whether the driver is somebody else's business: that of the machine around this container."""
    return bool({"container", "kubernetes"} & {place.kind, *place.kinds})


def in_wsl(place: Place) -> bool:
    """Whether this is the Windows Subsystem for Linux."""
    return "wsl" in (place.kind, *place.kinds)


def notebook(place: Place) -> str:
    """The name of the cloud service whose session this is; empty elsewhere."""
    return next((NOTEBOOKS[kind] for kind in (place.kind, *place.kinds) if kind in NOTEBOOKS), "")


def usable(gpu: Gpu, place: Place) -> tuple[Card, ...]:
    """The NVIDIA cards whose driver works."""
    listed = tuple(card for card in gpu.cards if card.error is None)
    reachable = not in_container(place) or any(re.fullmatch(r"nvidia\d+", node) for node in gpu.nodes)
    if listed or gpu.library or not gpu.module or not reachable:
        return listed
    return bus_cards(gpu)  # a driver without its management library, which CUDA does not need


def driver_problem(gpu: Gpu, place: Place) -> DriverProblem | None:
    """What is in the way of the NVIDIA card that is here; None where none is here, or it works.

    A session of a cloud service without a GPU is no container that was started wrongly, though it is made of one.
    """
    if usable(gpu, place) or not _evident(gpu, place):
        return None
    found = _in_the_way(gpu, place)
    return None if found.cause == "container-without-gpu" and notebook(place) else found


def _in_the_way(gpu: Gpu, place: Place) -> DriverProblem:
    if gpu.wsl and not in_container(place) and (kept := _kept_by_windows(gpu, gpu.wsl)):
        return kept
    if gpu.silent is not None:
        return DriverProblem("", f"the NVIDIA driver hangs: no answer within {gpu.silent:g} s")
    if gpu.nvml:
        return _refused(gpu, place)
    if in_container(place):
        message = f"this container was started without access to the GPU{_what(gpu)}"
        return DriverProblem("container-without-gpu", message, fix("gpu.container"), hard=False)
    if gpu.nvml is None and not gpu.cards:
        missing = f"NVIDIA driver not installed for the {names(bus_cards(gpu))}"
        return DriverProblem("driver-missing", missing, fix("gpu.install-driver", branch=branch(bus_cards(gpu))))
    return _empty_handed(gpu)


def _evident(gpu: Gpu, place: Place) -> bool:
    """Whether anything speaks for an NVIDIA card. A driver package alone does not: images bring it along."""
    if in_wsl(place):
        return gpu.windows or bool(gpu.wsl and gpu.wsl.windows and not in_container(place))
    seen = bool(bus_cards(gpu) or gpu.module or gpu.nodes or gpu.cards or gpu.silent is not None)
    return seen or (in_container(place) and gpu.variables.get("NVIDIA_VISIBLE_DEVICES", "void") not in ("", "void", "none"))


def _kept_by_windows(gpu: Gpu, wsl: Wsl) -> DriverProblem | None:
    """Why the NVIDIA card of Windows does not get into WSL. https://learn.microsoft.com/windows/wsl/tutorials/gpu-compute"""
    if wsl.generation == 1:
        return DriverProblem("wsl-broken", "WSL 1 has no GPU access; WSL 2 does", fix("gpu.wsl-two"), hard=False)
    if not wsl.dxg:
        message = "WSL has no access to the GPU: /dev/dxg is missing"
        return DriverProblem("wsl-broken", message, fix("gpu.wsl-update"))
    if not wsl.libraries:
        message = "the Windows NVIDIA driver does not support WSL: /usr/lib/wsl/lib/libcuda.so.1 is missing"
        return DriverProblem("wsl-broken", message, fix("gpu.wsl-update"))
    if gpu.nvml and gpu.library.startswith("/usr/lib/wsl/"):
        message = f"the Windows driver refuses to give WSL the GPU (NVML code {gpu.nvml})"
        return DriverProblem("wsl-broken", message, fix("gpu.wsl-update"))
    return None


def _refused(gpu: Gpu, place: Place) -> DriverProblem:
    """The driver's library is there and does not start."""
    if not in_container(place) and (dropped := _dropped(gpu)):
        return dropped
    if gpu.nvml == NOT_LOADED and not in_container(place) and not in_wsl(place):
        return not_loaded(gpu)
    if gpu.nvml == NO_PERMISSION and gpu.closed:
        return _closed(gpu)
    places = {"any"} | ({"container"} if in_container(place) else set()) | ({"wsl"} if in_wsl(place) else set())
    for row in rows(__package__, "nvml_codes"):
        if row["code"] == str(gpu.nvml) and row["place"] in places:
            message = f"{row['message']}{_what(gpu)} (NVML code {gpu.nvml})"
            return DriverProblem(row["cause"], message, fix(row["fix"]), hard=row["cause"] != "container-without-gpu")
    return DriverProblem("", f"the NVIDIA driver does not start: NVML fails with code {gpu.nvml}")


def _closed(gpu: Gpu) -> DriverProblem:
    """Device files that belong to somebody else: which, and who may open them."""
    node = gpu.closed[0]
    whose = f"(group {node.group}" if node.group not in ("", "root") else ""
    message = f"permission denied: {node.path}{whose}{_what(gpu)} (NVML code {gpu.nvml})"
    return DriverProblem("gpu-permission", message, fix("gpu.join-group", group=node.group) if whose else fix("gpu.permission"))


def _empty_handed(gpu: Gpu) -> DriverProblem:
    """The driver runs and finds no card that works."""
    if gpu.cards:
        return DriverProblem("gpu-lost", f"the driver has lost the GPU (NVML code {gpu.cards[0].error})", fix("gpu.reboot"))
    capabilities = [numbers(capability_of(card)) for card in bus_cards(gpu) if capability_of(card)]
    if dropped := _dropped(gpu):
        return dropped
    if gpu.open and capabilities and max(capabilities) < CLOSED_ONLY:
        message = f"the open-source NVIDIA module is loaded, which does not support the {names(bus_cards(gpu))}"
        return DriverProblem(
            "driver-wrong-flavour", message, fix("gpu.install-driver", branch="the proprietary driver of branch 580")
        )
    if gpu.module and not gpu.open and capabilities and min(capabilities) >= OPEN_ONLY:
        message = f"the proprietary NVIDIA module is loaded, but the {names(bus_cards(gpu))} needs the open-source one"
        return DriverProblem("driver-wrong-flavour", message, fix("gpu.install-driver", branch=branch(bus_cards(gpu))))
    return DriverProblem("", f"the NVIDIA driver {gpu.driver or gpu.module} runs, but finds no GPU{_what(gpu)}")


def _dropped(gpu: Gpu) -> DriverProblem | None:
    """A driver that is too new for every card here."""
    capabilities = [capability_of(card) for card in bus_cards(gpu)]
    installed = gpu.driver or gpu.module or next(iter(re.findall(r"\.so\.(\d{3}\.[\d.]+)", gpu.library)), "")
    if not capabilities or not installed or numbers(installed) < (LEGACY,):
        return None
    if any(not known or numbers(known) >= CLOSED_ONLY for known in capabilities):
        return None
    message = f"the NVIDIA driver {installed} no longer supports the {names(bus_cards(gpu))}; branch 580 is the last that does"
    return DriverProblem("driver-dropped-gpu", message, fix("gpu.install-driver", branch="the driver of branch 580"))


def _what(gpu: Gpu) -> str:
    """Which card is meant, where that is known."""
    cards = bus_cards(gpu)
    return f": {names(cards)}" if cards else ""


def visible(value: str, cards: tuple[Card, ...]) -> tuple[int, ...] | None:
    """Which cards a value of CUDA_VISIBLE_DEVICES shows; None where that cannot be told.

    The list ends at the first entry that names no card; one that is named twice empties it.
    https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables
    """
    found: list[int] = []
    for word in (part.strip() for part in value.split(",")):
        if word.startswith("MIG"):
            return None
        index = _index(word, cards)
        if index is None:
            break
        if index in found:
            return ()
        found.append(index)
    return tuple(found)


def _index(word: str, cards: tuple[Card, ...]) -> int | None:
    """The card that one entry names: by number, or by its UUID or the beginning of it."""
    if word.startswith("GPU-"):
        matches = [card.index for card in cards if card.uuid.startswith(word)]
        return matches[0] if len(matches) == 1 else None
    digits = re.match(r"\+?\d+", word)
    return int(digits[0]) if digits and int(digits[0]) < len(cards) else None


def hides_all(gpu: Gpu, cards: tuple[Card, ...], cuda: CudaDriver | Missing) -> bool:
    """Whether CUDA_VISIBLE_DEVICES hides every card: CUDA's own answer stands above the rules."""
    value = gpu.variables.get("CUDA_VISIBLE_DEVICES")
    if value is None:
        return False
    if isinstance(cuda, CudaDriver) and (cuda.count or cuda.unhidden):
        return not cuda.count
    return visible(value, cards) == ()


def blocked(gpu: Gpu, place: Place, cuda: CudaDriver | Missing) -> Finding | None:
    """The skip of a check that needs a GPU in sight; None where there is one."""
    cards = usable(gpu, place)
    if not cards:
        return skip("the GPU cannot be used", blocked_by="gpu.driver") if driver_problem(gpu, place) else skip("no GPU here")
    return skip("the GPU is hidden", blocked_by="gpu.visible") if hides_all(gpu, cards, cuda) else None
