"""The checks of the family torch, each called plainly with facts built by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu, PciCard
from mlenv_checks.torch.checks import build_is_known, driver_serves_torch, torch_has_code_for_the_card, torch_is_a_gpu_build
from mlenv_checks.torch.facts import Torch, TorchBuild, TorchDevice
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Libraries, Pasted, Place, Project, Python, Wanted

RTX = Card(0, "NVIDIA GeForce RTX 3060", capability="8.6")
PASCAL = Card(1, "NVIDIA GeForce GTX 1080", capability="6.1")
BLACKWELL = Card(0, "NVIDIA GeForce RTX 5060 Ti", capability="12.0")
SILENT = Card(0, "NVIDIA GPU of tomorrow")
MACHINE = Place()
LINUX = Python(version="3.12.4", machine="x86_64")
NOT_ASKED = Missing("cuda", "not-asked", "not checked with --quick")
ARCHS = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")
OLD_ARCHS = ("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
CPU = TorchBuild("/t", "2.15.0+cpu")
CU130 = TorchBuild("/t", "2.14.1+cu130", "13.0", archs=ARCHS)
CU128 = TorchBuild("/t", "2.10.0+cu128", "12.8", archs=("sm_70", *ARCHS))
CU126 = TorchBuild("/t", "2.7.1+cu126", "12.6", archs=OLD_ARCHS)
ROCM = TorchBuild("/t", "2.9.0+rocm6.4", hip="6.4")
ON_PURPOSE = Project(requirements=(Declared("torch==2.15.0+cpu", "requirements.txt"),))


def gpu(*cards: Card, **more: Any) -> Gpu:
    return Gpu(
        **{
            "nvml": 0,
            "library": "/l",
            "driver": "580.65.06",
            "module": "580.65.06",
            "cuda": "13.0",
            "cards": cards or (RTX,),
            **more,
        }
    )


OLD_DRIVER = gpu(driver="535.183.01", cuda="12.2")
HIDDEN = gpu(variables={"CUDA_VISIBLE_DEVICES": ""})
NO_DRIVER = Gpu(pci=(PciCard("01", "10de", "2504"),))
WITH_AMD = gpu(pci=(PciCard("02", "1002", "744c"),))
Found = tuple[str, str, str]


def said(found: Finding) -> Found:
    """Status, cause (or what blocks) and fix."""
    return found.status.value, found.cause or found.blocked_by or "", found.fix.id if found.fix else ""


def all_said(found: Finding | Iterable[Finding]) -> list[Found]:
    return [said(found)] if isinstance(found, Finding) else [said(one) for one in found]


@pytest.mark.parametrize(
    ("build", "status", "words"),
    [
        (CU130, "pass", "torch 2.14.1+cu130, built for CUDA 13.0"),
        (CPU, "pass", "torch 2.15.0+cpu, a CPU-only build"),
        (ROCM, "pass", "torch 2.9.0+rocm6.4, built for AMD GPUs"),
        (TorchBuild("/t", "2.9.0+xpu", xpu="2025"), "pass", "built for Intel GPUs"),
        (TorchBuild(), "skip", "not installed"),
        (TorchBuild("/t"), "unknown", "/t does not say"),
        (NOT_ASKED, "skip", "--quick"),
        (
            Missing("torch_build", "error", "could not be read", "Traceback\nOSError: no"),
            "unknown",
            "could not be read: OSError: no",
        ),
        (Missing("torch_build", "timeout", "did not answer"), "unknown", "did not answer"),
    ],
)
def test_build(build: TorchBuild | Missing, status: str, words: str) -> None:
    found = build_is_known(Python(), build)
    assert isinstance(found, Finding)
    assert (found.status.value, words in found.message) == (status, True), found.message


BUILD_CASES = {
    "a CUDA build": (CU130, gpu(), MACHINE, Project(), ("pass", "", "")),
    "a CUDA build without a GPU": (CU130, Gpu(), MACHINE, Project(), ("pass", "", "")),
    "CPU only beside a GPU": (CPU, gpu(), MACHINE, Project(), ("fail", "cpu-only-torch", "torch.install-gpu")),
    "CPU only without a GPU": (CPU, Gpu(), MACHINE, Project(), ("skip", "", "")),
    "CPU only on a Mac": (CPU, Gpu(metal=True), Place(os="macos"), Project(), ("skip", "", "")),
    "CPU only and no driver": (CPU, NO_DRIVER, MACHINE, Project(), ("skip", "gpu.driver", "")),
    "CPU only and hidden": (CPU, HIDDEN, MACHINE, Project(), ("skip", "gpu.visible", "")),
    "CPU only on purpose": (CPU, gpu(), MACHINE, ON_PURPOSE, ("skip", "", "")),
    "CPU only in CI": (CPU, gpu(), Place(kind="container", kinds=("container", "ci")), Project(), ("skip", "", "")),
    "AMD build beside NVIDIA": (ROCM, gpu(), MACHINE, Project(), ("fail", "cpu-only-torch", "torch.install-gpu")),
    "AMD build beside both": (ROCM, WITH_AMD, MACHINE, Project(), ("pass", "", "")),
    "CPU only beside both": (CPU, WITH_AMD, MACHINE, Project(), ("fail", "cpu-only-torch", "torch.install-gpu")),
    "no torch": (TorchBuild(), gpu(), MACHINE, Project(), ("skip", "", "")),
    "a torch that does not say": (TorchBuild("/t"), gpu(), MACHINE, Project(), ("skip", "", "")),
}


@pytest.mark.parametrize(("build", "facts", "place", "project", "expected"), BUILD_CASES.values(), ids=BUILD_CASES)
def test_gpu_build(build: TorchBuild, facts: Gpu, place: Place, project: Project, expected: Found) -> None:
    found = torch_is_a_gpu_build(build, facts, NOT_ASKED, place, project, LINUX, Libraries(), Wanted(), NOT_ASKED)
    assert all_said(found) == [expected]


@pytest.mark.parametrize(
    ("facts", "options"),
    [
        (gpu(), ()),
        (OLD_DRIVER, ("--index-url", "https://download.pytorch.org/whl/cu126")),
        (gpu(cuda="", driver=""), ("--index-url", "https://download.pytorch.org/whl/cu126")),
    ],
    ids=["new driver", "old driver", "a driver that does not say"],
)
def test_the_command_suits_the_driver(facts: Gpu, options: tuple[str, ...]) -> None:
    unknown = Gpu(**{**facts.__dict__, "module": ""})
    found = torch_is_a_gpu_build(CPU, unknown, NOT_ASKED, MACHINE, Project(), LINUX, Libraries(), Wanted(), NOT_ASKED)
    assert isinstance(found, Finding)
    assert found.fix is not None
    assert (found.fix.values["packages"], found.fix.values["options"]) == (("torch",), options)


DRIVER_CASES = {
    "new enough": (CU130, gpu(), NOT_ASKED, ("pass", "", "")),
    "12.2 runs cu128": (CU128, OLD_DRIVER, NOT_ASKED, ("pass", "", "")),
    "13.0 runs cu126": (CU126, gpu(), NOT_ASKED, ("pass", "", "")),
    "12.2 does not run cu130": (CU130, OLD_DRIVER, NOT_ASKED, ("fail", "driver-too-old", "torch.match-driver")),
    "libcuda of a compatibility package counts": (
        CU130,
        OLD_DRIVER,
        CudaDriver("/c", init=0, version="13.0", count=1),
        ("pass", "", ""),
    ),
    "a build for a CUDA of tomorrow": (
        TorchBuild("/t", "3.0", "15.0"),
        gpu(),
        NOT_ASKED,
        ("fail", "driver-too-old", "torch.match-driver"),
    ),
    "the driver does not say": (CU130, gpu(driver="", module="", cuda=""), NOT_ASKED, ("unknown", "", "")),
    "a driver that no build is for": (CU130, gpu(cuda="9.0"), NOT_ASKED, ("fail", "driver-too-old", "torch.no-build")),
    "a CPU build": (CPU, gpu(), NOT_ASKED, ("skip", "torch.gpu-build", "")),
    "no torch": (TorchBuild(), gpu(), NOT_ASKED, ("skip", "", "")),
    "no GPU": (CU130, Gpu(), NOT_ASKED, ("skip", "", "")),
    "hidden": (CU130, HIDDEN, NOT_ASKED, ("skip", "gpu.visible", "")),
}


@pytest.mark.parametrize(("build", "facts", "cuda", "expected"), DRIVER_CASES.values(), ids=DRIVER_CASES)
def test_driver(build: TorchBuild, facts: Gpu, cuda: CudaDriver | Missing, expected: Found) -> None:
    assert all_said(driver_serves_torch(build, facts, cuda, MACHINE, LINUX, Libraries(), Wanted(), NOT_ASKED)) == [expected]


def test_the_message_names_both_versions() -> None:
    found = driver_serves_torch(CU130, OLD_DRIVER, NOT_ASKED, MACHINE, LINUX, Libraries(), Wanted(), NOT_ASKED)
    assert isinstance(found, Finding)
    assert (
        found.message
        == "torch 2.14.1+cu130 needs driver 580 or newer; this machine has driver 535.183.01, which supports CUDA up to 12.2"
    )


ADA = Card(0, "NVIDIA GeForce RTX 4090", capability="8.9")
TOO_NEW = ("fail", "gpu-too-new-for-wheel", "torch.install-gpu")
SEEN = Torch(version="2.7.1", available=True, devices=(TorchDevice("NVIDIA GeForce GTX 1080", "6.1"),), archs=OLD_ARCHS)
CARD_CASES = {
    "covered": (CU130, gpu(), NOT_ASKED, [("pass", "", "")]),
    "8.9 runs code for 8.6": (CU130, gpu(ADA), NOT_ASKED, [("pass", "", "")]),
    "too new": (CU126, gpu(BLACKWELL), NOT_ASKED, [TOO_NEW]),
    "too old": (CU130, gpu(PASCAL), NOT_ASKED, [("fail", "gpu-too-old-for-wheel", "torch.install-gpu")]),
    "one of two too old, a build for both": (
        CU130,
        gpu(ADA, PASCAL),
        NOT_ASKED,
        [("pass", "", ""), ("warn", "gpu-too-old-for-wheel", "torch.install-gpu")],
    ),
    "one of two too old, no build for both": (
        CU130,
        gpu(BLACKWELL, PASCAL),
        NOT_ASKED,
        [("pass", "", ""), ("warn", "gpu-too-old-for-wheel", "gpu.hide-card")],
    ),
    "older than any build": (
        CU130,
        gpu(Card(0, "K40", capability="3.5")),
        NOT_ASKED,
        [("fail", "gpu-too-old-for-wheel", "torch.no-build")],
    ),
    "torch sees only the old one": (CU130, gpu(ADA, PASCAL), SEEN, [("fail", "gpu-too-old-for-wheel", "torch.install-gpu")]),
    "torch knows what its files do not show": (TorchBuild("/t", "2.7.1", "12.6"), gpu(PASCAL), SEEN, [("pass", "", "")]),
    "nobody knows the architectures": (TorchBuild("/t", "2.7.1", "12.5"), gpu(), NOT_ASKED, [("unknown", "", "")]),
    "the table knows them": (TorchBuild("/t", "2.7.1", "12.6"), gpu(), NOT_ASKED, [("pass", "", "")]),
    "the card does not tell": (CU130, gpu(SILENT), NOT_ASKED, [("unknown", "", "")]),
    "a board of its own kind": (CU130, gpu(Card(0, "Orin", capability="8.7")), NOT_ASKED, [("unknown", "", "")]),
    "the driver first": (CU130, gpu(PASCAL, cuda="12.2"), NOT_ASKED, [("skip", "torch.driver", "")]),
    "a CPU build": (CPU, gpu(), NOT_ASKED, [("skip", "torch.gpu-build", "")]),
    "no GPU": (CU130, Gpu(), NOT_ASKED, [("skip", "", "")]),
}


@pytest.mark.parametrize(("build", "facts", "torch", "expected"), CARD_CASES.values(), ids=CARD_CASES)
def test_card(build: TorchBuild, facts: Gpu, torch: Torch | Missing, expected: list[Found]) -> None:
    found = torch_has_code_for_the_card(build, torch, facts, NOT_ASKED, MACHINE, LINUX, Libraries(), Wanted())
    assert all_said(found) == expected


def test_only_the_cards_with_code_stay_in_sight() -> None:
    found = torch_has_code_for_the_card(
        CU130, NOT_ASKED, gpu(BLACKWELL, PASCAL), NOT_ASKED, MACHINE, LINUX, Libraries(), Wanted()
    )
    assert [dict(one.fix.values) for one in found if isinstance(one, Finding) and one.fix] == [{"cards": "0"}]  # type: ignore[union-attr]


def test_torch_itself_has_the_last_word_on_the_driver() -> None:
    """Compatibility libraries of data-centre cards let an older driver run newer builds."""
    works, fails = Torch(available=True), Torch()
    known = (CU130, OLD_DRIVER, NOT_ASKED, MACHINE, LINUX, Libraries(), Wanted())
    found = [driver_serves_torch(*known, torch) for torch in (works, fails)]
    assert [f.status.value for f in found if isinstance(f, Finding)] == ["pass", "fail"]


@pytest.mark.parametrize(
    ("python", "version", "status"),
    [
        (LINUX, "2.6.0+cpu", "skip"),
        (LINUX, "2.6.0", "fail"),
        (Python(version="3.12.4", machine="aarch64"), "2.6.0+cpu", "fail"),
        (Python(version="3.12.4", machine="AMD64", platform="win32"), "2.6.0+cpu", "fail"),
    ],
)
def test_a_build_for_the_cpu_in_a_pasted_report(python: Python, version: str, status: str) -> None:
    """On Linux x86-64 such a build was asked for; elsewhere it is what a plain install brought."""
    build = TorchBuild("/t", version)
    found = torch_is_a_gpu_build(build, gpu(), NOT_ASKED, MACHINE, Project(), python, Libraries(), Wanted(), Pasted())
    assert isinstance(found, Finding) and found.status.value == status
