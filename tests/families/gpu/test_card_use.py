"""The checks of who uses the cards, called plainly: is there memory, may one more program come, are there slices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from families.gpu.test_card_health import Answer, asked, messages
from families.gpu.test_checks import BARE, MACHINE, NOT_ASKED, RTX, SECOND, STARTS, gpu, said
from mlenv_checks.gpu.card_use import a_program_may_have_it, memory_is_left, split_cards_have_slices
from mlenv_checks.gpu.facts import Card, CardHealth, CudaDriver, Gpu, Program, Slice
from mlenv_doctor import Finding, Missing

THEIRS = Program(4242, 11 << 30, "python3", own=False)
MINE = Program(77, 11 << 30, "python3", own=True)
WELL, NONE = ("pass", "", ""), ("skip", "", "")
TAKEN, ELSEWHERE = ("warn", "gpu-memory-taken", "gpu.free-memory"), ("warn", "gpu-memory-taken", "gpu.other-card")
OTHER = replace(SECOND, name="NVIDIA GeForce RTX 4090")


def full(*programs: Program, base: Card = RTX) -> Card:
    return replace(base, health=CardHealth(free=1 << 28, used=12 << 30, programs=programs))


def empty(base: Card = SECOND) -> Card:
    return replace(base, health=CardHealth(free=12 << 30, used=0, programs=()))


@pytest.mark.parametrize("check", [memory_is_left, a_program_may_have_it, split_cards_have_slices])
def test_without_a_card(check: Any) -> None:
    assert said(check(Gpu(), NOT_ASKED, MACHINE)) == NONE
    assert said(check(gpu(**BARE), NOT_ASKED, MACHINE)) == ("skip", "gpu.driver", "")


@pytest.mark.parametrize("check", [memory_is_left, a_program_may_have_it])
def test_a_hidden_card_matters_to_nobody(check: Any) -> None:
    assert said(check(asked(full(THEIRS), variables={"CUDA_VISIBLE_DEVICES": ""}), NOT_ASKED, MACHINE)) == (
        "skip",
        "gpu.visible",
        "",
    )


MEMORY_CASES: dict[str, tuple[Gpu, Answer]] = {
    "nothing known": (asked(RTX), NONE),
    "free": (asked(empty(RTX)), WELL),
    "split": (asked(replace(full(THEIRS), mig=True)), NONE),
    "taken": (asked(full(THEIRS)), TAKEN),
    "own": (asked(full(MINE), mine=(MINE,)), WELL),
    "a game": (asked(full()), WELL),
    "Windows": (asked(full(Program(4242))), WELL),
    "a small one beside a game": (asked(full(replace(THEIRS, memory=1 << 29))), WELL),
    "most is own": (asked(full(MINE, replace(THEIRS, memory=1 << 29))), WELL),
    "seen from a container": (asked(full(), foreign=True), TAKEN),
    "own, in a container": (asked(full(THEIRS), foreign=True, mine=(MINE,)), WELL),
    "the first is taken": (asked(full(THEIRS), empty()), ELSEWHERE),
    "both are taken": (asked(full(THEIRS), full(THEIRS, base=SECOND)), TAKEN),
    "the second is taken": (asked(empty(RTX), full(THEIRS, base=SECOND)), WELL),
    "it is not known which is first": (asked(full(THEIRS), empty(OTHER)), WELL),
    "it is set which is first": (
        asked(full(THEIRS), empty(OTHER), variables={"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}),
        ELSEWHERE,
    ),
    "the second is shown": (asked(full(THEIRS), empty(), variables={"CUDA_VISIBLE_DEVICES": "1"}), WELL),
    "the second is shown first": (asked(full(THEIRS), empty(), variables={"CUDA_VISIBLE_DEVICES": "1,0"}), WELL),
    "a slice is shown": (asked(full(THEIRS), empty(), variables={"CUDA_VISIBLE_DEVICES": "MIG-1"}), ELSEWHERE),
}


@pytest.mark.parametrize(("facts", "expected"), MEMORY_CASES.values(), ids=MEMORY_CASES)
def test_memory(facts: Gpu, expected: Answer) -> None:
    assert said(memory_is_left(facts, NOT_ASKED, MACHINE)) == expected


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            asked(full(THEIRS)),
            "only 0.2 of 12.0 GiB are free on the NVIDIA GeForce RTX 3060: the rest is used by python3 (PID 4242) of another user",
        ),
        (
            asked(full(*(Program(pid, 3 << 30) for pid in (1, 2, 3, 4))), empty()),
            "only 0.2 of 12.0 GiB are free on GPU 0 (NVIDIA GeForce RTX 3060): the rest is used by programs of others: "
            "a program (PID 1), a program (PID 2), a program (PID 3) and 1 more",
        ),
        (
            asked(full(MINE), mine=(MINE,)),
            "0.2 of 12.0 GiB are free on the NVIDIA GeForce RTX 3060; python3 (PID 77) of yours uses it",
        ),
    ],
)
def test_who_has_the_memory_is_said(facts: Gpu, message: str) -> None:
    assert messages(memory_is_left(facts, NOT_ASKED, MACHINE)) == [message]


def test_the_numbers_of_another_namespace_are_not_shown() -> None:
    found = memory_is_left(asked(full(THEIRS), foreign=True), NOT_ASKED, MACHINE)
    assert isinstance(found, Finding)
    assert "4242" not in found.message + found.evidence["pids"]


def mode(number: int | None, *programs: Program, base: Card = RTX) -> Card:
    return replace(base, compute_mode=number, health=CardHealth(programs=programs))


SHUT = ("fail", "gpu-exclusive", "gpu.open-card")
MODE_CASES: dict[str, tuple[Gpu, Answer]] = {
    "nothing known": (asked(mode(None)), NONE),
    "for everybody": (asked(mode(0, THEIRS)), WELL),
    "closed": (asked(mode(2)), SHUT),
    "one closed": (asked(mode(2), mode(0, base=SECOND)), ("warn", "gpu-exclusive", "gpu.other-card")),
    "another closed": (asked(mode(0), mode(2, base=SECOND)), WELL),
    "exclusive and free": (asked(mode(3)), WELL),
    "exclusive and taken": (asked(mode(3, THEIRS)), SHUT),
    "exclusive and own": (asked(mode(3, MINE), mine=(MINE,)), WELL),
    "exclusive and shared": (asked(mode(3, replace(THEIRS, name="nvidia-cuda-mps"))), WELL),
    "exclusive, from a container": (asked(mode(3, THEIRS), foreign=True), WELL),
    "programs are not told": (asked(replace(RTX, compute_mode=3)), WELL),
}


@pytest.mark.parametrize(("facts", "expected"), MODE_CASES.values(), ids=MODE_CASES)
def test_mode(facts: Gpu, expected: Answer) -> None:
    assert said(a_program_may_have_it(facts, NOT_ASKED, MACHINE)) == expected


def test_cuda_tells_of_it_itself() -> None:
    assert said(a_program_may_have_it(asked(mode(2)), CudaDriver("l", init=46), MACHINE)) == ("skip", "gpu.cuda-starts", "")


MIG = replace(RTX, mig=True)
SLICED = replace(SECOND, mig=True, mig_instances=2, health=CardHealth(slices=(Slice("MIG-1"), Slice("MIG-2"))))
SLICE_CASES: dict[str, tuple[Gpu, CudaDriver | Missing, Answer]] = {
    "not split": (asked(RTX), STARTS, NONE),
    "two slices": (asked(SLICED), STARTS, WELL),
    "no slice, and CUDA says so": (asked(MIG), CudaDriver("l", init=100), ("skip", "gpu.cuda-starts", "")),
    "no slice, and CUDA works": (asked(MIG), STARTS, WELL),
    "no slice": (asked(MIG), NOT_ASKED, ("fail", "mig-without-instance", "gpu.split")),
    "no slice, and no CUDA": (asked(MIG), CudaDriver(error="no"), ("fail", "mig-without-instance", "gpu.split")),
    "one of two without a slice": (asked(MIG, SECOND), STARTS, ("warn", "mig-without-instance", "gpu.split")),
}


@pytest.mark.parametrize(("facts", "cuda", "expected"), SLICE_CASES.values(), ids=SLICE_CASES)
def test_slices(facts: Gpu, cuda: CudaDriver | Missing, expected: Answer) -> None:
    assert said(split_cards_have_slices(facts, cuda, MACHINE)) == expected


def test_slices_are_named() -> None:
    first, second = split_cards_have_slices(asked(MIG, SLICED), STARTS, MACHINE)  # type: ignore[misc]
    assert (first.subject, second.message) == ("GPU 0", "the NVIDIA GeForce RTX 3060 is split into 2 slices")
    assert second.evidence == {"slice 0": "MIG-1", "slice 1": "MIG-2"}
