"""PyTorch and an AMD GPU: built for it, with code for its processor, and allowed to open it."""

from __future__ import annotations

from mlenv_doctor import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Accelerators, DeviceNode, Gpu, Libraries, Place, Project, Python, Torch, TorchBuild, Wanted, Why

from .amd import choose, closed, elsewhere, here, install, is_card, name_of, nodes, reachable, shown, stands_in, version_of
from .cards import bus_cards
from .obstacles import in_container
from .torch import made_for
from .wheels import cpu_on_purpose

NONE = "no AMD GPU here"


def _works(torch: Torch | Missing) -> bool:
    return isinstance(torch, Torch) and torch.available


@check("gpu.rocm-access", causes=("rocm-no-access",))
def programs_get_to_the_amd_gpu(
    accelerators: Accelerators | Missing, gpu: Gpu, build: TorchBuild, torch: Torch | Missing, place: Place, wanted: Wanted
) -> Finding:
    """This user's programs get to the AMD GPU.

    Every calculation on an AMD GPU goes through two device files, /dev/kfd and one in /dev/dri. Who may not open them has no
    GPU, and PyTorch does not say why.
    """
    if isinstance(accelerators, Missing):
        asked = accelerators.kind not in (Why.NOT_ASKED, Why.ABSENT)
        return unknown(f"the accelerators {accelerators.reason}") if asked else skip(accelerators.reason)
    if elsewhere(place) or not here(accelerators, gpu):
        return skip(NONE)
    if not build.hip:
        return skip("PyTorch is not built for AMD GPUs")
    if _works(torch) or reachable(accelerators):
        return ok("this user's programs may use the AMD GPU")
    if "ci" in (place.kind, *place.kinds):
        return skip("continuous integration: no GPU is expected")
    return _shut_out(accelerators, build, place, wanted)


def _shut_out(accelerators: Accelerators, build: TorchBuild, place: Place, wanted: Wanted) -> Finding:
    """Why it cannot be reached. A fault where the GPU is one that PyTorch serves; a small one may be left alone on purpose."""
    served = any(is_card(gfx) or gfx in build.archs for gfx in accelerators.gfx)
    status = fail if served or wanted.gpu else warn
    node = closed(accelerators)
    if node:
        evidence = {"file": node.path, "mode": f"{node.mode:o}", "group": f"{node.group} ({node.gid})"}
        message = f"torch {build.version} is built for AMD GPUs, but this user may not open {node.path}{_whose(node)}"
        return status("rocm-no-access", message, evidence=evidence, fix=_rights(accelerators, node, place))
    if in_container(place):
        lacking = "/dev/dri" if accelerators.kfd else "/dev/kfd"
        message = f"this container was started without {lacking}, through which programs use an AMD GPU"
        return status("rocm-no-access", message, fix=fix("rocm.container", groups=_numbers(accelerators)))
    state = "offers no computing on it" if accelerators.amdgpu else "is not loaded"
    message = f"there is an AMD GPU, but amdgpu, its driver, {state}"
    return status("rocm-no-access", message, fix=fix("rocm.driver"))


def _whose(node: DeviceNode) -> str:
    if node.listed:
        return f": it was added to the group {node.group} after it logged in"
    return f", which belongs to the group {node.group or node.gid}" if _by_group(node) else ""


def _by_group(node: DeviceNode) -> bool:
    """Whether members of the group may open it."""
    return node.mode & 0o060 == 0o060


def _numbers(accelerators: Accelerators) -> str:
    """The groups of the device files by number: names mean nothing to the machine around a container."""
    files = [node for node in (accelerators.kfd, *nodes(accelerators)) if node and node.gid]
    options = dict.fromkeys(f"--group-add {node.gid}" for node in files)
    return " ".join(options) or "--group-add GROUP"


def _rights(accelerators: Accelerators, node: DeviceNode, place: Place) -> Fix:
    if in_container(place):
        return fix("rocm.container", groups=_numbers(accelerators))
    if node.listed:
        return fix("rocm.log-in")
    if not (_by_group(node) and node.group and accelerators.user):
        return fix("rocm.rights", file=node.path)
    return fix("rocm.groups", group=node.group, user=accelerators.user)


