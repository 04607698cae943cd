"""What was compiled for torch: is it for the torch that is here?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Missing, check, fail, ok, skip, unknown, warn
from mlenv_doctor.patient import Imported, Imports, Libraries, Place, Python, Wanted

from ..gpu.driver import blocked
from ..gpu.facts import CudaDriver, Gpu
from ..libraries.dependencies import conflicts
from ..libraries.installed import FAILED
from ..torch.checks import made_for
from ..torch.extensions import PAIRED, SIGNS, beside, extensions, strangers
from ..torch.facts import TorchBuild, TorchFamily
from .checks import diagnosis


@check("libraries.torch-family", causes=("torchvision-mismatch", "extension-torch-abi"))
def built_for_this_torch(
    family: TorchFamily | Missing,
    build: TorchBuild,
    libraries: Libraries,
    imports: Imports | Missing,
    wanted: Wanted,
    python: Python,
    gpu: Gpu | Missing,
    place: Place,
    cuda: CudaDriver | Missing,
) -> Iterator[Finding]:
    """Libraries built for PyTorch.

    torchvision, torchaudio and extensions such as flash-attn work with only one version or build of torch.
    """
    if isinstance(family, Missing):
        yield unknown(f"the compiled extensions could not be read: the probe {family.reason}")
        return
    strange = strangers(family, build)
    by_metadata = {conflict.owner for conflict in conflicts(libraries, python) if conflict.name == "torch"}
    for name, other in strange.items():
        if name in by_metadata:
            yield skip(f"{name} needs another torch", subject=name, blocked_by="libraries.dependencies:torch")
        else:
            yield _strange(name, other, build, libraries, imports, wanted, python)
    idle = [] if strange or not build.cuda or not _usable(gpu, place, cuda) else _for_the_cpu(family, build, libraries, wanted)
    yield from idle
    if not strange and not idle:
        names = ", ".join(built.name for built in family.built)
        yield ok(f"built for torch {build.version}: {names}") if names else skip("no extensions for torch")


def _strange(
    name: str, other: str, build: TorchBuild, libraries: Libraries, imports: Imports | Missing, wanted: Wanted, python: Python
) -> Finding:
    """A library for another torch: broken where its import failed; otherwise some of its functions are missing."""
    found = libraries.find(name)
    imported = imports.find(name) if isinstance(imports, Imports) else None
    reading = diagnosis(imported, libraries, python) if imported else None
    failed = imported is not None and imported.outcome in FAILED
    if failed and (reading.cause if reading else "") not in SIGNS:
        return skip("see its import", subject=name, blocked_by=f"libraries.import:{name}")
    version = (found.version if found else None) or ""
    here = f"torch {build.version}" if other.startswith("torch") else f"torch {build.version} is {made_for(build)}"
    message = f"{name} {version} was built for {other}, but {here}{' is installed' if other.startswith('torch') else ''}"
    if not failed and _harmless(name, imported, build):
        return ok(f"{message}; it works anyway", subject=name)
    cause = "torchvision-mismatch" if name in PAIRED else "extension-torch-abi"
    return (fail if failed else warn)(
        cause, message, subject=name, fix=beside(name, libraries, build, wanted.libraries), evidence={"torch": build.version}
    )


def _harmless(name: str, imported: Imported | None, build: TorchBuild) -> bool:
    """Whether a library does with what it has: it loaded, as it would not without its compiled part; or that is for GPUs only."""
    if extensions().get(name, {}).get("needed"):
        return imported is not None and imported.outcome == "ok"
    return not (build.cuda or build.hip or build.xpu)


def _usable(gpu: Gpu | Missing, place: Place, cuda: CudaDriver | Missing) -> bool:
    return isinstance(gpu, Gpu) and blocked(gpu, place, cuda) is None


def _for_the_cpu(family: TorchFamily, build: TorchBuild, libraries: Libraries, wanted: Wanted) -> list[Finding]:
    """torchvision without code for the GPU beside a torch that has it: nms and its kin refuse tensors on the GPU."""
    built = family.find("torchvision")
    if not built or built.tag != "cpu":
        return []
    message = f"torchvision is a CPU-only build, but torch {build.version} is {made_for(build)}"
    cure = beside("torchvision", libraries, build, wanted.libraries)
    return [warn("torchvision-mismatch", message, subject="torchvision", fix=cure, evidence={"torch": build.version})]
