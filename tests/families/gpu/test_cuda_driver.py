"""Whether CUDA starts, by every code that it can answer with."""

from __future__ import annotations

import pytest

from families.gpu.test_checks import BARE, CONTAINER, LATE, MACHINE, NOT_ASKED, STARTS, WORKING, gpu, said
from mlenv_checks.gpu.checks import cuda_starts
from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Place

MIG = Card(0, "NVIDIA A100", capability="8.0", mig=True)
CUDA_CASES = {
    "starts": (STARTS, WORKING, MACHINE, ("pass", "", "")),
    "quick": (NOT_ASKED, WORKING, MACHINE, ("skip", "", "")),
    "late": (LATE, WORKING, MACHINE, ("unknown", "", "")),
    "late without a GPU": (LATE, Gpu(), MACHINE, ("skip", "", "")),
    "no GPU": (CudaDriver(error="no"), Gpu(), MACHINE, ("skip", "", "")),
    "no driver": (CudaDriver(error="no"), gpu(**BARE), MACHINE, ("skip", "gpu.driver", "")),
    "hidden": (CudaDriver("l", init=100), gpu(variables={"CUDA_VISIBLE_DEVICES": ""}), MACHINE, ("skip", "gpu.visible", "")),
    "no libcuda": (CudaDriver(error="no"), WORKING, MACHINE, ("fail", "driver-missing", "gpu.libcuda")),
    "no libcuda in a container": (CudaDriver(error="no"), WORKING, CONTAINER, ("fail", "container-without-gpu", "gpu.container")),
    "3": (CudaDriver("l", init=3), WORKING, MACHINE, ("unknown", "", "")),
    "3 with slices": (CudaDriver("l", init=3), gpu(cards=(MIG,)), MACHINE, ("fail", "mig-without-instance", "gpu.mig")),
    "34": (CudaDriver("l", init=34), WORKING, MACHINE, ("fail", "cuda-stub-on-path", "gpu.library-path")),
    "46": (CudaDriver("l", init=46), WORKING, MACHINE, ("fail", "gpu-exclusive", "gpu.exclusive")),
    "100": (CudaDriver("l", init=100), WORKING, MACHINE, ("unknown", "", "")),
    "101": (CudaDriver("l", init=101), WORKING, MACHINE, ("fail", "cuda-visible-devices", "gpu.show")),
    "802": (CudaDriver("l", init=802), WORKING, MACHINE, ("fail", "fabric-manager-down", "gpu.fabric-manager")),
    "803": (CudaDriver("l", init=803), WORKING, MACHINE, ("fail", "driver-mismatch", "gpu.reboot")),
    "803 compat": (
        CudaDriver("/c/compat/l", init=803),
        WORKING,
        MACHINE,
        ("fail", "cuda-compat-shadows-driver", "gpu.library-path"),
    ),
    "804": (CudaDriver("l", init=804), WORKING, MACHINE, ("fail", "cuda-compat-shadows-driver", "gpu.library-path")),
    "999": (CudaDriver("l", init=999), WORKING, MACHINE, ("fail", "uvm-missing", "gpu.uvm")),
    "999 while a card is lost": (
        CudaDriver("l", init=999),
        gpu(cards=(*WORKING.cards, Card(1, error=15))),
        MACHINE,
        ("skip", "gpu.cards", ""),
    ),
    "no libcuda while a card is lost": (
        CudaDriver(error="no"),
        gpu(cards=(*WORKING.cards, Card(1, error=15))),
        MACHINE,
        ("fail", "driver-missing", "gpu.libcuda"),
    ),
    "a code of tomorrow": (CudaDriver("l", init=777), WORKING, MACHINE, ("unknown", "", "")),
    "starts without a card": (CudaDriver("l", init=0, count=0), WORKING, MACHINE, ("unknown", "", "")),
}


@pytest.mark.parametrize(("cuda", "facts", "place", "expected"), CUDA_CASES.values(), ids=CUDA_CASES)
def test_cuda(cuda: CudaDriver | Missing, facts: Gpu, place: Place, expected: tuple[str, str, str]) -> None:
    assert said(cuda_starts(cuda, facts, place)) == expected


def test_what_cuda_said_is_kept() -> None:
    found = cuda_starts(CudaDriver("/l/libcuda.so.1", init=999, version="12.4"), WORKING, MACHINE)
    assert isinstance(found, Finding)
    assert (found.evidence["cuInit"], found.evidence["libcuda"]) == ("999", "/l/libcuda.so.1")
    assert "failed with 999" in found.message
