"""What can be known about the cluster's module system (Environment Modules, Lmod)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlenv_doctor.api import Fact, Headline


@dataclass(frozen=True)
class EnvironmentModules(Fact):
    """Which modules are loaded in this session.

    present: whether there is a module system at all. loaded: such as "cuda/12.4", in the order in which they were loaded.
    """

    section: ClassVar[str] = "environment_modules"
    probe: ClassVar[str] = "mlenv_doctor_cluster.cluster.probes.environment_modules"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "cluster.modules"
    shared: ClassVar[bool] = True

    present: bool = False
    loaded: tuple[str, ...] = ()

    def headline(self) -> Headline:
        """The loaded modules are what differs between two nodes."""
        return Headline({"modules": " ".join(self.loaded) or None}) if self.present else Headline()
