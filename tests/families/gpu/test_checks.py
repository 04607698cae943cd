"""The checks of the family gpu, and what the facts about cards add up to, each called plainly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from mlenv_checks.gpu.checks import driver_works, no_variable_hides_the_gpu
from mlenv_checks.gpu.facts import Card, CudaDriver, DeviceNode, Gpu, KernelModule, PciCard
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Place, Project, Wanted

RTX = Card(0, "NVIDIA GeForce RTX 3060", "GPU-aa11", "01", "2504", "8.6", 12 << 30)
SECOND = Card(1, "NVIDIA GeForce RTX 3060", "GPU-bb22", "02", "2504", "8.6", 12 << 30)
ON_BUS = PciCard("0000:01:00.0", "10de", "2504", "nvidia")
WORKING = Gpu(
    pci=(ON_BUS,),
    module="550.54.15",
    library="/l/libnvidia-ml.so.550.54.15",
    nvml=0,
    driver="550.54.15",
    cuda="12.4",
    cards=(RTX,),
)
STARTS = CudaDriver("/lib/libcuda.so.550.54.15", init=0, version="12.4", count=1)
MACHINE, CONTAINER, WSL = Place(), Place(kind="container", kinds=("container",)), Place(kind="wsl", kinds=("wsl",))
NOT_ASKED = Missing("cuda", "not-asked", "not checked with --quick")
LATE = Missing("cuda", "timeout", "did not answer within 15 s")
ON_PURPOSE = Project(requirements=(Declared("torch==2.9.1+cpu", "requirements.txt"),))


def gpu(**changes: Any) -> Gpu:
    return Gpu(**{**WORKING.__dict__, **changes})


def pci(device: str, driver: str = "", vendor: str = "10de") -> tuple[PciCard, ...]:
    return (PciCard("0000:01:00.0", vendor, device, driver),)


def said(found: Finding | Iterable[Finding]) -> tuple[str, str, str]:
    """Status, cause (or what blocks) and fix of the first finding."""
    first, *_ = (found,) if isinstance(found, Finding) else found
    return first.status.value, first.cause or first.blocked_by or "", first.fix.id if first.fix else ""


BARE = {"module": "", "library": "", "nvml": None, "driver": "", "cuda": "", "cards": ()}  # the card without its driver
WELL, NONE = ("pass", "", ""), ("skip", "", "gpu.cloud")
SHUT_OUT = ("warn", "container-without-gpu", "gpu.container")
NO_DRIVER = ("fail", "driver-missing", "gpu.install-driver")
DROPPED = ("fail", "driver-dropped-gpu", "gpu.install-driver")
FLAVOUR = ("fail", "driver-wrong-flavour", "gpu.install-driver")
IN_WSL = ("fail", "wsl-linux-driver", "gpu.wsl-driver")
DRIVER_CASES = {
    "works": (WORKING, MACHINE, WELL),
    "works in WSL": (gpu(pci=(), module="", windows=True), WSL, WELL),
    "works in a container": (gpu(pci=()), CONTAINER, WELL),
    "a driver without its management library": (gpu(**{**BARE, "module": "550.54.15"}), MACHINE, WELL),
    "the same in a container": (gpu(**{**BARE, "module": "550.54.15", "nodes": ("nvidia0",)}), CONTAINER, WELL),
    "no driver": (gpu(**BARE), MACHINE, NO_DRIVER),
    "no driver and nouveau": (gpu(**{**BARE, "pci": pci("2504", "nouveau")}), MACHINE, NO_DRIVER),
    "given to a virtual machine": (gpu(**{**BARE, "pci": pci("2504", "vfio-pci")}), MACHINE, NONE),
    "a card from before CUDA's time": (gpu(**{**BARE, "pci": pci("128b")}), MACHINE, NONE),
    "nothing at all": (Gpu(), MACHINE, NONE),
    "only a driver package": (Gpu(library="/lib/libnvidia-ml.so.1", nvml=9), MACHINE, NONE),
    "only Intel": (Gpu(pci=pci("a780", "i915", "8086")), MACHINE, NONE),
    "AMD": (Gpu(pci=pci("74a1", "amdgpu", "1002")), MACHINE, ("skip", "", "")),
    "a Mac": (Gpu(metal=True), Place(os="macos"), ("skip", "", "")),
    "a Jetson": (Gpu(jetson="NVIDIA Jetson AGX Orin"), MACHINE, ("skip", "", "")),
    "an empty container": (Gpu(), CONTAINER, NONE),
    "a container beside a GPU": (gpu(**BARE), CONTAINER, SHUT_OUT),
    "a container with the module of the machine": (gpu(**{**BARE, "pci": (), "module": "550.54.15"}), CONTAINER, SHUT_OUT),
    "an image made for GPUs": (Gpu(variables={"NVIDIA_VISIBLE_DEVICES": "all"}), CONTAINER, SHUT_OUT),
    "an image told to have none": (Gpu(variables={"NVIDIA_VISIBLE_DEVICES": "void"}), CONTAINER, NONE),
    "a container with the library, without devices": (gpu(**{**BARE, "library": "/l", "nvml": 9}), CONTAINER, SHUT_OUT),
    "a container with an old card and a new driver": (
        gpu(**{**BARE, "library": "/l/libnvidia-ml.so.595.58.03", "nvml": 9, "pci": pci("1c81")}),
        CONTAINER,
        SHUT_OUT,
    ),
    "a pod": (gpu(**BARE), Place(kind="kubernetes"), SHUT_OUT),
    "a container that lost its GPU": (
        gpu(nvml=999, cards=()),
        CONTAINER,
        ("fail", "container-lost-gpu", "gpu.restart-container"),
    ),
    "code 999 on a machine": (gpu(nvml=999, cards=()), MACHINE, ("unknown", "", "")),
    "a module that is not loaded": (
        gpu(nvml=9, cards=(), module=""),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.load-module"),
    ),
    "nouveau has the card": (
        gpu(nvml=9, cards=(), module="", pci=pci("2504", "nouveau")),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.without-nouveau"),
    ),
    "built for another kernel": (
        gpu(nvml=9, cards=(), module="", kernel=KernelModule("6.8.0-61", False, ("6.8.0-60",))),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.build-module"),
    ),
    "never built": (
        gpu(nvml=9, cards=(), module="", pci=(), nodes=("nvidiactl",), kernel=KernelModule("6.8.0-61", False)),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.build-module"),
    ),
    "Secure Boot": (
        gpu(nvml=9, cards=(), module="", kernel=KernelModule("6.8.0-61", True, secure_boot=True)),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.enrol-key"),
    ),
    "built, and nothing forbids it": (
        gpu(nvml=9, cards=(), module="", kernel=KernelModule("6.8.0-61", True, secure_boot=False)),
        MACHINE,
        ("fail", "driver-module-not-loaded", "gpu.load-module"),
    ),
    "files of a group": (
        gpu(nvml=4, cards=(), closed=(DeviceNode("/dev/nvidia0", "10de", mode=0o660, gid=44, group="video"),)),
        MACHINE,
        ("fail", "gpu-permission", "gpu.join-group"),
    ),
    "files of root": (
        gpu(nvml=4, cards=(), closed=(DeviceNode("/dev/nvidia0", "10de", mode=0o600, group="root"),)),
        MACHINE,
        ("fail", "gpu-permission", "gpu.permission"),
    ),
    "versions differ": (gpu(nvml=18, cards=()), MACHINE, ("fail", "driver-mismatch", "gpu.reboot")),
    "no permission": (gpu(nvml=4, cards=()), MACHINE, ("fail", "gpu-permission", "gpu.permission")),
    "a Linux driver in WSL": (Gpu(windows=True, library="/l", nvml=9), WSL, IN_WSL),
    "blocked by Windows": (Gpu(windows=True, library="/l", nvml=17), WSL, IN_WSL),
    "WSL on a PC without NVIDIA": (Gpu(library="/l", nvml=9), WSL, NONE),
    "a driver that dropped the card": (
        gpu(**{**BARE, "nvml": 9, "pci": pci("1c81"), "library": "/l/libnvidia-ml.so.595.58.03"}),
        MACHINE,
        DROPPED,
    ),
    "the same, running": (gpu(nvml=0, cards=(), module="595.58.03", driver="595.58.03", pci=pci("1c81")), MACHINE, DROPPED),
    "an unknown card is not called dropped": (
        gpu(nvml=0, cards=(), driver="595.58.03", pci=pci("ffff")),
        MACHINE,
        ("unknown", "", ""),
    ),
    "open module, old card": (gpu(cards=(), open=True, pci=pci("1c81")), MACHINE, FLAVOUR),
    "proprietary module, new card": (gpu(cards=(), pci=pci("2b85")), MACHINE, FLAVOUR),
    "a driver that finds nothing": (gpu(cards=()), MACHINE, ("unknown", "", "")),
    "nothing in a container": (gpu(cards=()), CONTAINER, SHUT_OUT),
    "a driver that hangs": (gpu(**{**BARE, "silent": 15.0}), MACHINE, ("unknown", "", "")),
    "the only card is lost": (gpu(cards=(Card(0, error=15),)), MACHINE, ("fail", "gpu-lost", "gpu.reboot")),
    "Colab": (Gpu(), Place(kind="colab", kinds=("colab", "container")), ("warn", "place-without-accelerator", "gpu.turn-on")),
    "Codespaces": (Gpu(), Place(kind="codespaces", kinds=("codespaces", "container")), NONE),
    "Colab, whose image is made for GPUs": (
        Gpu(variables={"NVIDIA_VISIBLE_DEVICES": "all"}, library="/l", nvml=9),
        Place(kind="colab", kinds=("colab", "container")),
        ("warn", "place-without-accelerator", "gpu.turn-on"),
    ),
    "Kaggle": (
        Gpu(),
        Place(kind="container", kinds=("container", "kaggle")),
        ("warn", "place-without-accelerator", "gpu.turn-on"),
    ),
}


@pytest.mark.parametrize(("facts", "place", "expected"), DRIVER_CASES.values(), ids=DRIVER_CASES)
def test_driver(facts: Gpu, place: Place, expected: tuple[str, str, str]) -> None:
    assert said(driver_works(facts, place, Wanted(), Project())) == expected


@pytest.mark.parametrize(
    ("facts", "place", "expected"),
    [
        (Gpu(), MACHINE, ("fail", "place-without-accelerator", "gpu.cloud")),
        (Gpu(scheduler="slurm"), MACHINE, ("fail", "place-without-accelerator", "gpu.turn-on")),
        (Gpu(), CONTAINER, ("fail", "container-without-gpu", "gpu.container")),
        (gpu(**BARE), CONTAINER, ("fail", "container-without-gpu", "gpu.container")),
        (Gpu(), Place(kind="codespaces"), ("fail", "place-without-accelerator", "gpu.turn-on")),
        (Gpu(), Place(kind="colab"), ("fail", "place-without-accelerator", "gpu.turn-on")),
        (Gpu(pci=pci("128b")), MACHINE, ("fail", "place-without-accelerator", "gpu.cloud")),
        (Gpu(metal=True), MACHINE, ("skip", "", "")),
        (WORKING, MACHINE, ("pass", "", "")),
        (gpu(**BARE), MACHINE, ("fail", "driver-missing", "gpu.install-driver")),
    ],
)
def test_driver_where_a_gpu_is_required(facts: Gpu, place: Place, expected: tuple[str, str, str]) -> None:
    assert said(driver_works(facts, place, Wanted(gpu=True), Project())) == expected


def test_a_project_for_the_cpu_needs_no_driver() -> None:
    assert said(driver_works(gpu(**BARE), MACHINE, Wanted(), ON_PURPOSE)) == ("warn", "driver-missing", "gpu.install-driver")
    assert said(driver_works(gpu(**BARE, silent=1.0), MACHINE, Wanted(), ON_PURPOSE)) == ("unknown", "", "")
    assert said(driver_works(gpu(**BARE), MACHINE, Wanted(gpu=True), ON_PURPOSE)) == NO_DRIVER


@pytest.mark.parametrize(("missing", "status"), [(NOT_ASKED, "skip"), (LATE, "unknown")])
def test_driver_unread(missing: Missing, status: str) -> None:
    assert said(driver_works(missing, MACHINE, Wanted(), Project()))[0] == status


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (WORKING, "NVIDIA GeForce RTX 3060, driver 550.54.15 (CUDA up to 12.4)"),
        (gpu(cards=(RTX, SECOND), cuda=""), "2 x NVIDIA GeForce RTX 3060, driver 550.54.15"),
        (gpu(**{**BARE, "module": "535.1"}), "NVIDIA GeForce RTX 3060 Lite Hash Rate, driver 535.1"),
    ],
)
def test_what_a_working_driver_says(facts: Gpu, message: str) -> None:
    found = next(iter(driver_works(facts, MACHINE, Wanted(), Project())))  # type: ignore[arg-type]
    assert found.message == message


@pytest.mark.parametrize(
    ("value", "cuda", "place", "expected"),
    [
        (None, STARTS, MACHINE, ("pass", "", "")),
        ("0", STARTS, MACHINE, ("pass", "", "")),
        ("0", NOT_ASKED, MACHINE, ("pass", "", "")),
        ("MIG-1", NOT_ASKED, MACHINE, ("pass", "", "")),
        ("", NOT_ASKED, MACHINE, ("fail", "cuda-visible-devices", "gpu.show")),
        ("3", CudaDriver("l", init=100, unhidden=1), MACHINE, ("fail", "cuda-visible-devices", "gpu.show")),
        ("MIG-1", CudaDriver("l", init=100, unhidden=1), MACHINE, ("fail", "cuda-visible-devices", "gpu.show")),
        ("0", CudaDriver("l", init=999, unhidden=0), MACHINE, ("pass", "", "")),
        ("", NOT_ASKED, Place(kind="slurm"), ("skip", "", "")),
        ("", NOT_ASKED, Place(kinds=("ci",)), ("skip", "", "")),
    ],
)
def test_visible_devices(value: str | None, cuda: CudaDriver | Missing, place: Place, expected: tuple[str, str, str]) -> None:
    facts = gpu(variables={} if value is None else {"CUDA_VISIBLE_DEVICES": value})
    assert said(no_variable_hides_the_gpu(facts, cuda, place, Project())) == expected


def test_visible_devices_where_nothing_can_be_hidden() -> None:
    hidden = {"CUDA_VISIBLE_DEVICES": "-1"}
    assert said(no_variable_hides_the_gpu(Gpu(variables=hidden), NOT_ASKED, MACHINE, Project())) == ("skip", "", "")
    assert said(no_variable_hides_the_gpu(gpu(**BARE), NOT_ASKED, MACHINE, Project())) == ("skip", "gpu.driver", "")
    assert said(no_variable_hides_the_gpu(gpu(variables=hidden), NOT_ASKED, MACHINE, ON_PURPOSE)) == ("skip", "", "")
    assert said(no_variable_hides_the_gpu(gpu(variables=hidden, scheduler="slurm"), NOT_ASKED, MACHINE, Project())) == (
        "skip",
        "",
        "",
    )


def test_how_many_are_hidden_is_said() -> None:
    facts = gpu(cards=(RTX, SECOND), variables={"CUDA_VISIBLE_DEVICES": ""})
    found = no_variable_hides_the_gpu(facts, NOT_ASKED, MACHINE, Project())
    assert isinstance(found, Finding)
    assert found.message == "CUDA_VISIBLE_DEVICES is set to nothing, which hides all 2 GPUs from every program"
