"""The GPU of Windows in WSL: kept back, shadowed, or one too many; each called plainly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlenv_checks.gpu.checks import cuda_starts, driver_works
from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu, Wsl
from mlenv_checks.torch.facts import Torch
from mlenv_checks.torch.wsl import the_gpu_of_windows_reaches_wsl
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Place, Project, Wanted

CARD = Card(0, "NVIDIA GeForce RTX 3060", capability="8.6")
WSL, MACHINE = Place(kind="wsl", kinds=("wsl", "machine")), Place()
CONTAINER = Place(kind="container", kinds=("container", "wsl", "machine"))
LENT = Wsl(2, dxg=True, libraries=True, windows=True)
STARTS = CudaDriver("/usr/lib/wsl/lib/libcuda.so.1", init=0, version="12.4", count=1)
NOT_ASKED = Missing("cuda", "not-asked", "not checked with --quick")
MUTE = Missing("torch", "not-asked", "not checked with --quick")
OK, SKIP, LATER = ("pass", "", ""), ("skip", "", ""), ("skip", "gpu.cuda-starts", "")


def said(found: Finding) -> tuple[str, str, str]:
    """Status, cause (or what blocks) and fix."""
    return found.status.value, found.cause or found.blocked_by or "", found.fix.id if found.fix else ""


def windows(
    count: int = 1, wsl: Wsl | None = LENT, nvml: int | None = 0, library: str = "/usr/lib/wsl/lib/libnvidia-ml.so.1"
) -> Gpu:
    cards = tuple(Card(index, CARD.name) for index in range(count))
    return Gpu(windows=bool(wsl and wsl.libraries), wsl=wsl, library=library, nvml=nvml, driver="551.86", cards=cards)


def lent(gpu: Gpu, cuda: CudaDriver | Missing = STARTS, torch: Torch | Missing = MUTE, place: Place = WSL) -> Finding:
    return the_gpu_of_windows_reaches_wsl(gpu, cuda, torch, place)


NO_LIBRARY = CudaDriver(error="libcuda.so.1: cannot open shared object file")
SHADOW = CudaDriver("/usr/lib/x86_64-linux-gnu/libcuda.so.535.183.01", init=100)
SHORT = CudaDriver("/usr/lib/wsl/lib/libcuda.so.1", init=2)
COMPLAINS = Torch("2.9.1", warnings=("Unexpected error from cudaGetDeviceCount(). Error 2: out of memory",))
CASES: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "all in order": (lambda: lent(windows()), OK),
    "two cards": (lambda: lent(windows(2)), OK),
    "CUDA was not asked": (lambda: lent(windows(), NOT_ASKED), OK),
    "not WSL": (lambda: lent(windows(wsl=None), place=MACHINE), SKIP),
    "a container in it": (lambda: lent(windows(), place=CONTAINER), SKIP),
    "an old snapshot": (lambda: lent(windows(wsl=None), SHADOW), LATER),
    "no card": (lambda: lent(windows(0, Wsl(2, dxg=True), nvml=None, library="")), SKIP),
    "the card cannot be used": (lambda: lent(windows(0, Wsl(2, windows=True), nvml=None)), ("skip", "gpu.driver", "")),
    "the loader does not find it": (lambda: lent(windows(), NO_LIBRARY), ("fail", "wsl-broken", "gpu.wsl-loader")),
    "a driver for Linux": (lambda: lent(windows(), SHADOW), ("fail", "wsl-linux-driver", "gpu.wsl-driver")),
    "the same, but torch works": (lambda: lent(windows(), SHADOW, Torch("2.9.1", available=True)), LATER),
    "Windows' own library fails": (lambda: lent(windows(), CudaDriver("/usr/lib/wsl/lib/libcuda.so.1", init=999)), LATER),
    "seven cards": (lambda: lent(windows(7), SHORT), ("fail", "wsl-multi-gpu", "gpu.wsl-fewer")),
    "four cards, as torch says": (lambda: lent(windows(4), STARTS, COMPLAINS), ("fail", "wsl-multi-gpu", "gpu.wsl-fewer")),
    "four cards that work": (lambda: lent(windows(4), STARTS, Torch("2.9.1")), OK),
    "three cards": (lambda: lent(windows(3), SHORT), LATER),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_lent(case: str) -> None:
    call, expected = CASES[case]
    assert said(call()) == expected


def test_cards_that_stand_apart_are_told() -> None:
    assert "NCCL_P2P_DISABLE" in lent(windows(2)).message
    assert "NCCL_P2P_DISABLE" not in lent(windows()).message


def test_cuda_leaves_it_to_this_check() -> None:
    assert said(cuda_starts(NO_LIBRARY, windows(), WSL)) == ("skip", "gpu.wsl", "")
    assert said(cuda_starts(SHADOW, windows(), WSL)) == ("skip", "gpu.wsl", "")


UPDATE = ("fail", "wsl-broken", "gpu.wsl-update")
DRIVERS: dict[str, tuple[Gpu, tuple[str, str, str]]] = {
    "WSL 1": (windows(0, Wsl(1, windows=True), None, ""), ("warn", "wsl-broken", "gpu.wsl-two")),
    "no door": (windows(0, Wsl(2, windows=True, libraries=True), 9), UPDATE),
    "no library": (windows(0, Wsl(2, dxg=True, windows=True), None, ""), UPDATE),
    "Windows refuses": (windows(0, LENT, 17), UPDATE),
    "a driver for Linux": (windows(0, LENT, 17, "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1"),
                           ("fail", "wsl-linux-driver", "gpu.wsl-driver")),
    "Windows has no NVIDIA": (windows(0, Wsl(2, dxg=True, windows=False), None, ""), ("skip", "", "gpu.cloud")),
    "WSL 1 without NVIDIA": (windows(0, Wsl(1, windows=False), None, ""), ("skip", "", "gpu.cloud")),
    "the disk of Windows is not seen": (windows(0, Wsl(2), None, ""), ("skip", "", "gpu.cloud")),
}  # fmt: skip


@pytest.mark.parametrize("case", DRIVERS)
def test_driver(case: str) -> None:
    gpu, expected = DRIVERS[case]
    first, *_ = driver_works(gpu, WSL, Wanted(), Project())
    assert said(first) == expected


def test_a_container_in_wsl_is_repaired_as_a_container() -> None:
    first, *_ = driver_works(windows(0, Wsl(2, windows=True, libraries=True), None, ""), CONTAINER, Wanted(), Project())
    assert first.cause == "container-without-gpu"
    alone, *_ = driver_works(windows(0, Wsl(2, windows=True), None, ""), CONTAINER, Wanted(), Project())
    assert said(alone) == ("skip", "", "gpu.cloud")
