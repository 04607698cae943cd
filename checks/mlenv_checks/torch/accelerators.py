"""PyTorch on a Mac, on an Intel GPU and on a Jetson board."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Project, Python, Wanted

from ..gpu.cards import numbers
from ..gpu.facts import Accelerators, Gpu
from ..gpu.jetson import LIFTED, board, remedy
from ..gpu.torch_wheels import covers, cpu_on_purpose
from ..python.interpreter import build_kind
from .checks import made_for
from .facts import Torch, TorchBuild

INTEL = "8086"
# From which torch on the GPU of a Mac needs which macOS, newest first. pytorch issues 164943 (14.0), 139425 (13.0), 78343 (12.3).
MACOS = (((2, 10), "14.0"), ((2, 5), "13.0"), ((1, 12), "12.3"))


@check("torch.mps", causes=("mps-unavailable",))
def torch_uses_the_gpu_of_the_mac(
    torch: Torch, accelerators: Accelerators, python: Python, place: Place, wanted: Wanted
) -> Finding:
    """PyTorch on Apple GPUs.

    The GPU of a Mac with an Apple chip is used through Metal (the device "mps"), which is part of the plain PyTorch. Each
    version of it needs a certain macOS.
    """
    if place.os != "macos":
        return skip("not a Mac")
    if torch.mps:
        return ok(f"torch {torch.version} can use this Mac's GPU (MPS)")
    kind = build_kind(python)
    if kind == "rosetta":
        return skip("this Python runs translated (Rosetta), without the GPU", blocked_by="python.wheels")
    if kind == "intel-mac":
        return skip("Intel Mac: PyTorch uses the CPU")
    if "ci" in (place.kind, *place.kinds):
        return skip("CI machine: no GPU expected")
    return _without_mps(torch, accelerators, wanted.gpu)


def _without_mps(torch: Torch, accelerators: Accelerators, required: bool) -> Finding:
    """An Apple chip whose GPU this PyTorch does not use: for want of a newer PyTorch, of a newer macOS, or nobody knows why.

    PyTorch's own words name macOS 14.0 whatever the reason is, also on macOS 26: pytorch issue 177819.
    """
    status = fail if required else warn
    evidence = {"torch": torch.version, "macos": accelerators.macos, "built": str(torch.mps_built)}
    if not torch.mps_built:
        message = f"torch {torch.version} was built without MPS, so it cannot use the Mac's GPU"
        return status("mps-unavailable", message, subject="torch", evidence=evidence, fix=fix("torch.install-mps"))
    needed = next((macos for first, macos in MACOS if numbers(torch.version) >= first), "")
    if needed and accelerators.macos and numbers(accelerators.macos) < numbers(needed):
        message = f"torch {torch.version} needs macOS {needed} to use the Mac's GPU; this is macOS {accelerators.macos}"
        return status("mps-unavailable", message, subject="torch", evidence=evidence, fix=fix("mac.update", needed=needed))
    message = f"torch {torch.version} cannot use the Mac's GPU (MPS); virtual machines have none"
    return unknown(message, evidence=evidence)


@check("torch.xpu", causes=("xpu-no-access",))
def programs_get_to_the_intel_gpu(
    build: TorchBuild, torch: Torch | Missing, accelerators: Accelerators, gpu: Gpu, place: Place
) -> Finding:
    """PyTorch on Intel GPUs.

    Most laptops have a GPU of Intel's, and nothing is missing where PyTorch does not use it. Who has installed the build for
    Intel GPUs, though, needs the right to open the device file.
    """
    cards = gpu.on_bus(INTEL)
    if not build.xpu:
        return skip("Intel GPU, nothing to set up" if cards else "no PyTorch for Intel GPUs here")
    if isinstance(torch, Torch) and torch.xpu:
        return ok(f"torch {build.version} can use an Intel GPU")
    if not cards or "ci" in (place.kind, *place.kinds):
        return skip("no Intel GPU found")
    files = [node for node in accelerators.render if node.vendor == INTEL]
    if not files or any(node.openable for node in files):
        return unknown(f"torch {build.version} is built for Intel GPUs; not tested whether it can use this one")
    message = f"torch {build.version} is built for Intel GPUs, but permission is denied for {files[0].path}"
    way = fix("xpu.groups", group=files[0].group or "render", user=accelerators.user or "USER")
    return warn("xpu-no-access", message, evidence={"mode": f"{files[0].mode:o}"}, fix=way)


@check("torch.jetson", causes=("jetson-wheel",))
def torch_is_made_for_the_board(
    build: TorchBuild,
    torch: Torch | Missing,
    accelerators: Accelerators,
    gpu: Gpu,
    place: Place,
    project: Project,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
) -> Finding:
    """PyTorch on Jetson.

    By default pip installs a build for ARM servers. On most Jetson boards it does not find the GPU or does not support it;
    NVIDIA has separate builds for Jetson.
    """
    chip = board(gpu)
    if not chip:
        return skip("not a Jetson board")
    if not build.installed or not build.version:
        return skip("PyTorch is not installed")
    if (file := cpu_on_purpose(project)) or "ci" in (place.kind, *place.kinds):
        return skip(f"torch {build.version} is {made_for(build)}, {f'as {file} asks' if file else 'as is usual in CI'}")
    archs = build.archs or (torch.archs if isinstance(torch, Torch) else ())
    works = isinstance(torch, Torch) and torch.available
    if build.cuda and covers(archs, chip) and isinstance(torch, Torch) and not works:
        return unknown(f"torch {build.version} supports this board ({gpu.jetson}) but sees no GPU; cause unknown")
    if build.cuda and (covers(archs, chip) or (works and (not archs or numbers(build.cuda) >= LIFTED))):
        return ok(f"torch {build.version} supports this board ({gpu.jetson})")
    if build.cuda and (not archs or numbers(build.cuda) >= LIFTED):
        return unknown(f"it is unknown whether torch {build.version} supports this board ({gpu.jetson})")
    lacks = "does not support its GPU" if build.cuda else f"is {made_for(build)}"
    message = f"this is a Jetson board ({gpu.jetson}), and torch {build.version} {lacks}"
    evidence = {"torch": build.version, "capability": chip, "architectures": " ".join(archs), "l4t": accelerators.l4t}
    way = remedy(chip, accelerators, python, libraries, wanted)
    return fail("jetson-wheel", message, subject="torch", evidence=evidence, fix=way)
