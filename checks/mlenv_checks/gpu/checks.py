"""The graphics card: its driver, what hides it, and whether CUDA starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, rows, skip, unknown, warn
from mlenv_doctor.patient import Place, Project, Wanted

from .card_health import lost
from .cards import bus_cards, capability_of, counted
from .driver import blocked, driver_problem, hides_all, in_container, in_wsl, notebook, usable, visible
from .facts import Card, CudaDriver, Gpu
from .torch_wheels import cpu_on_purpose
from .wsl import trouble

NOT_ASKED = "not-asked"
UTILITY_ONLY = "NVIDIA_DRIVER_CAPABILITIES"


def unread(what: str, missing: Missing) -> Finding:
    """A section that was not asked for is skipped; one that gave no answer leaves the question open."""
    if missing.kind == NOT_ASKED:
        return skip(missing.reason)
    detail = f": {missing.detail.splitlines()[-1]}" if missing.detail.strip() else ""
    return unknown(f"{what} {missing.reason}{detail}")


@check(
    "gpu.driver",
    causes=(
        "driver-missing",
        "container-without-gpu",
        "place-without-accelerator",
        "driver-mismatch",
        "driver-dropped-gpu",
        "driver-wrong-flavour",
        "driver-module-not-loaded",
        "container-lost-gpu",
        "wsl-linux-driver",
        "wsl-broken",
        "gpu-permission",
        "gpu-lost",
    ),
)
def driver_works(gpu: Gpu | Missing, place: Place, wanted: Wanted, project: Project) -> Iterator[Finding]:
    """GPU driver.

    Without its driver a GPU is invisible to every library, whatever is installed in the environment. A machine without
    a GPU is not at fault: months of the roadmap need none, and free cloud notebooks have one.
    """
    if isinstance(gpu, Missing):
        yield unread("the driver of the GPU", gpu)
        return
    found = driver_problem(gpu, place)
    if found:
        finding = found.finding(wanted.gpu)
        soft = not wanted.gpu and cpu_on_purpose(project)
        yield warn(finding.cause, finding.message, fix=finding.fix) if finding.cause and soft else finding
    elif cards := usable(gpu, place):
        yield ok(_described(gpu, cards), evidence=_evidence(gpu, cards), brief=_described(gpu, cards))
    else:
        yield _absent(gpu, place, wanted.gpu)


def _described(gpu: Gpu, cards: tuple[Card, ...]) -> str:
    speaks = f" (CUDA up to {gpu.cuda})" if gpu.cuda else ""
    return f"{counted(cards)}, driver {gpu.driver or gpu.module}{speaks}"


def _evidence(gpu: Gpu, cards: tuple[Card, ...]) -> dict[str, str]:
    capabilities = ", ".join(dict.fromkeys(filter(None, map(capability_of, cards))))
    return {"driver": gpu.driver or gpu.module, "cuda": gpu.cuda, "cards": str(len(cards)), "capabilities": capabilities}


def _absent(gpu: Gpu, place: Place, required: bool) -> Finding:
    """No NVIDIA card is here; that is a fault only where one is required."""
    if gpu.metal:
        return skip("Apple GPU: PyTorch uses Metal (MPS), no NVIDIA driver needed")
    if gpu.jetson:
        return skip(f"{gpu.jetson}: its driver is part of the system")
    if gpu.on_bus("1002"):
        return skip("AMD GPU: no NVIDIA driver needed")
    where = notebook(place)
    if where and (required or place.kind != "codespaces"):  # of which there are none with a GPU
        return (fail if required else warn)(
            "place-without-accelerator", f"this {where} session runs without a GPU", fix=fix("gpu.turn-on")
        )
    if required:
        return _required(gpu, place)
    return replace(skip(_why_none(gpu, place)), fix=_elsewhere(gpu, place))


def _required(gpu: Gpu, place: Place) -> Finding:
    if in_container(place):
        return fail("container-without-gpu", "a GPU is required, and this container has none", fix=fix("gpu.container"))
    return fail("place-without-accelerator", f"a GPU is required: {_why_none(gpu, place)}", fix=_elsewhere(gpu, place))


def _elsewhere(gpu: Gpu, place: Place) -> Fix:
    """Where there is a GPU: on other nodes of a cluster, else in the cloud."""
    return fix("gpu.turn-on") if "slurm" in (gpu.scheduler, place.kind, *place.kinds) else fix("gpu.cloud")


def _why_none(gpu: Gpu, place: Place) -> str:
    if gpu.on_bus("10de") and not bus_cards(gpu):
        return "no GPU that current PyTorch can use"
    return "no NVIDIA GPU is visible in WSL" if in_wsl(place) else "no GPU here"


@check("gpu.visible", causes=("cuda-visible-devices",))
def no_variable_hides_the_gpu(gpu: Gpu, cuda: CudaDriver | Missing, place: Place, project: Project) -> Finding:
    """GPU visibility variables.

    CUDA_VISIBLE_DEVICES decides which GPUs a program may see. Left over from another day, empty or with a number that
    does not exist, it hides all of them, and every library says that there is no GPU.
    """
    cards = usable(gpu, place)
    value = gpu.variables.get("CUDA_VISIBLE_DEVICES")
    if not cards:
        return blocked(gpu, place, cuda) or skip("no GPU here")
    if value is None:
        return ok("CUDA_VISIBLE_DEVICES is not set")
    set_to = f"CUDA_VISIBLE_DEVICES={value}" if value else "CUDA_VISIBLE_DEVICES is set to nothing, which"
    if not hides_all(gpu, cards, cuda):
        shown = visible(value, cards)
        return ok(f"CUDA_VISIBLE_DEVICES={value}" + (f" shows {len(shown)} of {len(cards)}" if shown else ""))
    if gpu.scheduler or "slurm" in (place.kind, *place.kinds):
        return skip(f"{set_to} hides the GPU: this batch job has no GPU")
    if "ci" in (place.kind, *place.kinds) or cpu_on_purpose(project):
        return skip(f"{set_to} hides the GPU on purpose")
    return fail(
        "cuda-visible-devices",
        f"{set_to} hides {'the GPU' if len(cards) == 1 else f'all {len(cards)} GPUs'} from every program",
        evidence={"CUDA_VISIBLE_DEVICES": value, "cards": str(len(cards))},
        fix=fix("gpu.show"),
    )


@check(
    "gpu.cuda-starts",
    causes=(
        "driver-missing",
        "container-without-gpu",
        "mig-without-instance",
        "cuda-stub-on-path",
        "gpu-exclusive",
        "cuda-visible-devices",
        "fabric-manager-down",
        "driver-mismatch",
        "cuda-compat-shadows-driver",
        "uvm-missing",
    ),
    pasted=True,
)
def cuda_starts(cuda: CudaDriver | Missing, gpu: Gpu, place: Place) -> Finding:
    """CUDA start.

    The driver may see the GPU while CUDA, which every library uses, still cannot start. Here CUDA is asked itself, as a
    program of this user, and its exact answer is kept.
    """
    if isinstance(cuda, CudaDriver) and cuda.init == 0 and cuda.count:
        return ok(f"CUDA {cuda.version} starts and sees {cuda.count} GPU{'s' * (cuda.count > 1)}", evidence=_said(cuda))
    if isinstance(cuda, Missing) and cuda.kind == NOT_ASKED:
        return skip(cuda.reason)
    if found := blocked(gpu, place, cuda):
        return found
    if isinstance(cuda, Missing):
        return unread("CUDA", cuda)
    if trouble(gpu, cuda, place):
        return skip("in WSL the Windows driver provides the GPU", blocked_by="gpu.wsl")
    if cuda.init is None:
        return skip("CUDA was not tested") if cuda.library else _no_libcuda(gpu, place, cuda)
    if lost(gpu):
        return skip(f"CUDA does not start (code {cuda.init}) while a GPU is lost", blocked_by="gpu.cards")
    return _not_started(gpu, place, cuda)


def _said(cuda: CudaDriver) -> dict[str, str]:
    return {"cuInit": str(cuda.init), "libcuda": cuda.library, "version": cuda.version, "count": str(cuda.count)}


def _no_libcuda(gpu: Gpu, place: Place, cuda: CudaDriver) -> Finding:
    """NVML works, but the library through which programs use the card is not there."""
    if in_container(place):
        return fail(
            "container-without-gpu",
            "this container was started without the driver's CUDA library (libcuda)",
            evidence={UTILITY_ONLY: gpu.variables.get(UTILITY_ONLY, "not set"), "loader": cuda.error},
            fix=fix("gpu.container"),
        )
    return fail(
        "driver-missing",
        "libcuda cannot be loaded: the NVIDIA driver is only partly installed",
        evidence={"loader": cuda.error},
        fix=fix("gpu.libcuda"),
    )


def _branch(gpu: Gpu) -> str:
    """The branch of the driver, as packages are called after it: "550"."""
    return (gpu.driver or gpu.module).partition(".")[0] or "BRANCH"


def _not_started(gpu: Gpu, place: Place, cuda: CudaDriver) -> Finding:
    """cuInit returned an error, or no cards."""
    row = next((row for row in rows(__package__, "cuda_codes") if row["code"] == str(cuda.init)), {})
    words = f' ("{row["words"]}")' if row else ""
    said = f"cuInit failed with {cuda.init}{words}" if cuda.init else "CUDA starts, but sees no GPU"
    cards = usable(gpu, place)
    if cuda.init in (0, 3, 100) and cards and all(card.mig and not card.mig_instances for card in cards):
        message = f"the GPU is in MIG mode without any instance; {said}"
        return fail("mig-without-instance", message, evidence=_said(cuda), fix=fix("gpu.mig"))
    if cuda.init in (803, 804) and "/compat/" in cuda.library:
        message = f"a cuda-compat library is loaded instead of the driver's own: {cuda.library}; {said}"
        return fail("cuda-compat-shadows-driver", message, evidence=_said(cuda), fix=fix("gpu.library-path", file=cuda.library))
    if not row.get("cause"):
        return unknown(f"{said}; cause unknown", evidence=_said(cuda))
    return fail(
        row["cause"],
        f"{row['message']}; {said}",
        evidence=_said(cuda),
        fix=fix(row["fix"], file=cuda.library, branch=_branch(gpu)),
    )
