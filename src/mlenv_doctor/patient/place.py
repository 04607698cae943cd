"""Where this runs: operating system, distribution, container, cloud notebook, shell, package managers."""

from __future__ import annotations

from typing import ClassVar

from ..facts import Fact
from ..records import dataclass


@dataclass(frozen=True)
class Place(Fact):
    """Where this runs, as far as repairs differ by it.

    os:     "linux", "macos" or "windows". distro: the family of a Linux distribution: "debian" (with Ubuntu), "fedora"
            (with Red Hat), "alpine", "arch", "suse" or "other"; empty elsewhere.
    kind:   the place that matters most; kinds: all that apply, such as a cloud notebook that is also a container.
    shell:  the user's: "sh" (and what is like it), "fish", "powershell" or "cmd".
    script_policy: the execution policy of Windows PowerShell where that is the user's shell, such as "Restricted"; else empty.
    uv, conda: full paths of these commands, where they are on PATH.
    system_python: full path of a Python that belongs to no virtual environment.
    """

    section: ClassVar[str] = "place"
    probe: ClassVar[str] = "mlenv_doctor.patient.probes.place"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "system.place"
    shared: ClassVar[bool] = True

    os: str = "linux"
    distro: str = ""
    kind: str = "machine"
    kinds: tuple[str, ...] = ()
    shell: str = "sh"
    script_policy: str = ""
    root: bool = False
    uv: str | None = None
    conda: str | None = None
    system_python: str | None = None
