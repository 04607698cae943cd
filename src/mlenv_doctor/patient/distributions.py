"""The installed libraries: as files (Libraries) and as modules that were really imported (Imports)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Distribution:
    """One installed distribution, as its metadata in `folder` describes it. `name` is normalised (PEP 503)."""

    name: str
    version: str | None
    folder: str
    info: str = ""
    installer: str = ""
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    record: bool = True
    editable: str | None = None


@dataclass(frozen=True)
class Module:
    """Where an import name leads, found without importing it. A namespace has locations and no origin.

    owner: the normalised name of the distribution that brings it; empty where no list of files names it.
    """

    name: str
    origin: str | None = None
    namespace: bool = False
    locations: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class Libraries(Fact):
    """What is installed, read from files only.

    leftovers: entries of site-packages that begin with `~`: an install or uninstall was interrupted.
    modules:   where each wanted import name leads.
    local:     names in the working directory that can be imported from there (files and packages).
    """

    section: ClassVar[str] = "libraries"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.distributions"
    owner: ClassVar[str] = "libraries.readable"
    shared: ClassVar[bool] = True

    distributions: tuple[Distribution, ...] = ()
    leftovers: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    local: tuple[Module, ...] = ()

    def find(self, name: str) -> Distribution | None:
        """The distribution that is in effect for a normalised name: the first on the path."""
        return self.by_name.get(name)

    @cached_property
    def by_name(self) -> Mapping[str, Distribution]:
        """All that are in effect, in the order of the path."""
        first: dict[str, Distribution] = {}
        for found in self.distributions:
            first.setdefault(found.name, found)
        return first

    @cached_property
    def doubled(self) -> tuple[tuple[Distribution, ...], ...]:
        """Those of the same name in one folder. An .egg-info beside them is how editable installs are made."""
        listed: dict[tuple[str, str], list[Distribution]] = {}
        for found in self.distributions:
            if found.info.endswith(".dist-info"):
                listed.setdefault((found.name, found.folder), []).append(found)
        return tuple(tuple(listed[key]) for key in sorted(listed) if len(listed[key]) > 1)

    @cached_property
    def listed_twice(self) -> frozenset[str]:
        """The names of those."""
        return frozenset(group[0].name for group in self.doubled)

    @cached_property
    def leading(self) -> Mapping[str, Module]:
        """Where each import name leads that leads anywhere."""
        return {module.name: module for module in reversed(self.modules) if module.origin or module.namespace}
