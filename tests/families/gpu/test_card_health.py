"""The checks that judge each card by itself, called plainly: does it answer, does it make errors, is it slow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from families.gpu.test_checks import BARE, MACHINE, RTX, SECOND, gpu, said
from mlenv_checks.gpu.card_health import cards_make_no_errors, cards_run_at_full_speed, every_card_answers
from mlenv_checks.gpu.facts import Card, CardHealth, Gpu
from mlenv_doctor import Finding

Answer = tuple[str, str, str]
NONE, BLOCKED, STUCK = ("skip", "", ""), ("skip", "gpu.driver", ""), ("skip", "gpu.cards", "")
CHECKS = (every_card_answers, cards_make_no_errors, cards_run_at_full_speed)


def asked(*cards: Card, **changes: Any) -> Gpu:
    """A machine whose NVML listed these cards."""
    return gpu(source="nvml", cards=cards, **changes)


def card(base: Card = RTX, **health: Any) -> Card:
    return replace(base, health=CardHealth(**health))


def messages(found: Any) -> list[str]:
    return [one.message for one in ([found] if isinstance(found, Finding) else found)]


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_card(check: Any) -> None:
    assert said(check(Gpu(), MACHINE)) == NONE
    assert said(check(gpu(**BARE), MACHINE)) == BLOCKED


@pytest.mark.parametrize("check", CHECKS[1:])
def test_without_nvml_nothing_is_known(check: Any) -> None:
    assert said(check(gpu(source="nvidia-smi"), MACHINE)) == NONE
    assert said(check(asked(RTX, stuck="nvmlDeviceGetRemappedRows"), MACHINE)) == STUCK


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        ((RTX,), ("pass", "", "")),
        ((RTX, SECOND), ("pass", "", "")),
        ((RTX, Card(1, error=4)), ("pass", "", "")),
        ((RTX, Card(1, error=8)), ("fail", "gpu-lost", "gpu.power")),
        ((RTX, Card(1, error=15)), ("fail", "gpu-lost", "gpu.reboot")),
        ((RTX, Card(1, error=16)), ("fail", "gpu-lost", "gpu.reset")),
        ((RTX, Card(1, error=999)), ("unknown", "", "")),
    ],
)
def test_every_card_answers(cards: tuple[Card, ...], expected: Answer) -> None:
    assert said(every_card_answers(asked(*cards), MACHINE)) == expected


def test_a_lost_card_is_named_by_all_its_names() -> None:
    (message,) = messages(every_card_answers(asked(RTX, replace(SECOND, error=15)), MACHINE))
    assert message == (
        "GPU 1 (NVIDIA GeForce RTX 3060, GPU-bb22, bus 02) does not answer: it has fallen off the bus (NVML code 15)"
    )
    (message,) = messages(every_card_answers(asked(RTX, Card(1, error=15)), MACHINE))
    assert message.startswith("GPU 1 (NVIDIA GPU) does not answer")


def test_a_driver_that_stops_answering_is_told_once() -> None:
    assert said(every_card_answers(asked(RTX, stuck="nvmlDeviceGetRemappedRows"), MACHINE)) == ("unknown", "", "")


ERROR_CASES: dict[str, tuple[Card, Answer]] = {
    "nothing known": (RTX, NONE),
    "none": (card(uncorrected=0), ("pass", "", "")),
    "rows are well": (card(rows_pending=False, rows_failed=False), ("pass", "", "")),
    "the log is clean": (card(xids=()), ("pass", "", "")),
    "programs' own errors": (card(xids=(13, 31)), ("pass", "", "")),
    "rows": (card(rows_pending=True), ("warn", "gpu-errors", "gpu.reset")),
    "pages": (card(pages_pending=True), ("warn", "gpu-errors", "gpu.reset")),
    "no spare row": (card(rows_failed=True), ("warn", "gpu-errors", "gpu.replace")),
    "uncorrected": (card(uncorrected=1), ("warn", "gpu-errors", "gpu.reset")),
    "in the log": (card(xids=(79,)), ("warn", "gpu-errors", "gpu.reset")),
}


@pytest.mark.parametrize(("facts", "expected"), ERROR_CASES.values(), ids=ERROR_CASES)
def test_errors(facts: Card, expected: Answer) -> None:
    assert said(cards_make_no_errors(asked(facts), MACHINE)) == expected


def test_all_errors_of_a_card_are_one_finding() -> None:
    bad = card(SECOND, rows_pending=True, uncorrected=2, xids=(31, 48, 79))
    (message,) = messages(cards_make_no_errors(asked(RTX, bad), MACHINE))
    assert message == (
        "GPU 1 (NVIDIA GeForce RTX 3060, GPU-bb22, bus 02) has broken memory that will be disabled at the next reset, and it "
        "met 2 memory errors that could not be corrected, and it fell off the bus (Xid 79 in the kernel log)"
    )


SPEED_CASES: dict[str, tuple[dict[str, Any], Answer]] = {
    "nothing known": ({}, NONE),
    "free": ({"slowdown": 0}, ("pass", "", "")),
    "idle": ({"slowdown": 0x1 | 0x40}, ("pass", "", "")),
    "power limit": ({"slowdown": 0x4, "busy": 100}, ("pass", "", "")),
    "hot": ({"slowdown": 0x48}, ("warn", "gpu-throttled", "gpu.cool")),
    "brake": ({"slowdown": 0x88, "busy": 0}, ("warn", "gpu-throttled", "gpu.power")),
    "warm": ({"slowdown": 0x20, "busy": 90}, ("warn", "gpu-throttled", "gpu.cool")),
    "warm and resting": ({"slowdown": 0x20, "busy": 10}, ("pass", "", "")),
    "hardware": ({"slowdown": 0x8, "busy": 90, "temperature": 70}, ("warn", "gpu-throttled", "gpu.power")),
    "hardware for a moment": ({"slowdown": 0x8}, ("pass", "", "")),
}


@pytest.mark.parametrize(("health", "expected"), SPEED_CASES.values(), ids=SPEED_CASES)
def test_speed(health: dict[str, Any], expected: Answer) -> None:
    assert said(cards_run_at_full_speed(asked(card(**health)), MACHINE)) == expected


def test_how_hot_it_is_is_said() -> None:
    (message,) = messages(cards_run_at_full_speed(asked(card(slowdown=0x40, temperature=97)), MACHINE))
    assert message == "the NVIDIA GeForce RTX 3060 is slowed down by heat, at 97 °C"
    (message,) = messages(cards_run_at_full_speed(asked(card(slowdown=0x80, temperature=40)), MACHINE))
    assert message == "the NVIDIA GeForce RTX 3060 is slowed down by its power supply"
