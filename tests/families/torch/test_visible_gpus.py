"""Whether torch itself sees the GPU, after it was imported."""

from __future__ import annotations

import pytest

from families.torch.test_checks import CPU, CU130, HIDDEN, MACHINE, NO_DRIVER, NOT_ASKED, OLD_DRIVER, Found, all_said, gpu
from mlenv_checks.gpu.facts import CudaDriver, Gpu
from mlenv_checks.torch.checks import torch_sees_the_gpu
from mlenv_checks.torch.facts import Torch, TorchBuild, TorchDevice
from mlenv_doctor import Finding, Missing

STARTS = CudaDriver("/l", init=0, version="13.0", count=1)
SEES = Torch(
    version="2.14.1+cu130", available=True, devices=(TorchDevice("NVIDIA A100", "8.0"), TorchDevice("NVIDIA A100", "8.0"))
)
BLIND = Torch(version="2.14.1+cu130")
SIGHT_CASES = {
    "sees": (SEES, CU130, gpu(), STARTS, ("pass", "", "")),
    "sees without naming": (Torch(available=True), CU130, gpu(), STARTS, ("pass", "", "")),
    "a Mac": (Torch(mps=True), CPU, Gpu(metal=True), NOT_ASKED, ("pass", "", "")),
    "no GPU": (BLIND, CU130, Gpu(), NOT_ASKED, ("skip", "", "")),
    "no driver": (BLIND, CU130, NO_DRIVER, NOT_ASKED, ("skip", "gpu.driver", "")),
    "hidden": (BLIND, CU130, HIDDEN, NOT_ASKED, ("skip", "gpu.visible", "")),
    "a CPU build": (BLIND, CPU, gpu(), STARTS, ("skip", "torch.gpu-build", "")),
    "CUDA does not start": (BLIND, CU130, gpu(), CudaDriver("/l", init=999), ("skip", "gpu.cuda-starts", "")),
    "the driver is too old": (BLIND, CU130, OLD_DRIVER, NOT_ASKED, ("skip", "torch.driver", "")),
    "blind for no reason": (BLIND, CU130, gpu(), STARTS, ("unknown", "", "")),
}


@pytest.mark.parametrize(("torch", "build", "facts", "cuda", "expected"), SIGHT_CASES.values(), ids=SIGHT_CASES)
def test_sees_gpu(torch: Torch, build: TorchBuild, facts: Gpu, cuda: CudaDriver | Missing, expected: Found) -> None:
    assert all_said(torch_sees_the_gpu(torch, build, facts, cuda, MACHINE)) == [expected]


def test_what_torch_complained_about_is_passed_on() -> None:
    blind = Torch(version="2.14.1", warnings=("first", "CUDA initialization: something odd\nat line 1"))
    found = torch_sees_the_gpu(blind, CU130, gpu(), STARTS, MACHINE)
    assert isinstance(found, Finding)
    assert found.message.endswith(": CUDA initialization: something odd")
