"""The GPU of Windows in WSL: lent with the driver of Windows, and not without limits."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip
from mlenv_doctor.facts import CudaDriver, Gpu, Place, Torch

from .obstacles import in_container, in_wsl, obstacle, usable

LENT = "/usr/lib/wsl/"  # where Windows puts the libraries of its driver
FEW = (
    3  # that many cards always work; with more, CUDA may say "out of memory" (2) at its start: github.com/mlcommons/ck/issues/916
)
OUT_OF_MEMORY = 2


@check("gpu.wsl", causes=("wsl-broken", "wsl-linux-driver", "wsl-multi-gpu"))
def the_gpu_of_windows_reaches_wsl(gpu: Gpu, cuda: CudaDriver | Missing, torch: Torch | Missing, place: Place) -> Finding:
    """In WSL, programs get to the GPU of Windows.

    WSL has no driver of its own: Windows lends its GPU together with the libraries of its own driver. A driver for Linux
    that was installed besides stands in front of them.
    """
    if not in_wsl(place) or in_container(place):
        return skip("this is not WSL")
    cards = usable(gpu, place)
    if not cards:
        seen = obstacle(gpu, place)
        return skip("the GPU cannot be used", blocked_by="gpu.driver") if seen else skip("no NVIDIA GPU is visible in WSL")
    if found := trouble(gpu, cuda, torch, place):
        return found
    if isinstance(cuda, CudaDriver) and cuda.init:
        return skip("CUDA does not start", blocked_by="gpu.cuda-starts")
    apart = "; they do not talk to each other directly: if training on several hangs, set NCCL_P2P_DISABLE=1"
    lends = f"Windows lends {len(cards)} GPU{'s' * (len(cards) > 1)}, and its driver {gpu.driver} serves WSL as well"
    return ok(lends + apart * (len(cards) > 1))


def trouble(gpu: Gpu, cuda: CudaDriver | Missing, torch: Torch | Missing | None, place: Place) -> Finding | None:
    """What is wrong with CUDA in WSL, though the driver of Windows shows its cards; None where nothing of WSL's is to blame."""
    if not gpu.wsl or in_container(place) or isinstance(cuda, Missing):
        return None
    if isinstance(torch, Torch) and torch.available:
        return None
    evidence = {"libcuda": cuda.library, "loader": cuda.error, "cuInit": str(cuda.init), "cards": str(len(gpu.cards))}
    if len(gpu.cards) > FEW and (cuda.init == OUT_OF_MEMORY or _complains(torch)):
        message = f"CUDA cannot start with the {len(gpu.cards)} GPUs that Windows lends to WSL: it says that memory is short"
        return fail("wsl-multi-gpu", message, evidence=evidence, fix=fix("gpu.wsl-fewer"))
    if cuda.init is None and gpu.wsl.libraries:
        message = "Windows lends its CUDA library to WSL, but programs do not find it: the loader's list lacks /usr/lib/wsl/lib"
        return fail("wsl-broken", message, evidence=evidence, fix=fix("gpu.wsl-loader"))
    if cuda.init and gpu.wsl.libraries and not cuda.library.startswith(LENT):
        message = f"a driver for Linux is installed inside WSL, and its {cuda.library} is loaded instead of the one of Windows"
        return fail("wsl-linux-driver", message, evidence=evidence, fix=fix("gpu.wsl-driver"))
    return None


def _complains(torch: Torch | Missing | None) -> bool:
    """Whether torch says of the number of cards that memory is short."""
    return isinstance(torch, Torch) and any("Error 2: out of memory" in words for words in torch.warnings)
