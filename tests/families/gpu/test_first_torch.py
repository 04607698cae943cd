"""Which PyTorch a new environment gets before all else."""

from __future__ import annotations

import pytest

from mlenv_checks import SETTING_UP
from mlenv_checks.gpu.facts import Accelerators, Card, Gpu, PciCard
from mlenv_checks.gpu.first_torch import CPU, first_torch
from mlenv_doctor.api import First, Missing, Snapshot
from mlenv_doctor.patient import Python, Wanted, WantedLibrary

LINUX = Python(version="3.12.4", platform="linux", machine="x86_64")
WINDOWS = Python(version="3.12.4", platform="win32", machine="AMD64")
NONE = Gpu()
L4 = Gpu(nvml=0, driver="535.183.01", cuda="12.2", cards=(Card(0, name="NVIDIA L4", capability="8.9"),))
B200 = Gpu(nvml=0, driver="600.1", cuda="13.2", cards=(Card(0, name="NVIDIA B200", capability="10.0"),))
SILENT = Gpu(cards=(Card(0, name="NVIDIA L4", capability="8.9"),))
OLD = Gpu(nvml=0, driver="390.1", cuda="9.1", cards=(Card(0, name="Tesla K20", capability="3.5"),))


def wanted(*specifiers: str, **more: str) -> Wanted:
    names = [text.partition("=")[0].partition(">")[0] for text in specifiers]
    return Wanted(tuple(WantedLibrary(n, specifier=text[len(n) :], **more) for n, text in zip(names, specifiers)))


def first(gpu: object, *specifiers: str, python: Python = LINUX, accelerators: object = None, **more: str) -> First | None:
    facts: Snapshot = {Gpu: gpu, **({Accelerators: accelerators} if accelerators else {})}  # type: ignore[dict-item]
    return first_torch(facts, python, wanted(*specifiers, **more))


def test_without_a_gpu_it_is_the_build_for_the_processor() -> None:
    found = first(NONE, "torch>=2.3", "torchvision", "numpy")
    assert found and found.packages == ("torch>=2.3", "torchvision") and found.options == ("--index-url", CPU)
    found = first(NONE, "sentence-transformers")
    assert found and found.packages == ("torch",), "it would bring gigabytes of CUDA"


@pytest.mark.parametrize(
    ("gpu", "asked", "python"),
    [
        (NONE, "numpy", LINUX),
        (NONE, "torch", WINDOWS),
        (NONE, "torch==2.9.1+cpu", LINUX),
        (Missing("gpu", "error", "x"), "torch", LINUX),
        (Gpu(jetson="Orin"), "torch", LINUX),
        (Gpu(metal=True), "torch", LINUX),
        (B200, "torch", LINUX),
        (SILENT, "torch", LINUX),
        (OLD, "torch", LINUX),
    ],
)
def test_where_a_plain_install_is_right_or_nothing_is_known(gpu: object, asked: str, python: Python) -> None:
    assert first(gpu, asked, python=python) is None


def test_an_address_says_its_build_itself() -> None:
    assert first(NONE, "torch", address="https://x/torch.whl") is None


def test_an_older_driver_gets_the_build_that_it_runs() -> None:
    found = first(L4, "torch")
    assert found and found.options[0] == "--index-url" and "/cu12" in found.options[1] and "CUDA 12" in found.why
    found = first(L4, "torch==2.1.0", python=Python(version="3.11.4", platform="linux", machine="x86_64"))
    assert found and found.packages == ("torch==2.1.0",)


def test_an_amd_card_gets_the_build_for_rocm() -> None:
    card = Gpu(pci=(PciCard("0000:03:00.0", "1002", "744c"),))
    found = first(card, "torch", accelerators=Accelerators(gfx=("gfx1100",)))
    assert found and "/rocm" in found.options[1] and found.packages == ("torch",)
    found = first(card, "torch>=2.1", accelerators=Accelerators(gfx=("gfx1100",)))
    assert found and found.packages == ("torch>=2.1",)
    for unknown in (Accelerators(gfx=("gfx000",)), Accelerators()):
        found = first(card, "torch", accelerators=unknown)
        assert found and found.options == ("--index-url", CPU)


def test_what_is_known_of_making_an_environment() -> None:
    known = SETTING_UP()
    assert known.first is first_torch and Gpu in known.facts and known.oldest < known.best < known.newest
