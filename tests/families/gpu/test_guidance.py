"""What `mlenv-doctor fix --gpu` tells the owners of typical machines, word by word: a changed word is read before it is kept.

MLENV_DOCTOR_WRITE_GOLDEN=1 python3 scripts/test.py tests/test_fix_gpu.py     writes the texts anew
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lab.ward import Ward
from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu, PciCard
from mlenv_checks.torch.facts import Torch, TorchBuild
from mlenv_doctor.documents.snapshot import to_document
from mlenv_doctor.facts import Fact, Missing, Why
from mlenv_doctor.patient import Distribution, Libraries, Place, Project, Python, Venv
from mlenv_doctor.patient.target import Target

GOLDEN = Path(__file__).parent / "guidance"
WRITING = bool(os.environ.get("MLENV_DOCTOR_WRITE_GOLDEN"))
PYTHON = "/home/ada/churn/.venv/bin/python"


def card(name: str, capability: str, device: str = "", index: int = 0) -> Card:
    return Card(index, f"NVIDIA {name}", f"GPU-{index}a2b4c6d", f"0000:0{index + 1}:00.0", device, capability)


def driver(version: str, cuda: str, *cards: Card, **more: Any) -> Gpu:
    """A machine whose driver works."""
    pci = tuple(PciCard(c.bus, "10de", c.device or "2684", "nvidia") for c in cards)
    nodes = tuple(f"nvidia{c.index}" for c in cards)
    return Gpu(pci=pci, module=version, nodes=nodes, library="/usr/lib/libnvidia-ml.so.1", nvml=0, driver=version, cuda=cuda,
               source="nvml", cards=cards, **more)  # fmt: skip


def starts(version: str, count: int = 1) -> CudaDriver:
    return CudaDriver("/usr/lib/libcuda.so.1", init=0, version=version, count=count)


def torch(version: str, *, available: bool) -> dict[type[Fact], Fact]:
    tag = version.partition("+cu")[2]
    cuda = f"{tag[:-1]}.{tag[-1]}" if tag else None
    return {
        TorchBuild: TorchBuild("/e/torch", version, cuda),
        Torch: Torch(version, cuda, available=available),
        Libraries: Libraries((Distribution("torch", version.partition("+")[0], "/e", installer="pip"),)),
    }


UBUNTU = {
    Place: Place(distro="debian"),
    Python: Python("3.12.4", executable=PYTHON, prefix="/home/ada/churn/.venv", machine="x86_64"),
}
WINDOWS = {
    Place: Place(os="windows", shell="powershell"),
    Python: Python("3.12.4", executable="C:\\churn\\.venv\\Scripts\\python.exe", prefix="C:\\churn\\.venv", machine="AMD64",
                   platform="win32"),
}  # fmt: skip


def at(kind: str, *kinds: str) -> dict[type[Fact], Fact]:
    return {Place: Place(distro="debian", kind=kind, kinds=(kind, *kinds))}


RTX_4060, RTX_3090, GTX_1080 = (
    card("GeForce RTX 4060 Laptop GPU", "8.9"),
    card("GeForce RTX 3090", "8.6"),
    card("GeForce GTX 1080", "6.1"),
)
RTX_5090, P100 = card("GeForce RTX 5090", "12.0"), card("Tesla P100-PCIE-16GB", "6.0")
H100 = tuple(card("H100 80GB HBM3", "9.0", index=index) for index in range(8))
NO_CUDA = CudaDriver(error="libcuda.so.1: cannot open shared object file: No such file or directory")
ON_BUS = (PciCard("0000:01:00.0", "10de", "28e0"),)
MACHINES: dict[str, dict[type[Fact], Any]] = {
    "a laptop with an RTX 4060 and no driver": {Gpu: Gpu(pci=ON_BUS), CudaDriver: NO_CUDA, **torch("2.13.0+cpu", available=False)},
    "a Windows desktop with the CPU build": {
        **WINDOWS, Gpu: driver("581.29", "13.0", card("GeForce RTX 4070", "8.9")), CudaDriver: starts("13.0"),
        **torch("2.14.1+cpu", available=False),
    },
    "driver 535 and a build for CUDA 13": {
        Gpu: driver("535.183.01", "12.2", RTX_3090), CudaDriver: starts("12.2"), **torch("2.14.1+cu130", available=False)
    },
    "a GTX 1080 and today's build": {
        Gpu: driver("580.95.05", "13.0", GTX_1080), CudaDriver: starts("13.0"), **torch("2.14.1+cu130", available=True)
    },
    "an RTX 5090 and a build of last year": {
        Gpu: driver("570.133.07", "12.8", RTX_5090), CudaDriver: starts("12.8"), **torch("2.6.0+cu124", available=True)
    },
    "a container that was started without the GPU": {
        **at("container"), Gpu: Gpu(pci=ON_BUS, module="550.54.15"), CudaDriver: NO_CUDA, **torch("2.10.0+cu128", available=False)
    },
    "Colab without a GPU": {**at("colab", "container"), Gpu: Gpu(), CudaDriver: NO_CUDA, **torch("2.10.0+cu128", available=False)},
    "Kaggle with a P100": {
        **at("kaggle", "container"), Gpu: driver("580.95.05", "13.0", P100), CudaDriver: starts("13.0"),
        **torch("2.12.0+cu130", available=True),
    },
    "WSL with a Linux driver in it": {
        **at("wsl"), Gpu: Gpu(windows=True, library="/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.120", nvml=9),
        CudaDriver: CudaDriver("/usr/lib/x86_64-linux-gnu/libcuda.so.550.120", init=100, version="12.4"),
        **torch("2.10.0+cu128", available=False),
    },
    "the login node of a cluster": {**at("slurm"), Gpu: Gpu(), CudaDriver: NO_CUDA, **torch("2.10.0+cu128", available=False)},
    "a laptop without a GPU": {Gpu: Gpu(pci=(PciCard("0000:00:02.0", "8086", "a7a0", "i915"),)), CudaDriver: NO_CUDA,
                               **torch("2.13.0+cpu", available=False)},
    "a GTX 1080 beside an RTX 4090": {
        Gpu: driver("580.95.05", "13.0", card("GeForce RTX 4090", "8.9"), card("GeForce GTX 1080", "6.1", index=1)),
        CudaDriver: starts("13.0", 2), **torch("2.14.1+cu130", available=True),
    },
    "a driver that was updated under way": {
        Gpu: Gpu(pci=ON_BUS, module="550.144.03", library="/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.163.01", nvml=18),
        CudaDriver: CudaDriver("/usr/lib/x86_64-linux-gnu/libcuda.so.550.163.01", init=803), **torch("2.10.0+cu128", available=False),
    },
    "a variable that hides the GPU": {
        Gpu: driver("550.54.15", "12.4", RTX_3090, variables={"CUDA_VISIBLE_DEVICES": ""}),
        CudaDriver: CudaDriver("/usr/lib/libcuda.so.1", init=100, unhidden=1), **torch("2.10.0+cu128", available=False),
    },
    "eight H100 whose fabric manager does not run": {
        Gpu: driver("550.127.05", "12.4", *H100), CudaDriver: CudaDriver("/usr/lib/libcuda.so.1", init=802, version="12.4"),
        **torch("2.10.0+cu128", available=False),
    },
    "all in order": {Gpu: driver("580.95.05", "13.0", RTX_4060), CudaDriver: starts("13.0"), **torch("2.14.1+cu130", available=True)},
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_what_its_owner_reads(name: str, tmp_path: Path) -> None:
    facts = {**UBUNTU, Project: Project(), Venv: Missing("venv", Why.NOT_ASKED, "not checked"), **MACHINES[name]}
    ward = Ward(tmp_path)
    ward.write(
        "machine.json",
        json.dumps(to_document(facts, Target(PYTHON, "/home/ada/churn/.venv", "VIRTUAL_ENV"), "/home/ada/churn", "0")),
    )
    said = ward.doctor("fix", "--gpu", "--from", "machine.json", "--color", "never").stdout
    golden = GOLDEN / f"{name.replace(' ', '-')}.txt"
    if WRITING:
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")


def test_each_text_has_its_machine() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == {name.replace(" ", "-") for name in MACHINES}
