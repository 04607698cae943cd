"""What programs get of the GPU that Windows lends to WSL."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, ok, skip
from mlenv_doctor.patient import Place

from ..gpu.driver import driver_problem, in_container, in_wsl, usable
from ..gpu.facts import CudaDriver, Gpu
from ..gpu.wsl import trouble
from .facts import Torch


@check("gpu.wsl", causes=("wsl-broken", "wsl-linux-driver", "wsl-multi-gpu"))
def the_gpu_of_windows_reaches_wsl(gpu: Gpu, cuda: CudaDriver | Missing, torch: Torch | Missing, place: Place) -> Finding:
    """GPU in WSL.

    WSL uses the GPU driver of Windows and the libraries of that driver. An installed Linux driver hides those libraries.
    """
    if not in_wsl(place) or in_container(place):
        return skip("this is not WSL")
    cards = usable(gpu, place)
    if not cards:
        seen = driver_problem(gpu, place)
        return skip("the GPU cannot be used", blocked_by="gpu.driver") if seen else skip("no NVIDIA GPU is visible in WSL")
    works = isinstance(torch, Torch) and torch.available
    if not works and (found := trouble(gpu, cuda, place, _complains(torch))):
        return found
    if isinstance(cuda, CudaDriver) and cuda.init:
        return skip("CUDA does not start", blocked_by="gpu.cuda-starts")
    apart = "; if training on several GPUs hangs, set NCCL_P2P_DISABLE=1"
    lends = f"Windows provides {len(cards)} GPU{'s' * (len(cards) > 1)}, and its driver {gpu.driver} supports WSL"
    return ok(lends + apart * (len(cards) > 1))


def _complains(torch: Torch | Missing | None) -> bool:
    """Whether torch says of the number of cards that memory is short."""
    return isinstance(torch, Torch) and any("Error 2: out of memory" in words for words in torch.warnings)
