"""AMD GPUs: what they are called, which build of PyTorch has code for them, and what is between them and a program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mlenv_doctor.api import Fix, fix, rows
from mlenv_doctor.patient import Libraries, Place, Python

from .cards import GIVEN_AWAY, numbers
from .driver import in_container, in_wsl
from .facts import Accelerators, DeviceNode, Gpu
from .torch_wheels import FAMILY

AMD = "1002"
INDEX = "https://download.pytorch.org/whl/rocm{}"
HIDERS = ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")  # ROCm listens to all three


def name_of(gfx: str) -> str:
    """What a person calls the GPU with this processor."""
    name = _row(gfx).get("name", "")
    return f"AMD {name} ({gfx})" if name else f"AMD GPU ({gfx})"


def _row(gfx: str) -> Mapping[str, str]:
    return next((row for row in rows(__package__, "amd_gpus") if row["gfx"] == gfx), {})


def is_card(gfx: str) -> bool:
    """Whether this is a card of its own, as far as is known, and no part of the processor."""
    return _row(gfx).get("kind") == "card"


def stands_in(gfx: str, archs: Iterable[str]) -> str:
    """The processor that this one can be made to claim to be, where a build has code for that; else empty."""
    other = _row(gfx).get("as", "")
    return other if other in archs else ""


def version_of(gfx: str) -> str:
    """ "gfx1030" as HSA_OVERRIDE_GFX_VERSION writes it: 10.3.0."""
    found = re.fullmatch(r"gfx(\d+)([0-9a-f])([0-9a-f])", gfx)
    return f"{found[1]}.{int(found[2], 16)}.{int(found[3], 16)}" if found else gfx


def shown(accelerators: Accelerators) -> tuple[str, ...]:
    """The processors that programs find, or what they are made to claim to be."""
    claimed = accelerators.override
    return tuple(dict.fromkeys(claimed or gfx for gfx in accelerators.gfx))


def hider(accelerators: Accelerators, gpu: Gpu) -> str:
    """The variable that hides every AMD GPU: it is empty or -1, or begins with a number that none has; else empty."""
    for name in HIDERS:
        first = gpu.variables.get(name, "0").partition(",")[0].strip()
        if first in ("", "-1") or (first.isdigit() and int(first) >= len(accelerators.gfx)):
            return name
    return ""


def here(accelerators: Accelerators, gpu: Gpu) -> bool:
    """Whether there is an AMD GPU that no virtual machine has been given."""
    return bool(accelerators.gfx or any(card.driver not in GIVEN_AWAY for card in gpu.on_bus(AMD)))


def nodes(accelerators: Accelerators) -> tuple[DeviceNode, ...]:
    """The render nodes of AMD's GPUs. In a container the kernel may not tell whose they are."""
    return tuple(node for node in accelerators.render if node.vendor in (AMD, ""))


def closed(accelerators: Accelerators) -> DeviceNode | None:
    """The device file that this user may not open, of those that every program needs; None where nothing is in the way."""
    if accelerators.kfd and not accelerators.kfd.openable:
        return accelerators.kfd
    render = nodes(accelerators)
    return render[0] if render and not any(node.openable for node in render) else None


def reachable(accelerators: Accelerators) -> bool:
    """Whether programs of this user get to the GPU."""
    return bool(accelerators.kfd and nodes(accelerators) and not closed(accelerators))


def choose(gfx: Iterable[str], python: Python) -> Mapping[str, str] | None:
    """The newest build with code for all of these processors; None where none is known, or on another platform."""
    wanted = set(gfx)
    if python.platform != "linux" or python.machine != "x86_64":
        return None
    fitting = [row for row in rows(__package__, "rocm_builds") if wanted <= set(row["gfx"].split()) and _for(row, python)]
    return max(fitting, key=lambda row: (numbers(row["torch"]), numbers(row["rocm"]))) if fitting else None


def _for(row: Mapping[str, str], python: Python) -> bool:
    return numbers(row["python_min"]) <= python.minor <= numbers(row["python_max"])


def install(row: Mapping[str, str], gfx: Iterable[str], libraries: Libraries) -> Fix:
    """The command that installs a build, with the rest of its family that is installed."""
    family = tuple(name for name in FAMILY if libraries.find(name))
    newest = max(numbers(other["rocm"]) for other in rows(__package__, "rocm_builds"))
    torch = "torch" if numbers(row["rocm"]) == newest else f"torch=={row['torch']}"
    return fix(
        "torch.install-rocm",
        packages=(torch, *family),
        options=("--index-url", INDEX.format(row["rocm"])),
        rocm=row["rocm"],
        cards=", ".join(gfx),
    )


def elsewhere(place: Place) -> bool:
    """Whether AMD's device files mean nothing here: macOS and Windows have none, and WSL has its GPUs from Windows."""
    return place.os != "linux" or (in_wsl(place) and not in_container(place))
