"""Which libraries of CUDA PyTorch really loaded: what a variable names tells nothing, what is in memory does."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, ok, skip
from mlenv_doctor.patient import Python

from .facts import Torch, TorchBuild


@check("torch.own-libraries")
def torch_loaded_its_own(torch: Torch, build: TorchBuild, python: Python) -> Iterator[Finding]:
    """CUDA libraries of PyTorch.

    LD_LIBRARY_PATH may point to other copies, of the system or of a toolkit. That is usually harmless; if it is not, this check
    says where they come from.
    """
    foreign = [path for path in torch.mapped if not _own(path, build, python)]
    for path in foreign[:3]:
        yield ok(f"torch uses {path} instead of its own library", subject=path.rpartition("/")[2])
    if not torch.mapped:
        yield skip("torch loaded no CUDA libraries")
    elif not foreign:
        yield ok("torch uses its own CUDA libraries", evidence={"loaded": "\n".join(torch.mapped[:20])})


def _own(path: str, build: TorchBuild, python: Python) -> bool:
    """Whether a file belongs to the environment: to torch itself, to a wheel beside it, or to conda's prefix."""
    site = build.folder.replace("\\", "/").rpartition("/")[0]
    return "-packages/" in path or path.startswith((f"{site}/", f"{python.prefix}/"))
