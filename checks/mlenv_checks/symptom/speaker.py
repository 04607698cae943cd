"""Who complains: what is known of the machine that the words of an error come from, and what such words come to mean."""

from __future__ import annotations

from collections.abc import Mapping

from mlenv_doctor.api import Fix, Missing, fix
from mlenv_doctor.patient import Libraries, Pasted, Place, Python, Wanted
from mlenv_doctor.records import dataclass

from ..gpu.cards import capability_of, cuda_version, numbers
from ..gpu.facts import CudaDriver, Gpu
from ..gpu.torch_wheels import install
from ..torch.facts import TorchBuild

Words = Mapping[str, str]  # what the groups of a pattern caught
UNNAMED = "a library"


@dataclass(frozen=True)
class Patient:
    """What is known of the machine that the words come from; each part may be unknown."""

    place: Place
    python: Python | Missing
    libraries: Libraries | Missing
    build: TorchBuild | Missing
    gpu: Gpu | Missing
    cuda: CudaDriver | Missing
    wanted: Wanted
    pasted: Pasted | Missing

    @property
    def torch(self) -> str:
        """The version of torch; empty where it is not known."""
        return "" if isinstance(self.build, Missing) else self.build.version

    @property
    def torch_cuda(self) -> str | None:
        """The CUDA that torch was built for; None where that is not known, empty for a build without."""
        known = not isinstance(self.build, Missing) and self.build.installed
        return (self.build.cuda or "") if known and not isinstance(self.build, Missing) else None

    def version(self, name: str) -> str:
        """The version of a library; empty where it is not known."""
        found = None if isinstance(self.libraries, Missing) else self.libraries.find(name)
        return (found.version or "") if found else ""

    @property
    def capabilities(self) -> tuple[tuple[int, ...], ...]:
        """The compute capabilities of the cards that are known."""
        cards = () if isinstance(self.gpu, Missing) else self.gpu.cards
        return tuple(numbers(known) for card in cards if (known := capability_of(card)))


@dataclass(frozen=True)
class Meaning:
    """What words mean on one machine."""

    cause: str
    says: str
    fix: Fix
    subject: str = ""


def fitting_torch(patient: Patient, speaks: str = "") -> Fix:
    """The PyTorch build that suits what is known of driver and cards; where nothing is, how to find it."""
    if isinstance(patient.gpu, Missing) or isinstance(patient.python, Missing) or isinstance(patient.libraries, Missing):
        return fix("torch.choose-build")
    speaks = speaks or cuda_version(patient.gpu, patient.cuda)
    if not speaks:
        return fix("torch.choose-build")
    cards = map(capability_of, patient.gpu.cards)
    return install(speaks, cards, patient.python, patient.libraries, patient.wanted)


def torch_of(patient: Patient) -> str:
    """What to call the torch of this machine."""
    return f"torch {patient.torch}" if patient.torch else "this build of torch"
