"""What the machine has to give: disk, memory, shared memory, limits."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact, Headline
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Disk:
    """The file system that a folder lies on. `free` is what this user may still write; sizes in bytes.

    inodes: how many files it can hold, and how many more this user may make; 0 where it has no such limit.
    """

    use: str
    path: str
    mount: str = ""
    free: int = 0
    total: int = 0
    read_only: bool = False
    inodes: int = 0
    inodes_free: int = 0


@dataclass(frozen=True)
class System(Fact):
    """Sizes in bytes; None where they could not be read. `memory_limit` is that of the control group.

    memory_left: what is left under that limit, after all that the group's other processes use.
    """

    section: ClassVar[str] = "system"
    probe: ClassVar[str] = "mlenv_checks.system.probes.system"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.disk"
    shared: ClassVar[bool] = True

    disks: tuple[Disk, ...] = ()
    memory_total: int | None = None
    memory_available: int | None = None
    memory_limit: int | None = None
    memory_left: int | None = None
    swap_total: int | None = None
    shm_total: int | None = None
    shm_free: int | None = None
    cores: int = 1
    root: bool = False

    def headline(self) -> Headline:
        """Rounded: the same machine has some more or less memory after every start."""
        memory = f"{round(self.memory_total / 2**30)} GiB" if self.memory_total else None
        return Headline({"memory": memory, "processors": str(self.cores)})