@check("torch.rocm-build", causes=("cpu-only-torch",))
def torch_is_built_for_amd(
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
    """PyTorch was built for the AMD GPU of this machine.

    What pip installs by itself is built for NVIDIA's cards; the build for AMD's comes from an index of its own, and does
    without it the processor does all the work.
    """
    if elsewhere(place) or not accelerators.gfx or not accelerators.kfd:
        return skip(NONE)
    if not build.installed or not build.version:
        return skip("PyTorch is not installed")
    if build.hip:
        return ok("it is a build for AMD GPUs")
    if _works(torch) or build.xpu or gpu.cards or bus_cards(gpu):
        return skip("another GPU is used")
    if (file := cpu_on_purpose(project)) or "ci" in (place.kind, *place.kinds):
        return skip(f"torch {build.version} is {made_for(build)}, as {file or 'is usual in continuous integration'}")
    cards = [gfx for gfx in accelerators.gfx if is_card(gfx) or wanted.gpu]
    row = choose(cards, python)
    if not cards or not row:
        return skip(f"there is no official build of PyTorch for the {name_of((cards or accelerators.gfx)[0])}, or little to gain")
    message = f"torch {build.version} is {made_for(build)} and leaves the {name_of(cards[0])} idle"
    way = install(row, cards, libraries)
    return (fail if wanted.gpu else warn)("cpu-only-torch", message, subject="torch", evidence={"torch": build.version}, fix=way)


@check("torch.rocm-card", causes=("rocm-arch",))
def torch_has_code_for_the_amd_gpu(
    build: TorchBuild,
    torch: Torch | Missing,
    accelerators: Accelerators,
    gpu: Gpu,
    place: Place,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
) -> Finding:
    """PyTorch holds code for this AMD GPU.

    Each build serves some processors only. On another one PyTorch finds the GPU, and the first calculation ends with "invalid
    device function" or kills the program.
    """
    if elsewhere(place) or not here(accelerators, gpu) or not build.hip:
        return skip("no AMD GPU here, or PyTorch is not built for one")
    if not _works(torch) and not reachable(accelerators):
        return skip("programs do not get to the GPU", blocked_by="gpu.rocm-access")
    found = shown(accelerators, gpu)
    own = tuple(arch.partition(":")[0] for arch in torch.archs) if isinstance(torch, Torch) else ()
    archs = build.archs or own
    if not archs or any("generic" in arch for arch in archs):
        return unknown(f"torch {build.version} does not say for which AMD GPUs it holds code")
    if not found:
        return skip("a variable hides the GPU, or the kernel does not tell its kind")
    served = [gfx for gfx in found if gfx in archs]
    if served:
        return ok(f"torch {build.version} has code for the {name_of(served[0])}{_left_out(found, served)}")
    if any(gfx in own for gfx in found):
        return unknown(f"torch {build.version} has code for the {name_of(found[0])}, but its rocBLAS has none")
    return _strange(build, archs, accelerators, found[0], python, libraries, wanted)


def _left_out(found: tuple[str, ...], served: list[str]) -> str:
    others = [name_of(gfx) for gfx in found if gfx not in served]
    return f" and none for the {others[0]}, which HIP_VISIBLE_DEVICES can hide" if others else ""


def _strange(
    build: TorchBuild,
    archs: tuple[str, ...],
    accelerators: Accelerators,
    gfx: str,
    python: Python,
    libraries: Libraries,
    wanted: Wanted,
) -> Finding:
    """A GPU without code in this build. One that is a part of the processor is seldom what a build was installed for."""
    evidence = {"torch": build.version, "gfx": gfx, "architectures": " ".join(archs)}
    real = accelerators.gfx[0]
    claims = accelerators.override and f"HSA_OVERRIDE_GFX_VERSION makes the {name_of(real)} claim to be {gfx}, for which"
    message = (
        f"{claims} torch {build.version} has no code" if claims else f"torch {build.version} has no code for the {name_of(gfx)}"
    )
    way = fix("rocm.no-override") if claims and real in archs else _way(real, archs, python, libraries)
    hard = claims or is_card(real) or wanted.gpu
    return (fail if hard else warn)("rocm-arch", message, subject=real, evidence=evidence, fix=way)


def _way(gfx: str, archs: tuple[str, ...], python: Python, libraries: Libraries) -> Fix:
    """A build with code for this GPU, else the name of a relative that this build serves, else an honest word."""
    if row := choose((gfx,), python):
        return install(row, (gfx,), libraries)
    if other := stands_in(gfx, archs):
        return fix("rocm.override", version=version_of(other), name=name_of(gfx), other=other)
    return fix("rocm.no-build", name=name_of(gfx))
