"""The project that the doctor was started in: what it declares that it needs."""

from __future__ import annotations

from typing import ClassVar

from ..facts import Fact
from ..records import dataclass

LISTS = (".txt", ".yml", ".yaml", "Pipfile")  # files that exist to list requirements


@dataclass(frozen=True)
class Declared:
    """One requirement as the project wrote it (PEP 508), with the file and line it stands in.

    Addresses stand there without user, password and query.
    group: whose it is where not everybody needs it: "group dev", "extra gpu", "extra" (of some name).
    """

    text: str
    file: str
    line: int = 0
    group: str = ""


@dataclass(frozen=True)
class Unreadable:
    """A line or file that should declare something and could not be understood."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Project(Fact):
    """What stands in the project's own files.

    requirements: what everybody needs. grouped: what only some do (extras, groups, requirements for development).
    limits:    constraints, which say nothing about what has to be installed, only about its version.
    conda:     what an environment.yml asks conda for, under pip's names; not each of them is a library of Python.
    addresses: repositories of git that something is installed from, each by the name that its address suggests.
    cpu_index: the file, or the variable of the shell, that names PyTorch's index of builds for the CPU, or conda's such builds;
               else empty.
    """

    section: ClassVar[str] = "project"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.project"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "libraries.declared"
    shared: ClassVar[bool] = True

    root: str = ""
    name: str = ""
    requires_python: str | None = None
    requires_python_file: str = ""
    requires_python_line: int = 0
    requirements: tuple[Declared, ...] = ()
    grouped: tuple[Declared, ...] = ()
    limits: tuple[Declared, ...] = ()
    conda: tuple[Declared, ...] = ()
    addresses: tuple[Declared, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    cpu_index: str = ""

    @property
    def declares(self) -> bool:
        """Whether this project says itself which libraries it needs, be it illegibly."""
        return bool(self.requirements or self.conda) or any(bad.file.endswith(LISTS) for bad in self.unreadable)
