"""AMD GPUs: who may open them, and whether PyTorch is built for them; each called plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlenv_checks.gpu import amd
from mlenv_checks.gpu.facts import Accelerators, Card, DeviceNode, Gpu, PciCard
from mlenv_checks.torch.facts import Torch, TorchBuild
from mlenv_checks.torch.rocm import torch_has_code_for_the_amd_gpu, torch_is_built_for_amd
from mlenv_checks.torch.rocm_access import programs_get_to_the_amd_gpu
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Distribution, Libraries, Place, Project, Python, Wanted

KFD = DeviceNode("/dev/kfd", openable=True, mode=0o660, gid=109, group="render")
RENDER = DeviceNode("/dev/dri/renderD128", "1002", openable=True, mode=0o660, gid=109, group="render")
INTEL = DeviceNode("/dev/dri/renderD129", "8086", openable=True, mode=0o660, gid=109, group="render")
GPU = Gpu(pci=(PciCard("03:00.0", "1002", "744c", "amdgpu"),))
NVIDIA = Gpu(cards=(Card(0, "NVIDIA GeForce RTX 3060"),))
HIP = TorchBuild("/t", "2.13.0+rocm7.2", hip="7.2.1", archs=("gfx1030", "gfx1100", "gfx90a"))
CPU = TorchBuild("/t", "2.13.0+cpu")
CUDA = TorchBuild("/t", "2.13.0+cu130", cuda="13.0")
PYTHON = Python(version="3.12.4", machine="x86_64")
MACHINE, CONTAINER = Place(), Place(kind="container", kinds=("container", "machine"))
CI, WSL = Place(kind="ci", kinds=("ci", "machine")), Place(kind="wsl", kinds=("wsl", "machine"))
NOBODY, WANTED = Wanted(), Wanted(gpu=True)
PLAIN, EMPTY = Project(), Libraries()
NOT_ASKED = Missing("torch", "not-asked", "not checked with --quick")
WORKING = Torch("2.13.0+rocm7.2", hip="7.2.1", available=True, archs=("gfx1100",))
SILENT = Torch("2.13.0+rocm7.2", hip="7.2.1")


def amds(*gfx: str, **changes: Any) -> Accelerators:
    """A machine with these processors, all in order but for the changes."""
    return Accelerators(**{"kfd": KFD, "render": (RENDER, INTEL), "amdgpu": True, "gfx": gfx, "user": "ada", **changes})


def closed(node: DeviceNode = KFD, **changes: Any) -> DeviceNode:
    return DeviceNode(**{**node.__dict__, "openable": False, **changes})


def said(found: Finding) -> tuple[str, str, str]:
    """Status, cause (or what blocks) and fix."""
    return found.status.value, found.cause or found.blocked_by or "", found.fix.id if found.fix else ""


RX = amds("gfx1100")
OK, SKIP, UNKNOWN = ("pass", "", ""), ("skip", "", ""), ("unknown", "", "")


def shut(fix: str, status: str = "fail") -> tuple[str, str, str]:
    return status, "rocm-no-access", fix


ACCESS: dict[str, tuple[Any, ...]] = {
    "not checked": (Missing("accelerators", "not-asked", "not checked"), HIP, NOT_ASKED, MACHINE, SKIP),
    "a pasted report": (Missing("accelerators", "absent", "is not in the report"), HIP, NOT_ASKED, MACHINE, SKIP),
    "no answer": (Missing("accelerators", "timeout", "gave no answer"), HIP, NOT_ASKED, MACHINE, UNKNOWN),
    "all in order": (RX, HIP, NOT_ASKED, MACHINE, OK),
    "torch works whatever the files say": (amds("gfx1100", kfd=closed()), HIP, WORKING, MACHINE, OK),
    "another build": (amds("gfx1100", kfd=closed()), CUDA, NOT_ASKED, MACHINE, SKIP),
    "in WSL": (RX, HIP, NOT_ASKED, WSL, SKIP),
    "on Windows": (RX, HIP, NOT_ASKED, Place(os="windows"), SKIP),
    "CI": (amds("gfx1100", kfd=None), HIP, SILENT, CI, SKIP),
    "the group": (amds("gfx1100", kfd=closed()), HIP, SILENT, MACHINE, shut("rocm.groups")),
    "logged in before": (amds("gfx1100", kfd=closed(listed=True)), HIP, SILENT, MACHINE, shut("rocm.log-in")),
    "for root alone": (amds("gfx1100", kfd=closed(mode=0o600)), HIP, SILENT, MACHINE, shut("rocm.rights")),
    "for root's group": (amds("gfx1100", kfd=closed(gid=0, group="root")), HIP, SILENT, MACHINE, shut("rocm.rights")),
    "the group may only read": (amds("gfx1100", kfd=closed(mode=0o640)), HIP, SILENT, MACHINE, shut("rocm.rights")),
    "one of two cards is closed": (amds("gfx1100", render=(closed(RENDER), RENDER)), HIP, SILENT, MACHINE, OK),
    "no name": (amds("gfx1100", kfd=closed(), user=""), HIP, SILENT, MACHINE, shut("rocm.rights")),
    "no name of the group": (amds("gfx1100", kfd=closed(group="")), HIP, SILENT, CONTAINER, shut("rocm.container")),
    "render node": (amds("gfx1100", render=(closed(RENDER), INTEL)), HIP, SILENT, MACHINE, shut("rocm.groups")),
    "container without kfd": (amds("gfx1100", kfd=None, render=()), HIP, SILENT, CONTAINER, shut("rocm.container")),
    "container without dri": (amds("gfx1100", render=()), HIP, SILENT, CONTAINER, shut("rocm.container")),
    "a part of the processor": (amds("gfx1036", kfd=closed()), HIP, SILENT, MACHINE, shut("rocm.groups", "warn")),
    "a part that is served": (amds("gfx1036", kfd=closed()), TorchBuild("/t", "2", hip="7", archs=("gfx1036",)), SILENT,
                              MACHINE, shut("rocm.groups")),
    "driver not loaded": (Accelerators(), HIP, SILENT, MACHINE, shut("rocm.driver", "warn")),
    "driver without computing": (Accelerators(amdgpu=True), HIP, SILENT, MACHINE, shut("rocm.driver", "warn")),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCESS)
def test_access(case: str) -> None:
    accelerators, build, torch, place, expected = ACCESS[case]
    assert said(programs_get_to_the_amd_gpu(accelerators, GPU, build, torch, place, Wanted())) == expected


def test_a_required_gpu_makes_it_a_fault() -> None:
    found = programs_get_to_the_amd_gpu(Accelerators(), GPU, HIP, SILENT, MACHINE, WANTED)
    assert said(found) == shut("rocm.driver")


def test_no_amd_gpu_or_one_that_was_given_away() -> None:
    given = Gpu(pci=(PciCard("03:00.0", "1002", "744c", "vfio-pci"),))
    for gpu in (Gpu(), given):
        assert said(programs_get_to_the_amd_gpu(Accelerators(), gpu, HIP, SILENT, MACHINE, Wanted())) == SKIP


def test_words_about_rights() -> None:
    belongs = programs_get_to_the_amd_gpu(amds("gfx1100", kfd=closed(group="")), GPU, HIP, SILENT, CONTAINER, Wanted())
    assert "belongs to the group 109" in belongs.message
    assert belongs.fix and belongs.fix.values["groups"] == "--group-add 109"
    without = programs_get_to_the_amd_gpu(Accelerators(gfx=("gfx1100",)), GPU, HIP, SILENT, CONTAINER, Wanted())
    assert without.fix and without.fix.values["groups"] == "--group-add GROUP"


def build(
    installed: TorchBuild = CPU,
    accelerators: Accelerators = RX,
    place: Place = MACHINE,
    gpu: Gpu = GPU,
    torch: Torch | Missing = NOT_ASKED,
    project: Project = PLAIN,
    wanted: Wanted = NOBODY,
    python: Python = PYTHON,
    libraries: Libraries = EMPTY,
) -> Finding:
    return torch_is_built_for_amd(installed, torch, accelerators, gpu, place, project, python, libraries, wanted)


IDLE = ("warn", "cpu-only-torch", "torch.install-rocm")
BUILDS: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "for the CPU": (lambda: build(), IDLE),
    "for NVIDIA": (lambda: build(CUDA), IDLE),
    "required": (lambda: build(wanted=WANTED), ("fail", "cpu-only-torch", "torch.install-rocm")),
    "for AMD": (lambda: build(HIP), OK),
    "no torch": (lambda: build(TorchBuild()), SKIP),
    "on a Mac": (lambda: build(place=Place(os="macos")), SKIP),
    "no AMD GPU": (lambda: build(accelerators=Accelerators()), SKIP),
    "a container without it": (lambda: build(accelerators=amds("gfx1100", kfd=None)), SKIP),
    "beside an NVIDIA card": (lambda: build(gpu=NVIDIA), SKIP),
    "for Intel": (lambda: build(TorchBuild("/t", "2.13.0+xpu", xpu="2025.2")), SKIP),
    "it works": (lambda: build(torch=WORKING), SKIP),
    "CI": (lambda: build(place=CI), SKIP),
    "on purpose": (lambda: build(project=Project(requirements=(Declared("torch==2.13.0+cpu", "requirements.txt"),))), SKIP),
    "a part of the processor": (lambda: build(accelerators=amds("gfx1036")), SKIP),
    "an old card": (lambda: build(accelerators=amds("gfx1010")), SKIP),
    "a served part, required": (lambda: build(accelerators=amds("gfx1151"), wanted=WANTED), ("fail", "cpu-only-torch", "torch.install-rocm")),
    "ARM": (lambda: build(python=Python(version="3.12.4", machine="aarch64")), SKIP),
}  # fmt: skip


@pytest.mark.parametrize("case", BUILDS)
def test_build(case: str) -> None:
    call, expected = BUILDS[case]
    assert said(call()) == expected


def command(found: Finding) -> str:
    assert found.fix
    return " ".join((*found.fix.values["packages"], *found.fix.values["options"]))


def test_the_command_names_a_build_that_has_the_code() -> None:
    vision = Libraries(distributions=(Distribution("torchvision", "0.28.0", "/t"),))
    assert command(build(libraries=vision)) == "torch torchvision --index-url https://download.pytorch.org/whl/rocm7.2"
    assert command(build(accelerators=amds("gfx906"))) == "torch==2.9.1 --index-url https://download.pytorch.org/whl/rocm6.3"
    old = Python(version="3.9.4", machine="x86_64")
    assert command(build(python=old)) == "torch==2.8.0 --index-url https://download.pytorch.org/whl/rocm6.4"


def card(
    accelerators: Accelerators = RX,
    installed: TorchBuild = HIP,
    torch: Torch | Missing = NOT_ASKED,
    place: Place = MACHINE,
    wanted: Wanted = NOBODY,
    **variables: str,
) -> Finding:
    gpu = Gpu(pci=GPU.pci, variables=variables)
    return torch_has_code_for_the_amd_gpu(installed, torch, accelerators, gpu, place, PYTHON, Libraries(), wanted)


BARE = TorchBuild("/t", "2.13.0+rocm7.2", hip="7.2.1")
GENERIC = TorchBuild("/t", "2.13.0+rocm7.2", hip="7.2.1", archs=("gfx11-generic",))
MISTAKE = ("fail", "cuda-visible-devices", "rocm.show")
CARDS: dict[str, tuple[Callable[[], Finding], tuple[str, str, str]]] = {
    "served": (lambda: card(), OK),
    "a small one besides": (lambda: card(amds("gfx1036", "gfx1100")), OK),
    "not built for AMD": (lambda: card(installed=CPU), SKIP),
    "not reachable": (lambda: card(amds("gfx1100", kfd=closed())), ("skip", "gpu.rocm-access", "")),
    "not reachable, but it works": (lambda: card(amds("gfx1100", kfd=closed()), torch=WORKING), OK),
    "torch says": (lambda: card(installed=BARE, torch=Torch("2", hip="7", available=True, archs=("gfx90a:sramecc+:xnack-", "gfx1100"))), OK),
    "served, but torch sees nothing": (lambda: card(torch=SILENT), UNKNOWN),
    "served, and torch complains": (lambda: card(torch=Torch("2", hip="7", warnings=("HIP warning: no driver\nmore",))), UNKNOWN),
    "nobody says": (lambda: card(installed=BARE), UNKNOWN),
    "for a whole generation": (lambda: card(installed=GENERIC), UNKNOWN),
    "hidden": (lambda: card(HIP_VISIBLE_DEVICES="-1"), SKIP),
    "hidden otherwise": (lambda: card(ROCR_VISIBLE_DEVICES=""), SKIP),
    "hidden from torch": (lambda: card(torch=SILENT, HIP_VISIBLE_DEVICES="-1"), SKIP),
    "a number too high": (lambda: card(torch=SILENT, HIP_VISIBLE_DEVICES="1"), MISTAKE),
    "a number too high, of two": (lambda: card(amds("gfx1100", "gfx1100"), torch=SILENT, CUDA_VISIBLE_DEVICES="2,0"), MISTAKE),
    "a number too high, not imported": (lambda: card(HIP_VISIBLE_DEVICES="1"), SKIP),
    "a number too high, and it works": (lambda: card(torch=WORKING, HIP_VISIBLE_DEVICES="1"), OK),
    "one of two": (lambda: card(amds("gfx1100", "gfx1100"), HIP_VISIBLE_DEVICES="1"), OK),
    "by its name": (lambda: card(ROCR_VISIBLE_DEVICES="GPU-1234"), OK),
    "unknown kind": (lambda: card(amds()), SKIP),
    "torch's list is longer than that of rocBLAS": (lambda: card(amds("gfx1103"), torch=Torch("2", hip="7", archs=("gfx1103",))), UNKNOWN),
    "another build has it": (lambda: card(amds("gfx1201")), ("fail", "rocm-arch", "torch.install-rocm")),
    "a relative has it": (lambda: card(amds("gfx1031")), ("fail", "rocm-arch", "rocm.override")),
    "nobody has it": (lambda: card(amds("gfx1010")), ("fail", "rocm-arch", "rocm.no-build")),
    "a card from the future": (lambda: card(amds("gfx1301")), ("warn", "rocm-arch", "rocm.no-build")),
    "a part of the processor": (lambda: card(amds("gfx1103")), ("warn", "rocm-arch", "rocm.override")),
    "that, required": (lambda: card(amds("gfx1103"), wanted=WANTED), ("fail", "rocm-arch", "rocm.override")),
    "claims to be its relative": (lambda: card(amds("gfx1031", override="gfx1030")), OK),
    "claims to be what nobody serves": (lambda: card(amds("gfx1100", override="gfx1010")), ("fail", "rocm-arch", "rocm.no-override")),
    "claims nonsense": (lambda: card(amds("gfx1100", override="eleven")), ("fail", "rocm-arch", "rocm.no-override")),
    "claims the wrong relative": (lambda: card(amds("gfx1031", override="gfx1010")), ("fail", "rocm-arch", "rocm.override")),
}  # fmt: skip


@pytest.mark.parametrize("case", CARDS)
def test_card(case: str) -> None:
    call, expected = CARDS[case]
    assert said(call()) == expected


def test_the_override_is_written_as_a_version() -> None:
    way = card(amds("gfx1031")).fix
    assert way and way.values["version"] == "10.3.0"
    assert [amd.version_of(gfx) for gfx in ("gfx90a", "gfx1100", "what")] == ["9.0.10", "11.0.0", "what"]


def test_a_gpu_without_a_name_is_called_by_its_processor() -> None:
    assert amd.name_of("gfx1301") == "AMD GPU (gfx1301)"
    assert amd.name_of("gfx1100") == "AMD Radeon RX 7900 (gfx1100)"


def test_every_stand_in_is_of_the_same_generation() -> None:
    for row in amd.rows("mlenv_checks.gpu", "amd_gpus"):
        assert not row["as"] or row["as"][:5] == row["gfx"][:5]
        assert row["kind"] in ("card", "apu")


def test_a_batch_system_hides_on_purpose() -> None:
    gpu = Gpu(pci=GPU.pci, variables={"ROCR_VISIBLE_DEVICES": "3"}, scheduler="slurm")
    assert said(torch_has_code_for_the_amd_gpu(HIP, SILENT, RX, gpu, MACHINE, PYTHON, EMPTY, NOBODY)) == SKIP
