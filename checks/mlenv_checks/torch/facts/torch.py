"""PyTorch: its build read from its files (TorchBuild), and what it says itself once imported (Torch)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlenv_doctor.api import Fact, Headline, Missing, Result, Snapshot, Task
from mlenv_doctor.patient import Libraries, Wanted, WantedLibrary, import_of
from mlenv_doctor.records import dataclass

if TYPE_CHECKING:
    from mlenv_doctor.api import PastedReport


@dataclass(frozen=True)
class TorchBuild(Fact):
    """For what the installed torch was built, read without importing it.

    version:   with its build tag ("2.14.1+cu130"), which only the package's own `version.py` knows.
    cuda:      the CUDA it was built for ("13.0"); None in builds for the CPU, AMD (`hip`) and Intel (`xpu`).
    archs:     the architectures that it holds kernels for, such as "sm_86" (machine code) and "compute_90" (PTX),
               or "gfx1100" in builds for AMD. Empty where they were not looked for (no NVIDIA card) or not found.
    """

    section: ClassVar[str] = "torch_build"
    probe: ClassVar[str] = "mlenv_checks.torch.probes.torch_build"
    owner: ClassVar[str] = "torch.build"
    shared: ClassVar[bool] = True

    folder: str = ""
    version: str = ""
    cuda: str | None = None
    hip: str | None = None
    xpu: str | None = None
    archs: tuple[str, ...] = ()

    def headline(self) -> Headline:
        """The version with its build tag, which the metadata of PyPI's wheels leaves out."""
        return Headline(libraries={"torch": self.version} if self.version else {})

    @classmethod
    def reported(cls, results: Sequence[Result]) -> Headline:
        """The same, out of the sentence of the check that owns this fact."""
        messages = (finding.message for result in results if result.id == cls.owner for finding in result.findings)
        builds = [found[1] for message in messages if (found := re.match(r"torch (\S+?),", message))]
        return Headline(libraries={"torch": builds[-1]} if builds else {})

    @classmethod
    def from_pasted(cls, report: PastedReport) -> TorchBuild | Missing:
        """For what the torch was built that a report speaks of."""
        from ..pasted import build_of

        return build_of(report)

    @property
    def installed(self) -> bool:
        """Whether there is a torch at all."""
        return bool(self.folder)


@dataclass(frozen=True)
class TorchDevice:
    """A card that torch can use. `capability` is such as "8.6"; empty where asking for it failed."""

    name: str = ""
    capability: str = ""


@dataclass(frozen=True)
class Torch(Fact):
    """What torch says once it is imported.

    available: its answer to "can CUDA be used?".
    devices:   the cards it would use.
    warnings:  what it complained about meanwhile.
    mapped:    the files of CUDA's libraries that were really loaded with it (Linux).
    mps:       whether it can use an Apple GPU; None where it does not know the question. xpu: the same for Intel's.
    """

    section: ClassVar[str] = "torch"
    probe: ClassVar[str] = "mlenv_checks.torch.probes.torch_gpu"
    timeout: ClassVar[float] = 90.0
    owner: ClassVar[str] = "libraries.import"
    quick: ClassVar[bool] = False
    after: ClassVar[tuple[type[Fact], ...]] = (Wanted, Libraries)
    absent: ClassVar[str] = "is not installed"

    version: str = ""
    cuda: str | None = None
    hip: str | None = None
    available: bool = False
    devices: tuple[TorchDevice, ...] = ()
    archs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    mps: bool | None = None
    mps_built: bool = False
    mapped: tuple[str, ...] = ()
    xpu: bool | None = None

    @classmethod
    def tasks(cls, facts: Snapshot) -> list[Task] | None:
        """The process that imports torch answers for it as well."""
        libraries = facts[Libraries]
        if not isinstance(libraries, Libraries):
            return None
        asked = import_of(WantedLibrary("torch", imports=("torch",)), libraries)
        return [Task((cls,), "torch", cls.timeout, asked, heavy=True, weight=1.0)] if libraries.find("torch") else []

    @classmethod
    def from_pasted(cls, report: PastedReport) -> Torch | Missing:
        """What torch itself said, as far as a report tells it."""
        from ..pasted import torch_of

        return torch_of(report)
