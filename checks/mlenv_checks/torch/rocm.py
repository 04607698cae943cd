"""PyTorch and an AMD GPU: built for it, and with code for its processor."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Project, Python, Wanted

from ..gpu.amd import choose, elsewhere, here, hider, install, is_card, name_of, reachable, shown, stands_in, version_of
from ..gpu.cards import bus_cards
from ..gpu.facts import Accelerators, Gpu
from ..gpu.torch_wheels import cpu_on_purpose
from .checks import made_for
from .facts import Torch, TorchBuild
from .rocm_access import NONE, works


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
    """PyTorch ROCm build.

    By default pip installs a build for NVIDIA GPUs. The build for AMD GPUs comes from a separate index; without it, the
    processor does all the work.
    """
    if elsewhere(place) or not accelerators.gfx or not accelerators.kfd:
        return skip(NONE)
    if not build.installed or not build.version:
        return skip("PyTorch is not installed")
    if build.hip:
        return ok("it is a build for AMD GPUs")
    if works(torch) or build.xpu or gpu.cards or bus_cards(gpu):
        return skip("another GPU is used")
    if (file := cpu_on_purpose(project)) or "ci" in (place.kind, *place.kinds):
        return skip(f"torch {build.version} is {made_for(build)}, {f'as {file} asks' if file else 'as is usual in CI'}")
    cards = [gfx for gfx in accelerators.gfx if is_card(gfx) or wanted.gpu]
    row = choose(cards, python)
    if not cards:
        return skip(f"the {name_of(accelerators.gfx[0])} is integrated graphics: PyTorch gains little from it")
    if not row:
        return skip(f"no official PyTorch build for the {name_of(cards[0])}")
    message = f"torch {build.version} is {made_for(build)}; the {name_of(cards[0])} is not used"
    way = install(row, cards, libraries)
    return (fail if wanted.gpu else warn)("cpu-only-torch", message, subject="torch", evidence={"torch": build.version}, fix=way)


@check("torch.rocm-card", causes=("rocm-arch", "cuda-visible-devices"))
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
    """PyTorch AMD GPU support.

    Each build supports only some GPUs. On another one PyTorch finds the GPU, but the first calculation fails with "invalid
    device function" or kills the program.
    """
    if elsewhere(place) or not here(accelerators, gpu) or not build.hip:
        return skip("no AMD GPU here, or PyTorch is not built for one")
    if not works(torch) and not reachable(accelerators):
        return skip("programs have no access to the GPU", blocked_by="gpu.rocm-access")
    found = shown(accelerators)
    own = tuple(arch.partition(":")[0] for arch in torch.archs) if isinstance(torch, Torch) else ()
    archs = build.archs or own
    if not archs or any("generic" in arch for arch in archs):
        return unknown(f"torch {build.version} does not list the AMD GPUs it supports")
    if not found:
        return skip("the kernel does not report which AMD GPU this is")
    if (variable := hider(accelerators, gpu)) and not works(torch):
        return _hidden(variable, gpu, len(accelerators.gfx), torch)
    served = [gfx for gfx in found if gfx in archs]
    if served and isinstance(torch, Torch) and not torch.available:
        said = f": {torch.warnings[-1].splitlines()[0]}" if torch.warnings else "; cause unknown"
        return unknown(f"torch {build.version} supports the {name_of(served[0])} but sees no GPU{said}")
    if served:
        return ok(f"torch {build.version} supports the {name_of(served[0])}{_left_out(found, served)}")
    if any(gfx in own for gfx in found):
        return unknown(f"torch {build.version} supports the {name_of(found[0])}, but its rocBLAS does not")
    return _strange(build, archs, accelerators, found[0], python, libraries, wanted)


def _hidden(variable: str, gpu: Gpu, count: int, torch: Torch | Missing) -> Finding:
    """Empty or -1 is what people set who want no GPU; a number that is not there is a mistake, once torch has seen none."""
    value = gpu.variables[variable]
    if not value.strip()[:1].isdigit() or gpu.scheduler or isinstance(torch, Missing):
        return skip(f"{variable}={value} hides the AMD GPU")
    there = "is 1" if count == 1 else f"are {count}"
    message = f"{variable}={value} names a GPU that does not exist (there {there}), which hides all of them"
    return fail("cuda-visible-devices", message, evidence={variable: value}, fix=fix("rocm.show", variable=variable))


def _left_out(found: tuple[str, ...], served: list[str]) -> str:
    others = [name_of(gfx) for gfx in found if gfx not in served]
    return f" and none for the {others[0]}; hide it with HIP_VISIBLE_DEVICES" if others else ""


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
        f"{claims} torch {build.version} has no code" if claims else f"torch {build.version} does not support the {name_of(gfx)}"
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
