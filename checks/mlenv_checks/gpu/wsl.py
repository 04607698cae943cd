"""The GPU of Windows in WSL: lent with the driver of Windows, and not without limits."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, fail, fix
from mlenv_doctor.patient import Place

from .driver import in_container
from .facts import CudaDriver, Gpu

LENT = "/usr/lib/wsl/"  # where Windows puts the libraries of its driver
FEW = (
    3  # that many cards always work; with more, CUDA may say "out of memory" (2) at its start: github.com/mlcommons/ck/issues/916
)
OUT_OF_MEMORY = 2


def trouble(gpu: Gpu, cuda: CudaDriver | Missing, place: Place, short: bool = False) -> Finding | None:
    """What is wrong with CUDA in WSL, though the driver of Windows shows its cards; None where nothing of WSL's is to blame.

    short: whether a library said that memory is short when it started CUDA.
    """
    if not gpu.wsl or in_container(place) or isinstance(cuda, Missing):
        return None
    evidence = {"libcuda": cuda.library, "loader": cuda.error, "cuInit": str(cuda.init), "cards": str(len(gpu.cards))}
    if len(gpu.cards) > FEW and (cuda.init == OUT_OF_MEMORY or short):
        message = f"CUDA cannot start in WSL with {len(gpu.cards)} GPUs (error: out of memory)"
        return fail("wsl-multi-gpu", message, evidence=evidence, fix=fix("gpu.wsl-fewer"))
    if cuda.init is None and gpu.wsl.libraries:
        message = "programs in WSL cannot find the CUDA library: /usr/lib/wsl/lib is missing from the loader's list"
        return fail("wsl-broken", message, evidence=evidence, fix=fix("gpu.wsl-loader"))
    if cuda.init and gpu.wsl.libraries and not cuda.library.startswith(LENT):
        message = f"a Linux driver is installed inside WSL: its {cuda.library} is loaded instead of the Windows one"
        return fail("wsl-linux-driver", message, evidence=evidence, fix=fix("gpu.wsl-driver"))
    return None
