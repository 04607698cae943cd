"""Which PyTorch a new environment gets: the build for this machine's GPU, or for the processor alone where there is none."""

from __future__ import annotations

from mlenv_doctor.api import First, Missing, Snapshot
from mlenv_doctor.patient import Libraries, Python, Wanted

from . import amd
from .cards import capability_of, counted, cuda_version
from .facts import NVIDIA, Accelerators, Gpu
from .torch_wheels import FAMILY, choose

CPU = "https://download.pytorch.org/whl/cpu"
BRING_IT = (  # libraries that need torch: whoever asks for one of them gets its build beforehand
    "accelerate", "fastai", "lightning", "pytorch-lightning", "sentence-transformers", "timm", "torchaudio", "torchmetrics",
    "torchvision", "ultralytics",
)  # fmt: skip


def first_torch(facts: Snapshot, python: Python, wanted: Wanted) -> First | None:
    """The PyTorch to install first; None where nothing needs it, or a plain install brings the right one.

    On Linux the index has builds for CUDA only: several gigabytes that a machine without a GPU has no use for. A pin such as
    `==2.9.1+cpu` says its build itself.
    """
    asked = {library.name: library for library in wanted.libraries if library.required}
    torch = asked.get("torch")
    gpu, accelerators = facts.get(Gpu), facts.get(Accelerators)
    if not isinstance(gpu, Gpu) or not (torch or asked.keys() & {*BRING_IT}) or gpu.jetson or gpu.metal:
        return None
    specifier = torch.specifier if torch else ""
    if "+" in specifier or (torch and torch.address):
        return None
    family = tuple(name + asked[name].specifier for name in FAMILY if name in asked)
    if gpu.cards or gpu.on_bus(NVIDIA):
        return _for_cuda(gpu, python, specifier, family)
    if python.platform != "linux":
        return None
    if isinstance(accelerators, Accelerators) and accelerators.gfx and (row := amd.choose(amd.shown(accelerators), python)):
        made = amd.install(row, accelerators.gfx, Libraries())
        named = f"torch{specifier}" if specifier else made.values["packages"][0]
        return First((named, *family), tuple(made.values["options"]), f"the build for ROCm {row['rocm']}")
    why = "the build for the processor: PyTorch can use no GPU here"
    return First((f"torch{specifier}", *family), ("--index-url", CPU), why)


def _for_cuda(gpu: Gpu, python: Python, specifier: str, family: tuple[str, ...]) -> First | None:
    """The newest build that the driver and all cards allow; None where a plain install brings it, or none is known."""
    cards = tuple(dict.fromkeys(filter(None, map(capability_of, gpu.cards))))
    speaks = cuda_version(gpu, Missing("cuda_driver", "", ""))
    wheel = choose(speaks, cards, python, specifier) if speaks else None
    if wheel is None or not (wheel.index or wheel.pinned):
        return None
    version = f"=={wheel.torch}" if wheel.pinned else specifier
    options = ("--index-url", wheel.index) if wheel.index else ()
    return First((f"torch{version}", *family), options, f"the build for CUDA {wheel.cuda} and {counted(gpu.cards)}")
