"""The health of one NVIDIA card, as its driver (NVML) and the kernel log tell it."""

from __future__ import annotations

from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Program:
    """A program that computes on a card.

    pid:    its number, as the driver counts: that of the machine, also for a program in a container.
    memory: bytes of the card that it holds; None where the driver does not tell (Windows).
    name:   what the kernel calls it, such as "python3"; never its command line. Empty where that could be another program's.
    own:    whether it belongs to this user; None where that cannot be told.
    """

    pid: int = 0
    memory: int | None = None
    name: str = ""
    own: bool | None = None


@dataclass(frozen=True)
class Slice:
    """A part of a split card (MIG), which a program chooses by its UUID. memory: bytes in all."""

    uuid: str = ""
    memory: int | None = None


@dataclass(frozen=True)
class CardHealth:
    """How a card is. Everything is None where the driver is too old to tell, or the card has no such thing.

    free, used:    bytes of its memory.
    programs:      who computes on it. Displays and games are not among them.
    slices:        its parts, where it is split (MIG).
    uncorrected:   memory errors that could not be corrected, since the driver was loaded.
    pages_pending: broken memory pages wait for a reset, to be taken out of use (cards before Ampere).
    rows_pending:  broken memory rows wait for a reset, to be replaced (Ampere and later).
    rows_failed:   a row could not be replaced: there is no spare one left.
    slowdown:      why its clocks are lower than they could be, as NVML's bits (1 idle, 4 power limit by software, 8 any by
                   hardware, 0x20 heat by software, 0x40 heat by hardware, 0x80 power brake).
    busy:          how much of the last second it computed, in percent.
    temperature:   degrees Celsius.
    width, widest: lanes of PCI Express in use now, and at most. An idle card may use fewer.
    power_state:   0 is full speed, 15 the slowest.
    fabric:        its place among cards joined by NVSwitch: 1 not begun, 2 in progress, 3 ready, 0 has none.
    xids:          the driver's error numbers for this card in the kernel log, each once; None where that may not be read.
    """

    free: int | None = None
    used: int | None = None
    programs: tuple[Program, ...] | None = None
    slices: tuple[Slice, ...] = ()
    uncorrected: int | None = None
    pages_pending: bool | None = None
    rows_pending: bool | None = None
    rows_failed: bool | None = None
    slowdown: int | None = None
    busy: int | None = None
    temperature: int | None = None
    width: int | None = None
    widest: int | None = None
    power_state: int | None = None
    fabric: int | None = None
    xids: tuple[int, ...] | None = None
