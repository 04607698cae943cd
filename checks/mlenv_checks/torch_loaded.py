"""Which libraries of CUDA PyTorch really loaded: what a variable names tells nothing, what is in memory does."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, ok, skip
from mlenv_doctor.facts import Python, Torch, TorchBuild


@check("torch.own-libraries")
def torch_loaded_its_own(torch: Torch, build: TorchBuild, python: Python) -> Iterator[Finding]:
    """PyTorch loaded the libraries of CUDA that it was built with.

    LD_LIBRARY_PATH may bring others, of the system or of a toolkit. Mostly that does no harm, and where it does, this tells whose
    they are.
    """
    foreign = [path for path in torch.mapped if not _own(path, build, python)]
    for path in foreign[:3]:
        yield ok(f"torch works with {path}, which is not its own", subject=path.rpartition("/")[2])
    if not torch.mapped:
        yield skip("torch loaded no libraries of CUDA")
    elif not foreign:
        yield ok("the libraries of CUDA that torch loaded are its own", evidence={"loaded": "\n".join(torch.mapped[:20])})


def _own(path: str, build: TorchBuild, python: Python) -> bool:
    """Whether a file belongs to the environment: to torch itself, to a wheel beside it, or to conda's prefix."""
    site = build.folder.replace("\\", "/").rpartition("/")[0]
    return "-packages/" in path or path.startswith((f"{site}/", f"{python.prefix}/"))
