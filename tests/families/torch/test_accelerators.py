"""PyTorch on a Mac, on an Intel GPU and on a Jetson board, each called plainly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlenv_checks.gpu.facts import Accelerators, DeviceNode, Gpu, PciCard
from mlenv_checks.torch.accelerators import (
    programs_get_to_the_intel_gpu,
    torch_is_made_for_the_board,
    torch_uses_the_gpu_of_the_mac,
)
from mlenv_checks.torch.checks import driver_serves_torch, torch_is_a_gpu_build
from mlenv_checks.torch.facts import Torch, TorchBuild
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Distribution, Libraries, Place, Project, Python, Wanted

MACHINE, MAC, CI = Place(), Place(os="macos"), Place(os="macos", kind="ci", kinds=("ci", "machine"))
ARM = Python(version="3.12.4", platform="darwin", machine="arm64", apple_silicon=True)
ROSETTA = Python(version="3.12.4", platform="darwin", machine="x86_64", apple_silicon=True)
INTEL_MAC = Python(version="3.12.4", platform="darwin", machine="x86_64")
NOBODY, WANTED = Wanted(), Wanted(gpu=True)
NOT_ASKED = Missing("torch", "not-asked", "not checked with --quick")
OK, SKIP, UNKNOWN = ("pass", "", ""), ("skip", "", ""), ("unknown", "", "")


def said(found: Finding) -> tuple[str, str, str]:
    """Status, cause (or what blocks) and fix."""
    return found.status.value, found.cause or found.blocked_by or "", found.fix.id if found.fix else ""


def mac(
    version: str,
    macos: str,
    *,
    mps: bool | None = False,
    built: bool = True,
    python: Python = ARM,
    place: Place = MAC,
    gpu: bool = False,
) -> Finding:
    torch = Torch(version, mps=mps, mps_built=built)
    return torch_uses_the_gpu_of_the_mac(torch, Accelerators(macos=macos), python, place, Wanted(gpu=gpu))


UPDATE = ("warn", "mps-unavailable", "mac.update")
MACS: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "in use": (lambda: mac("2.13.0", "15.5", mps=True), OK),
    "in use on an Intel Mac": (lambda: mac("2.2.2", "13.5", mps=True, python=INTEL_MAC), OK),
    "not a Mac": (lambda: mac("2.13.0", "", place=MACHINE), SKIP),
    "Rosetta": (lambda: mac("2.2.2", "15.5", python=ROSETTA), ("skip", "python.wheels", "")),
    "Intel Mac": (lambda: mac("2.2.2", "13.5", python=INTEL_MAC, built=False), SKIP),
    "CI": (lambda: mac("2.13.0", "15.5", place=CI), SKIP),
    "macOS 13 with a new torch": (lambda: mac("2.13.0", "13.7.4"), UPDATE),
    "macOS 12 with torch 2.5": (lambda: mac("2.5.1", "12.7.6"), UPDATE),
    "macOS 12.2 with torch 1.13": (lambda: mac("1.13.1", "12.2.1"), UPDATE),
    "that, required": (lambda: mac("2.13.0", "13.7.4", gpu=True), ("fail", "mps-unavailable", "mac.update")),
    "macOS 12.6 with torch 2.4": (lambda: mac("2.4.1", "12.6"), UNKNOWN),
    "macOS 14.0 exactly": (lambda: mac("2.13.0", "14.0"), UNKNOWN),
    "macOS 26": (lambda: mac("2.13.0", "26.3.1"), UNKNOWN),
    "macOS not known": (lambda: mac("2.13.0", ""), UNKNOWN),
    "before there was MPS": (lambda: mac("1.11.0", "15.5", mps=None), UNKNOWN),
    "built without": (lambda: mac("1.11.0", "15.5", mps=None, built=False), ("warn", "mps-unavailable", "torch.install-mps")),
}  # fmt: skip


@pytest.mark.parametrize("case", MACS)
def test_mac(case: str) -> None:
    call, expected = MACS[case]
    assert said(call()) == expected


ON_BUS = Gpu(pci=(PciCard("00:02.0", "8086", "a780", "i915"),))
XPU = TorchBuild("/t", "2.13.0+xpu", xpu="20250200")
CLOSED = DeviceNode("/dev/dri/renderD128", "8086", mode=0o660, gid=109, group="render")
OPEN = DeviceNode("/dev/dri/renderD129", "8086", openable=True)
AMD_OPEN = DeviceNode("/dev/dri/renderD130", "1002", openable=True)


def intel(
    build: TorchBuild = XPU,
    *nodes: DeviceNode,
    gpu: Gpu = ON_BUS,
    xpu: bool | None = None,
    place: Place = MACHINE,
    user: str = "ada",
) -> Finding:
    return programs_get_to_the_intel_gpu(build, Torch("2.13.0", xpu=xpu), Accelerators(render=nodes, user=user), gpu, place)


NO_ACCESS = ("warn", "xpu-no-access", "xpu.groups")
INTELS: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "every laptop": (lambda: intel(TorchBuild("/t", "2.13.0+cpu"), CLOSED), SKIP),
    "no card": (lambda: intel(TorchBuild("/t", "2.13.0+cpu"), gpu=Gpu()), SKIP),
    "in use": (lambda: intel(XPU, CLOSED, xpu=True), OK),
    "the build without a card": (lambda: intel(XPU, gpu=Gpu()), SKIP),
    "CI": (lambda: intel(XPU, CLOSED, place=CI), SKIP),
    "closed": (lambda: intel(XPU, CLOSED, AMD_OPEN), NO_ACCESS),
    "closed, nobody has a name": (lambda: intel(XPU, DeviceNode("/dev/dri/renderD128", "8086"), user=""), NO_ACCESS),
    "one of two is open": (lambda: intel(XPU, CLOSED, OPEN), UNKNOWN),
    "no file": (lambda: intel(XPU), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", INTELS)
def test_intel(case: str) -> None:
    call, expected = INTELS[case]
    assert said(call()) == expected


def test_intel_without_asking_torch() -> None:
    accelerators = Accelerators(render=(CLOSED,), user="ada")
    assert said(programs_get_to_the_intel_gpu(XPU, NOT_ASKED, accelerators, ON_BUS, MACHINE)) == NO_ACCESS


ORIN, THOR = "NVIDIA Jetson AGX Orin Developer Kit", "NVIDIA Jetson AGX Thor Developer Kit"
JETPACK_6 = Python(version="3.10.12", machine="aarch64")
SERVER = ("sm_80", "sm_90", "sm_100", "sm_110", "sm_120")
CPU = TorchBuild("/t", "2.9.1+cpu")
PYPI = TorchBuild("/t", "2.13.0+cu130", cuda="13.0", archs=SERVER)
NVIDIAS = TorchBuild("/t", "2.5.0a0+872d972e41.nv24.08", cuda="12.6", archs=("sm_87",))
NEWEST = TorchBuild("/t", "2.15.0+cu132", cuda="13.2", archs=SERVER)
DUMB = TorchBuild("/t", "2.8.0", cuda="12.6")
WORKS = Torch("2.8.0", cuda="12.6", available=True)
VISION = Libraries(distributions=(Distribution("torchvision", "0.23.0", "/t"), Distribution("torchaudio", "2.8.0", "/t")))


def jetson(
    build: TorchBuild,
    model: str = ORIN,
    *,
    torch: Torch | Missing = NOT_ASKED,
    l4t: str = "36.4.3",
    place: Place = MACHINE,
    purpose: str = "",
    python: Python = JETPACK_6,
    pci: tuple[PciCard, ...] = (),
) -> Finding:
    project = Project(requirements=(Declared(purpose, "requirements.txt"),))
    gpu = Gpu(jetson=model, pci=pci)
    return torch_is_made_for_the_board(build, torch, Accelerators(l4t=l4t), gpu, place, project, python, VISION, NOBODY)


HERE, GUIDE = ("fail", "jetson-wheel", "torch.install-jetson"), ("fail", "jetson-wheel", "torch.jetson")
BOARDS: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "CPU build": (lambda: jetson(CPU), HERE),
    "the build for servers": (lambda: jetson(PYPI), HERE),
    "the same, said by torch": (lambda: jetson(TorchBuild("/t", "2.13.0+cu130", cuda="13.0"),
                                               torch=Torch("2.13.0", available=True, archs=SERVER)), HERE),
    "another Python": (lambda: jetson(CPU, python=Python(version="3.12.4", machine="aarch64")), GUIDE),
    "JetPack 5": (lambda: jetson(CPU, l4t="35.4.1"), GUIDE),
    "a container does not tell": (lambda: jetson(CPU, l4t=""), GUIDE),
    "a Xavier": (lambda: jetson(CPU, "NVIDIA Jetson Xavier NX Developer Kit"), GUIDE),
    "NVIDIA's build": (lambda: jetson(NVIDIAS), OK),
    "NVIDIA's build, which sees nothing": (lambda: jetson(NVIDIAS, torch=Torch("2.5.0a0")), UNKNOWN),
    "NVIDIA's build, at work": (lambda: jetson(NVIDIAS, torch=WORKS), OK),
    "a build that does not tell, at work": (lambda: jetson(DUMB, torch=WORKS), OK),
    "a build that does not tell": (lambda: jetson(DUMB), UNKNOWN),
    "CUDA 13.2": (lambda: jetson(NEWEST), UNKNOWN),
    "CUDA 13.2, at work": (lambda: jetson(NEWEST, torch=WORKS), OK),
    "Thor": (lambda: jetson(PYPI, THOR, l4t="38.2.0"), OK),
    "Thor with the CPU build": (lambda: jetson(CPU, THOR, l4t="38.2.0"), ("fail", "jetson-wheel", "torch.install-gpu")),
    "no torch": (lambda: jetson(TorchBuild()), SKIP),
    "a server": (lambda: jetson(CPU, ""), SKIP),
    "a board that is not known": (lambda: jetson(CPU, "NVIDIA DGX Spark"), SKIP),
    "with a card of its own": (lambda: jetson(PYPI, "NVIDIA IGX Orin Developer Kit",
                                              pci=(PciCard("01:00.0", "10de", "26b1", "nvidia"),)), SKIP),
    "CI": (lambda: jetson(CPU, place=CI), SKIP),
    "on purpose": (lambda: jetson(CPU, purpose="torch==2.9.1+cpu"), SKIP),
}  # fmt: skip


@pytest.mark.parametrize("case", BOARDS)
def test_jetson(case: str) -> None:
    call, expected = BOARDS[case]
    assert said(call()) == expected


def test_the_command_for_an_orin() -> None:
    way = jetson(CPU).fix
    assert way and way.values["packages"] == ("torch==2.8.0", "torchvision==0.23.0", "torchaudio==2.8.0")


def test_other_checks_leave_a_board_alone() -> None:
    gpu, none = Gpu(jetson=ORIN), Missing("cuda", "not-asked", "not checked")
    build = torch_is_a_gpu_build(CPU, gpu, none, MACHINE, Project(), JETPACK_6, VISION, NOBODY, none)
    driver = driver_serves_torch(PYPI, gpu, none, MACHINE, JETPACK_6, VISION, NOBODY, none)
    assert said(build) == said(driver) == SKIP and "torch.jetson" in build.message + driver.message
