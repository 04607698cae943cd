"""PyTorch against the GPU: built for it, for its driver, with code for the card, and seeing it."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Pasted, Place, Project, Python, Wanted

from ..gpu.cards import SMALLEST_DRIVER, capability_of, cuda_version, name_of, numbers
from ..gpu.checks import unread
from ..gpu.driver import blocked, usable
from ..gpu.facts import Card, CudaDriver, Gpu
from ..gpu.jetson import board
from ..gpu.torch_wheels import BOARDS, covers, cpu_on_purpose, install
from ..torch.known_builds import archs_of
from .facts import Torch, TorchBuild

MAKERS = {"hip": ("1002", "AMD"), "xpu": ("8086", "Intel")}


@check("torch.build", pasted=True)
def build_is_known(python: Python, build: TorchBuild | Missing) -> Finding:
    """PyTorch build.

    Each version of PyTorch comes in builds for the CPU and for several versions of CUDA, under the same
    name. Only its files show which one is installed.
    """
    if isinstance(build, Missing):
        return unread("what is installed as torch", build)
    if not build.installed:
        return skip("PyTorch is not installed")
    if not build.version:
        return unknown(f"{build.folder} does not say which PyTorch build it is")
    architectures = {"architectures": " ".join(build.archs)} if build.archs else {}
    seen = {"folder": build.folder, **architectures}
    return ok(f"torch {build.version}, {made_for(build)}", evidence=seen, brief=f"{build.version}, {made_for(build)}")


def made_for(build: TorchBuild) -> str:
    """For what a build was made, in words."""
    if build.cuda:
        return f"built for CUDA {build.cuda}"
    maker = next((name for key, (_, name) in MAKERS.items() if getattr(build, key)), "")
    return f"built for {maker} GPUs" if maker else "a CPU-only build"


def _no_cuda(build: TorchBuild, gpu: Gpu, place: Place, cuda: CudaDriver | Missing) -> Finding | None:
    """The skip of a check about CUDA builds of torch: there is no torch, no GPU in sight, or another build."""
    if not build.installed or not build.version:
        return skip("PyTorch is not installed")
    if board(gpu):
        return skip("a Jetson board: see torch.jetson")
    other = None if build.cuda else skip(f"torch {build.version} is {made_for(build)}", blocked_by="torch.gpu-build")
    return blocked(gpu, place, cuda) or other


@check("torch.gpu-build", causes=("cpu-only-torch",), pasted=True)
def torch_is_a_gpu_build(
    build: TorchBuild,
    gpu: Gpu,
    cuda: CudaDriver | Missing,
    place: Place,
    project: Project,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
    pasted: Pasted | Missing,
) -> Finding:
    """PyTorch GPU build.

    A build for the CPU only works everywhere and says nothing: models train on the processor, some fifty times slower,
    while the GPU idles.
    """
    if not build.installed or not build.version:
        return skip("PyTorch is not installed")
    if build.cuda:
        return ok("it is a build for NVIDIA GPUs")
    if board(gpu):
        return skip("a Jetson board: see torch.jetson")
    if found := blocked(gpu, place, cuda):
        return found
    if any(getattr(build, key) and gpu.on_bus(vendor) for key, (vendor, _) in MAKERS.items()):
        return ok(f"torch {build.version} is {made_for(build)}")
    if "ci" in (place.kind, *place.kinds):
        return skip(f"torch {build.version} is {made_for(build)}: enough for continuous integration")
    if file := cpu_on_purpose(project):
        return skip(f"torch {build.version} is {made_for(build)}, as {file} asks")
    if isinstance(pasted, Pasted) and _chosen(build, python):
        return skip(f"torch {build.version} is {made_for(build)}, which on Linux was chosen on purpose")
    cards = usable(gpu, place)
    return fail(
        "cpu-only-torch",
        f"torch {build.version} is {made_for(build)}; the {name_of(cards[0])} is not used",
        subject="torch",
        evidence={"torch": build.version, "gpu": name_of(cards[0]), "driver": gpu.driver or gpu.module},
        fix=_install(gpu, cuda, cards, python, libraries, wanted),
    )


def _chosen(build: TorchBuild, python: Python) -> bool:
    """Whether somebody asked for this build: for Linux on x86-64 the package index has no torch for the CPU."""
    return build.version.endswith("+cpu") and python.platform == "linux" and python.machine == "x86_64"


def _install(
    gpu: Gpu, cuda: CudaDriver | Missing, cards: tuple[Card, ...], python: Python, libraries: Libraries, wanted: Wanted
) -> Fix:
    return install(cuda_version(gpu, cuda) or "12.0", map(capability_of, cards), python, libraries, wanted)


def _driver_too_old(build: TorchBuild, gpu: Gpu, cuda: CudaDriver | Missing) -> bool:
    """Whether the build needs a later major version of CUDA than the driver speaks. The minor version does not matter."""
    speaks = cuda_version(gpu, cuda)
    return bool(speaks and build.cuda) and numbers(build.cuda or "")[0] > numbers(speaks)[0]


@check("torch.driver", causes=("driver-too-old",), pasted=True)
def driver_serves_torch(
    build: TorchBuild,
    gpu: Gpu,
    cuda: CudaDriver | Missing,
    place: Place,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
    torch: Torch | Missing,
) -> Finding:
    """GPU driver version for PyTorch.

    A build of PyTorch for CUDA 13 needs a driver that supports CUDA 13. Within one major version any driver will do: a
    driver for CUDA 12.2 runs a build for CUDA 12.8.
    """
    if found := _no_cuda(build, gpu, place, cuda):
        return found
    speaks = cuda_version(gpu, cuda)
    installed = gpu.driver or gpu.module
    if not speaks:
        return unknown("the driver does not report its CUDA version")
    if not _driver_too_old(build, gpu, cuda):
        return ok(f"driver {installed} (CUDA {speaks}) supports torch {build.version}")
    if isinstance(torch, Torch) and torch.available:
        return ok(f"driver {installed} is older than torch {build.version} asks for, but CUDA works")
    needed = SMALLEST_DRIVER.get(numbers(build.cuda or "")[0], "")
    least = f"needs driver {needed} or newer" if needed else "needs a newer driver"
    return fail(
        "driver-too-old",
        f"torch {build.version} {least}; this machine has driver {installed}, which supports CUDA up to {speaks}",
        subject="torch",
        evidence={"torch": build.version, "driver": installed, "driver_cuda": speaks, "torch_cuda": build.cuda or ""},
        fix=_for_driver(_install(gpu, cuda, usable(gpu, place), python, libraries, wanted), needed or "newer"),
    )


def _for_driver(way: Fix, needed: str) -> Fix:
    """An older build for this driver; a newer driver is the other way out."""
    if way.id != "torch.install-gpu":
        return way
    packages, options, cuda, cards = (way.values[name] for name in ("packages", "options", "cuda", "cards"))
    return fix("torch.match-driver", packages=packages, options=options, cuda=cuda, cards=cards, needed=needed)


@check("torch.card", causes=("gpu-too-new-for-wheel", "gpu-too-old-for-wheel"), pasted=True)
def torch_has_code_for_the_card(
    build: TorchBuild,
    torch: Torch | Missing,
    gpu: Gpu,
    cuda: CudaDriver | Missing,
    place: Place,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
) -> Iterator[Finding]:
    """PyTorch GPU support.

    Each build contains code for some generations of cards. On another one the GPU is found, and the first calculation
    ends with "no kernel image is available".
    """
    if found := _no_cuda(build, gpu, place, cuda):
        yield found
        return
    if _driver_too_old(build, gpu, cuda):
        yield skip("the driver is too old for this PyTorch", blocked_by="torch.driver")
        return
    archs = archs_of(build, python) or (torch.archs if isinstance(torch, Torch) else ())
    cards = _in_use(gpu, place, torch)
    if not archs:
        yield unknown(f"torch {build.version} does not list the cards it supports")
        return
    strange = [card for card in cards if capability_of(card) and not covers(archs, capability_of(card))]
    way = _install(gpu, cuda, cards, python, libraries, wanted) if strange else None
    if way and way.id == "torch.no-build" and len(strange) < len(cards):
        served = [str(card.index) for card in usable(gpu, place) if covers(archs, capability_of(card))]
        way = fix("gpu.hide-card", cards=",".join(served))
    for card in cards:
        yield _strange(card, build, archs, way, len(strange) == len(cards)) if card in strange else _served(card, build)


def _in_use(gpu: Gpu, place: Place, torch: Torch | Missing) -> tuple[Card, ...]:
    """The cards that torch itself says it would use; all that there are where it was not asked."""
    if isinstance(torch, Torch) and torch.devices:
        return tuple(Card(index, name=device.name, capability=device.capability) for index, device in enumerate(torch.devices))
    return usable(gpu, place)


def _served(card: Card, build: TorchBuild) -> Finding:
    if not capability_of(card):
        return unknown(f"the {name_of(card)} does not report its compute capability", subject=f"GPU {card.index}")
    return ok(f"torch {build.version} supports the {name_of(card)} ({capability_of(card)})", subject=f"GPU {card.index}")


def _strange(card: Card, build: TorchBuild, archs: tuple[str, ...], way: Fix | None, all_of_them: bool) -> Finding:
    """A card without code in this build. Where another card has it, torch works on that one."""
    capability = capability_of(card)
    if numbers(capability) in BOARDS:
        return unknown(f"{name_of(card)}: this board needs NVIDIA's own PyTorch", subject=f"GPU {card.index}")
    oldest = min(numbers(arch)[0] for arch in archs)
    too_old = int(capability.replace(".", "")) < oldest
    return (fail if all_of_them else warn)(
        "gpu-too-old-for-wheel" if too_old else "gpu-too-new-for-wheel",
        f"the {name_of(card)} (compute capability {capability}) is too {'old' if too_old else 'new'} for torch {build.version}",
        subject=f"GPU {card.index}",
        evidence={"torch": build.version, "capability": capability, "architectures": " ".join(archs)},
        fix=way,
    )


@check("torch.sees-gpu", pasted=True)
def torch_sees_the_gpu(torch: Torch, build: TorchBuild, gpu: Gpu, cuda: CudaDriver | Missing, place: Place) -> Finding:
    """PyTorch GPU detection.

    The last word belongs to PyTorch itself: it was imported and asked. What it complained about is kept.
    """
    if torch.mps:
        return ok("torch can use this Mac's GPU (MPS)")
    if torch.available:
        names = ", ".join(dict.fromkeys(device.name for device in torch.devices)) or "a GPU"
        return ok(f"torch {torch.version} sees {names}", evidence={"devices": str(len(torch.devices))}, brief="sees the GPU")
    if found := _no_cuda(build, gpu, place, cuda):
        return found
    if isinstance(cuda, CudaDriver) and not (cuda.init == 0 and cuda.count):
        return skip("CUDA does not start", blocked_by="gpu.cuda-starts")
    if _driver_too_old(build, gpu, cuda):
        return skip("the driver is too old for this PyTorch", blocked_by="torch.driver")
    said = f": {torch.warnings[-1].splitlines()[0]}" if torch.warnings else "; cause unknown"
    return unknown(f"torch {torch.version} sees no GPU although its build, the driver and CUDA are fine{said}")
