"""Graphics cards: what the PCI bus, the kernel module, NVML and the CUDA driver each say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, ClassVar

from mlenv_doctor.api import Fact, Headline, Missing, Result, Snapshot, Status
from mlenv_doctor.records import dataclass

from .accelerators import DeviceNode
from .card_health import CardHealth, Program
from .kernel_module import KernelModule
from .wsl import Wsl

if TYPE_CHECKING:
    from mlenv_doctor.api import PastedReport

NVIDIA, AMD, INTEL = "10de", "1002", "8086"  # PCI vendor ids


@dataclass(frozen=True)
class PciCard:
    """A graphics card on the PCI bus, which is seen without any driver.

    vendor, device: the PCI ids, four hexadecimal digits each.
    driver:         the kernel driver that has taken the card: "nvidia", "nouveau", "vfio-pci" …; empty where none has.
    """

    bus: str = ""
    vendor: str = ""
    device: str = ""
    driver: str = ""


@dataclass(frozen=True)
class Card:
    """An NVIDIA card as its driver (NVML) describes it.

    capability:    the compute capability, such as "8.6"; empty where the driver is too old to tell.
    device:        the PCI device id, four hexadecimal digits.
    memory:        bytes in all.
    mig:           whether the card is split into slices (MIG); None where it cannot be.
    mig_instances: how many slices there are.
    compute_mode:  0 for everybody, 2 prohibited, 3 for one process only.
    error:         the NVML code with which the card refused to answer; None when it answered. Where the card is lost, its
                   UUID and bus come from the kernel module, as far as it remembers them.
    health:        how it is: memory, programs, errors, speed.
    """

    index: int = 0
    name: str = ""
    uuid: str = ""
    bus: str = ""
    device: str = ""
    capability: str = ""
    memory: int | None = None
    mig: bool | None = None
    mig_instances: int = 0
    compute_mode: int | None = None
    error: int | None = None
    health: CardHealth = field(default_factory=CardHealth)


@dataclass(frozen=True)
class Gpu(Fact):
    """The hardware and its driver. Nothing here depends on CUDA_VISIBLE_DEVICES: that hides cards from CUDA only.

    pci:       the cards on the bus, of NVIDIA, AMD and Intel.
    module:    the version of the loaded NVIDIA kernel module; empty where none is loaded.
    open:      whether that is the open-source flavour of the module.
    kernel:    the module on the disk, where a card is on the bus and none is loaded; else None.
    nodes:     the device files of NVIDIA, by name. closed: those that this user may not open.
    windows:   in WSL: whether the driver of the Windows side brings NVIDIA's libraries along.
    wsl:       in WSL: how the GPU of Windows gets here; None elsewhere.
    library:   the file of the driver's management library (NVML) that was loaded; empty where there is none.
    nvml:      the code with which NVML started (0: well); None where it was not asked.
    silent:    seconds after which NVML had still not answered; None when it did.
    stuck:     the function of NVML that did not come back, where it was already known which cards there are.
    foreign:   whether NVML counts programs otherwise than this process does: it runs in a container.
    mine:      programs of this user that have an NVIDIA card open, numbered as this process counts.
    driver:    the driver's version, such as "535.183.01".
    cuda:      the newest CUDA that this driver speaks, such as "12.2"; empty where it could not be reached.
    source:    who listed the cards: "nvml", or "nvidia-smi" where the library was out of reach.
    variables: the environment variables that show or hide cards.
    scheduler: the batch system that this runs under ("slurm", "pbs", "lsf", "sge").
    jetson:    the model, on an NVIDIA Jetson.
    metal:     on macOS: its GPUs are used through Metal (MPS).
    """

    section: ClassVar[str] = "gpu"
    probe: ClassVar[str] = "mlenv_checks.gpu.probes.gpu"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 20.0  # NVML needs seconds a card where nothing keeps the driver awake between its users
    owner: ClassVar[str] = "gpu.driver"
    shared: ClassVar[bool] = True

    pci: tuple[PciCard, ...] = ()
    module: str = ""
    open: bool = False
    kernel: KernelModule | None = None
    nodes: tuple[str, ...] = ()
    closed: tuple[DeviceNode, ...] = ()
    windows: bool = False
    wsl: Wsl | None = None
    library: str = ""
    nvml: int | None = None
    silent: float | None = None
    stuck: str = ""
    foreign: bool = False
    mine: tuple[Program, ...] = ()
    driver: str = ""
    cuda: str = ""
    source: str = ""
    cards: tuple[Card, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    scheduler: str = ""
    jetson: str = ""
    metal: bool = False

    @classmethod
    def circumstances(cls, facts: Snapshot) -> Mapping[str, str]:
        """Whether this machine has a card that could do machine learning."""
        gpu = facts.get(cls)
        return {"gpu": "yes" if isinstance(gpu, Gpu) and gpu.present else "no"}

    def headline(self) -> Headline:
        """Driver, CUDA and cards."""
        cards = Counter(card.name for card in self.cards)
        return Headline(
            {
                "driver": self.driver or self.module or None,
                "CUDA of the driver": self.cuda or None,
                "GPUs": str(len(self.cards)),
                "cards": ", ".join(f"{count} {name}" for name, count in cards.items()) or None,
            }
        )

    @classmethod
    def reported(cls, results: Sequence[Result]) -> Headline:
        """Driver and number of cards, from the evidence of the check that found the driver working."""
        found = (finding for result in results if result.id == cls.owner for finding in result.findings)
        evidence = next((finding.evidence for finding in found if finding.status is Status.PASS), {})
        names = (("driver", "driver"), ("CUDA of the driver", "cuda"), ("GPUs", "cards"))
        return Headline({name: evidence[key] for name, key in names if key in evidence})

    @classmethod
    def from_pasted(cls, report: PastedReport) -> Gpu | Missing:
        """The cards and the driver that a report names."""
        from ..pasted import gpu_of

        return gpu_of(report)

    def on_bus(self, vendor: str) -> tuple[PciCard, ...]:
        """The cards of one vendor on the PCI bus."""
        return tuple(card for card in self.pci if card.vendor == vendor)

    @property
    def present(self) -> bool:
        """Whether there is a card that could do machine learning: NVIDIA by its driver or the bus, AMD by the bus."""
        return bool(self.cards or self.on_bus(NVIDIA) or self.on_bus(AMD) or self.jetson)


@dataclass(frozen=True)
class CudaDriver(Fact):
    """What CUDA itself says to a program of this user, asked through libcuda alone.

    library:  the file that was loaded; empty where there is none, and `error` says why.
    init:     the code that cuInit(0) returned; 0 is well.
    version:  the newest CUDA that this library speaks, such as "12.2".
    count:    the cards that a program sees.
    unhidden: the cards that it would see without CUDA_VISIBLE_DEVICES; None where that is not set.
    """

    section: ClassVar[str] = "cuda"
    probe: ClassVar[str] = "mlenv_checks.gpu.probes.cuda_driver"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = "gpu.cuda-starts"
    quick: ClassVar[bool] = False

    library: str = ""
    error: str = ""
    init: int | None = None
    version: str = ""
    count: int | None = None
    unhidden: int | None = None

    @classmethod
    def from_pasted(cls, report: PastedReport) -> CudaDriver | Missing:
        """What CUDA answered, as torch's warnings repeat it."""
        from ..pasted import cuda_driver_of

        return cuda_driver_of(report)
