"""What the facts about cards add up to."""

from __future__ import annotations

import pytest

from families.gpu.test_checks import LATE, MACHINE, RTX, SECOND, STARTS, WORKING, gpu, pci
from mlenv_checks.gpu.cards import branch, capability_of, cuda_version, name_of
from mlenv_checks.gpu.driver import driver_problem, usable, visible
from mlenv_checks.gpu.facts import Card, CudaDriver, Gpu
from mlenv_doctor import Missing


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", (0,)),
        ("1", (1,)),
        ("0,1", (0, 1)),
        ("1, 0", (1, 0)),
        ("", ()),
        ("-1", ()),
        ("2", ()),
        ("0,2,1", (0,)),
        ("0,0", ()),
        ("none", ()),
        ("GPU-aa", (0,)),
        ("GPU-bb22,0", (1, 0)),
        ("GPU-cc", ()),
        ("GPU-", ()),
        ("MIG-1", None),
        ("1x", (1,)),
    ],
)
def test_visible(value: str, shown: tuple[int, ...] | None) -> None:
    assert visible(value, (RTX, SECOND)) == shown


@pytest.mark.parametrize(
    ("device", "capability", "name"),
    [
        ("2504", "8.6", "NVIDIA GeForce RTX 3060 Lite Hash Rate"),
        ("2b86", "12.0", "NVIDIA GPU"),
        ("ffff", "", "NVIDIA GPU"),
        ("", "", "NVIDIA GPU"),
    ],
    ids=["known", "an id within a known range", "unknown", "none"],
)
def test_cards_by_their_pci_id(device: str, capability: str, name: str) -> None:
    assert (capability_of(Card(device=device)), name_of(Card(device=device))) == (capability, name)


@pytest.mark.parametrize(
    ("device", "word"), [("1c81", "580 (later"), ("2504", "580 or newer"), ("2b85", "open"), ("ffff", "580 or newer")]
)
def test_branch(device: str, word: str) -> None:
    assert word in branch([Card(device=device)])


@pytest.mark.parametrize(
    ("facts", "cuda", "version"),
    [
        (WORKING, STARTS, "12.4"),
        (WORKING, CudaDriver("/compat/libcuda.so", version="13.0"), "13.0"),
        (WORKING, LATE, "12.4"),
        (Gpu(module="580.65.06"), LATE, "13.0"),
        (Gpu(driver="535.183.01"), LATE, "12.0"),
        (Gpu(driver="525.60.11"), LATE, "11.0"),
        (Gpu(driver="418.87"), LATE, "10.0"),
        (Gpu(), LATE, ""),
    ],
)
def test_cuda_version(facts: Gpu, cuda: CudaDriver | Missing, version: str) -> None:
    assert cuda_version(facts, cuda) == version


def test_no_obstacle_where_a_card_works() -> None:
    assert driver_problem(WORKING, MACHINE) is None
    assert usable(WORKING, MACHINE) == (RTX,)
    assert "nouveau" in getattr(driver_problem(gpu(nvml=9, cards=(), pci=pci("2504", "nouveau")), MACHINE), "message", "")
