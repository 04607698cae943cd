"""Who uses the graphics cards: whether there is memory left, whether a program may have them, and how they are split."""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import Place

from .card_health import no_card, short, subject, title, told
from .cards import name_of
from .driver import hides_all, usable, visible
from .facts import Card, CudaDriver, Gpu, Program

PROHIBITED, EXCLUSIVE = 2, 3  # nvml.h, nvmlComputeMode_t
BUSY = 46  # cuda.h, CUDA_ERROR_DEVICE_UNAVAILABLE: gpu.cuda-starts tells of it
MPS = "nvidia-cuda-mps"  # NVIDIA's server that shares an exclusive card; the kernel cuts names to 15 letters


def in_sight(gpu: Gpu, place: Place) -> tuple[Card, ...]:
    """The cards that CUDA_VISIBLE_DEVICES leaves, in its order; all where it cannot be understood."""
    cards = usable(gpu, place)
    value = gpu.variables.get("CUDA_VISIBLE_DEVICES")
    shown = None if value is None else visible(value, cards)
    by_index = {card.index: card for card in cards}
    return cards if shown is None else tuple(by_index[index] for index in shown if index in by_index)


def unasked(gpu: Gpu, cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """The card that programs take if nobody tells them: the first. CUDA's own order begins with the fastest, whichever it is."""
    in_order = gpu.variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({name_of(card) for card in cards}) == 1
    return cards[:1] if in_order else cards


def _unseen(gpu: Gpu, place: Place, cuda: CudaDriver | Missing) -> Finding | None:
    """The skip where it does not matter who uses the cards, or is not known."""
    cards = usable(gpu, place)
    if cards and hides_all(gpu, cards, cuda):
        return skip("the GPU is hidden", blocked_by="gpu.visible")
    return told(gpu, place)


def _others(card: Card) -> tuple[Program, ...]:
    """Programs on a card that are not this user's."""
    return tuple(program for program in card.health.programs or () if not program.own)


def _who(programs: tuple[Program, ...]) -> str:
    """Programs in words, each with its number."""
    named = [f"{program.name or 'a program'} (PID {program.pid})" for program in programs[:3]]
    return ", ".join(named) + (f" and {len(programs) - 3} more" if len(programs) > 3 else "")


def _whoever(programs: tuple[Program, ...], gpu: Gpu) -> str:
    """Who keeps a card from this user, in words."""
    if gpu.foreign or not programs:
        return "a program outside this container"
    if len(programs) > 1:
        return f"programs of others: {_who(programs)}"
    return f"{_who(programs)} of another user"


@check("gpu.memory", causes=("gpu-memory-taken",))
def memory_is_left(gpu: Gpu, cuda: CudaDriver | Missing, place: Place) -> Finding:
    """GPU memory.

    What another program holds is missing here: the first larger tensor ends with "CUDA out of memory", however small the
    model is. Several people on one machine, and forgotten notebooks, are why.
    """
    if found := _unseen(gpu, place, cuda):
        return found
    cards = tuple(card for card in in_sight(gpu, place) if not card.mig and card.memory and card.health.free is not None)
    if not cards:
        return skip("the driver does not report free memory")
    first = unasked(gpu, cards)
    if all(_taken(card, gpu) for card in first):
        return _scarce(first[0], cards, gpu)
    yours = f"; {_who(gpu.mine)} of yours uses it" if gpu.mine and _full(first[0]) else ""
    return ok(_left(first[0], gpu) + yours)


def _left(card: Card, gpu: Gpu) -> str:
    free, total = ((size or 0) / 2**30 for size in (card.health.free, card.memory))
    return f"{free:.1f} of {total:.1f} GiB are free on {short(card, gpu)}"


def _full(card: Card) -> bool:
    return (card.health.free or 0) * 10 < (card.memory or 0)


def _taken(card: Card, gpu: Gpu) -> bool:
    """Whether programs of others have almost all of it.

    Displays and games are no programs that compute, and Windows does not tell who holds how much; neither counts. In a
    container the others cannot be seen at all, but what this user holds can.
    """
    if not _full(card):
        return False
    if gpu.foreign:
        return not gpu.mine
    theirs = sum(program.memory or 0 for program in _others(card))
    return theirs * 2 > (card.memory or 0)


def _scarce(card: Card, cards: tuple[Card, ...], gpu: Gpu) -> Finding:
    holders = () if gpu.foreign else _others(card)
    return warn(
        "gpu-memory-taken",
        f"only {_left(card, gpu)}: the rest is used by {_whoever(holders, gpu)}",
        subject=subject(card),
        evidence={"free": str(card.health.free), "pids": " ".join(str(one.pid) for one in holders)},
        fix=_elsewhere(tuple(other for other in cards if not _full(other))) or fix("gpu.free-memory", card=str(card.index)),
    )


def _elsewhere(cards: tuple[Card, ...]) -> Fix | None:
    """The fix that takes other cards, where there are some."""
    return fix("gpu.other-card", cards=",".join(str(card.index) for card in cards)) if cards else None


@check("gpu.mode", causes=("gpu-exclusive",))
def a_program_may_have_it(gpu: Gpu, cuda: CudaDriver | Missing, place: Place) -> Finding:
    """GPU compute mode.

    An administrator can close a GPU to computing, or let one program at a time have it. The next one is told that the
    device is "busy or unavailable".
    """
    if found := _unseen(gpu, place, cuda):
        return found
    cards = in_sight(gpu, place)
    if all(card.compute_mode is None for card in cards):
        return skip("the driver does not report the compute mode")
    shut = {card: why for card in cards if (why := _shut(card, gpu))}
    first = unasked(gpu, cards)
    if not all(card in shut for card in first):
        return ok(_open(cards, gpu))
    if isinstance(cuda, CudaDriver) and cuda.init == BUSY:
        return skip("CUDA says that the GPU is busy", blocked_by="gpu.cuda-starts")
    free = tuple(card for card in cards if card not in shut)
    return (warn if free else fail)(
        "gpu-exclusive",
        f"{title(first[0], gpu)} {shut[first[0]]}",
        subject=subject(first[0]),
        evidence={"compute_mode": str(first[0].compute_mode)},
        fix=_elsewhere(free) or fix("gpu.open-card", card=str(first[0].index)),
    )


def _shut(card: Card, gpu: Gpu) -> str:
    """Why no program can use a card now; empty where one can.

    In a container it cannot be told whose program is on it, nor whether that is NVIDIA's server that shares it.
    """
    if card.compute_mode == PROHIBITED:
        return 'allows no computing (compute mode "Prohibited")'
    holders = _others(card)
    if gpu.foreign or card.compute_mode != EXCLUSIVE or not holders or any(one.name.startswith(MPS) for one in holders):
        return ""
    return f"allows one program at a time (exclusive mode) and is in use by {_whoever(holders, gpu)}"


def _open(cards: tuple[Card, ...], gpu: Gpu) -> str:
    if not any(card.compute_mode == EXCLUSIVE for card in cards):
        return "any program can use the GPU"
    return "one program at a time can use the GPU" + (f"; now it is yours: {_who(gpu.mine)}" if gpu.mine else "")


@check("gpu.slices", causes=("mig-without-instance",))
def split_cards_have_slices(gpu: Gpu, cuda: CudaDriver | Missing, place: Place) -> Iterator[Finding]:
    """GPU slices (MIG).

    With MIG a card of a data centre becomes several small ones. While splitting is on and no slice is made, no program
    can use any of it, though the driver shows the card as usual.
    """
    if found := no_card(gpu, place):
        yield found
        return
    cards = usable(gpu, place)
    bare = [card for card in cards if card.mig and not card.mig_instances]
    asked = cuda if isinstance(cuda, CudaDriver) and cuda.init is not None else None
    if not any(card.mig for card in cards):
        yield skip("MIG is off")
    elif asked and len(bare) == len(cards):
        yield ok("CUDA sees the GPU anyway") if asked.count else skip("CUDA sees no MIG instance", blocked_by="gpu.cuda-starts")
    else:
        yield from (_bare(card, gpu, len(bare) == len(cards)) for card in bare)
        yield from (_split(card) for card in cards if card.mig_instances)


def _bare(card: Card, gpu: Gpu, all_of_them: bool) -> Finding:
    message = f"{title(card, gpu)} is in MIG mode without any instance: no program can use it"
    return (fail if all_of_them else warn)(
        "mig-without-instance", message, subject=subject(card), fix=fix("gpu.split", card=str(card.index))
    )


def _split(card: Card) -> Finding:
    evidence = {f"slice {number}": one.uuid for number, one in enumerate(card.health.slices)}
    plural = "s" * (card.mig_instances > 1)
    return ok(f"the {name_of(card)} is split into {card.mig_instances} slice{plural}", subject=subject(card), evidence=evidence)
