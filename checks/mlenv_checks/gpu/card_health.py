"""Each graphics card by itself: whether it answers, whether it makes errors, and whether it runs at full speed."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, check, fail, fix, ok, rows, skip, unknown, warn
from mlenv_doctor.patient import Place

from .cards import name_of
from .driver import driver_problem, usable
from .facts import Card, Gpu

NOT_OURS = 4  # NO_PERMISSION: the batch system gave this card to somebody else; NVML counts it all the same
BROKEN = {  # by the NVML code with which a card refuses; other codes tell nothing about the card
    8: "gets too little power: a power cable is not connected",
    15: "does not answer: it has fallen off the bus",
    16: "must be reset before it can be used again",
}
IDLE, HARDWARE, WARM, HOT, BRAKE = 0x1, 0x8, 0x20, 0x40, 0x80  # nvml.h, nvmlClocksEventReason…
POWER = "its power supply"
LOADED = 50  # percent: below, clocks that go down are nobody's loss


def short(card: Card, gpu: Gpu) -> str:
    """What a person calls a card; with its number where it has siblings."""
    return f"GPU {card.index} ({name_of(card)})" if len(gpu.cards) > 1 else f"the {name_of(card)}"


def title(card: Card, gpu: Gpu) -> str:
    """The same with UUID and bus, by which an administrator finds it."""
    if len(gpu.cards) < 2:
        return short(card, gpu)
    return f"GPU {card.index} ({', '.join(filter(None, (name_of(card), card.uuid, f'bus {card.bus}' if card.bus else '')))})"


def subject(card: Card) -> str:
    """How findings about one card are told apart."""
    return f"GPU {card.index}"


def no_card(gpu: Gpu, place: Place) -> Finding | None:
    """The skip of a check that needs a card with a working driver; None where there is one."""
    if usable(gpu, place):
        return None
    return skip("the GPU cannot be used", blocked_by="gpu.driver") if driver_problem(gpu, place) else skip("no GPU here")


def told(gpu: Gpu, place: Place) -> Finding | None:
    """The skip of a check that needs to know how the cards are; None where that is known."""
    if found := no_card(gpu, place):
        return found
    if gpu.stuck:
        return skip("the driver stopped answering", blocked_by="gpu.cards")
    return None if gpu.source == "nvml" else skip("NVML, the driver's management library, is not available")


@check("gpu.cards", causes=("gpu-lost",))
def every_card_answers(gpu: Gpu, place: Place) -> Iterator[Finding]:
    """GPU responses.

    One card among several can be lost while the others work: it fell off the bus, or waits for a reset. Programs that
    were given that very card fail, and CUDA may refuse to start for all of them.
    """
    if found := no_card(gpu, place):
        yield found
        return
    silent = [card for card in gpu.cards if card.error not in (None, NOT_OURS)]
    for card in silent:
        yield _refusal(card, gpu)
    if gpu.stuck:
        yield unknown(f"the NVIDIA driver lists its GPUs but hangs when asked for their state ({gpu.stuck})")
    elif not silent:
        count = len(usable(gpu, place))
        yield ok("the GPU answers" if count == 1 else f"all {count} GPUs answer")


def _refusal(card: Card, gpu: Gpu) -> Finding:
    if card.error not in BROKEN:
        return unknown(f"{title(card, gpu)} does not answer, with NVML code {card.error}", subject=subject(card))
    number = str(card.index)
    ways = {8: fix("gpu.power", card=number), 15: fix("gpu.reboot"), 16: fix("gpu.reset", card=number)}
    return fail(
        "gpu-lost",
        f"{title(card, gpu)} {BROKEN[card.error]} (NVML code {card.error})",
        subject=subject(card),
        evidence={"index": number, "uuid": card.uuid, "bus": card.bus, "nvml": str(card.error)},
        fix=ways[card.error],
    )


def lost(gpu: Gpu) -> bool:
    """Whether a card is lost: what else fails may be its fault."""
    return any(card.error in BROKEN for card in gpu.cards)


@check("gpu.errors", causes=("gpu-errors",))
def cards_make_no_errors(gpu: Gpu, place: Place) -> Iterator[Finding]:
    """GPU hardware errors.

    Cards of data centres watch their memory: what breaks is put out of use at the next reset, and what could not be
    corrected ends the program that met it. The kernel log holds the driver's own error numbers (Xid).
    """
    if found := told(gpu, place):
        yield found
        return
    cards = usable(gpu, place)
    flaws = {card: _flaws(card) for card in cards}
    for card in cards:
        if flaws[card]:
            yield _flawed(card, gpu, flaws[card])
    if not any(flaws.values()):
        yield _flawless(cards)


def _flawless(cards: tuple[Card, ...]) -> Finding:
    watched = any(h.uncorrected is not None or h.rows_pending is not None for h in (card.health for card in cards))
    if watched or any(card.health.xids is not None for card in cards):
        return ok("no hardware errors")
    return skip("these GPUs report no error counts, and neither does the kernel log")


def _flaws(card: Card) -> list[str]:
    """What is wrong with a card, each in words that follow its name."""
    health = card.health
    found = ["has broken memory and no spare memory left: it should be replaced"] if health.rows_failed else []
    if health.rows_pending or health.pages_pending:
        found.append("has broken memory that will be disabled at the next reset")
    if health.uncorrected:
        found.append(f"met {health.uncorrected} memory error{'s' * (health.uncorrected > 1)} that could not be corrected")
    counted = {"48"} if health.uncorrected else set()  # the same error, said twice
    known = {row["xid"]: row["words"] for row in rows(__package__, "xid_codes") if row["xid"] not in counted}
    return found + [f"{known[str(xid)]} (Xid {xid} in the kernel log)" for xid in health.xids or () if str(xid) in known]


def _flawed(card: Card, gpu: Gpu, flaws: list[str]) -> Finding:
    number = str(card.index)
    return warn(
        "gpu-errors",
        f"{title(card, gpu)} {', and it '.join(flaws)}",
        subject=subject(card),
        evidence={"index": number, "uuid": card.uuid, "bus": card.bus},
        fix=fix("gpu.replace", card=number) if card.health.rows_failed else fix("gpu.reset", card=number),
    )


@check("gpu.speed", causes=("gpu-throttled",))
def cards_run_at_full_speed(gpu: Gpu, place: Place) -> Iterator[Finding]:
    """GPU speed.

    A card that gets too hot, or too little current, protects itself: it computes at half the speed or less, and nothing
    says so. That an idle card slows down, or one at its power limit, is as it should be.
    """
    if found := told(gpu, place):
        yield found
        return
    slow = {card: why for card in usable(gpu, place) if (why := _slowed_by(card))}
    for card, why in slow.items():
        yield _slowed(card, gpu, why)
    if not slow and all(card.health.slowdown is None for card in usable(gpu, place)):
        yield skip("the driver does not report why clocks change")
    elif not slow:
        yield ok("no GPU is slowed down by heat or power")


def _slowed_by(card: Card) -> str:
    """Why a card is slow, in words; empty where it is not.

    The bit for all of the hardware also shows for a moment while clocks change, and laptops touch the limit of the one
    for heat: those two count under load only.
    """
    reasons, loaded = card.health.slowdown or 0, (card.health.busy or 0) >= LOADED
    if reasons & IDLE:
        return ""
    if reasons & HOT or (reasons & WARM and loaded):
        return "heat"
    if reasons & BRAKE:
        return POWER
    return "a hardware limit (heat or power)" if reasons & HARDWARE and loaded else ""


def _slowed(card: Card, gpu: Gpu, why: str) -> Finding:
    number = str(card.index)
    degrees = f", at {card.health.temperature} °C" if why != POWER and card.health.temperature is not None else ""
    return warn(
        "gpu-throttled",
        f"{title(card, gpu)} is slowed down by {why}{degrees}",
        subject=subject(card),
        evidence={"reasons": hex(card.health.slowdown or 0), "busy": str(card.health.busy), "uuid": card.uuid, "bus": card.bus},
        fix=fix("gpu.cool", card=number) if why == "heat" else fix("gpu.power", card=number),
    )
