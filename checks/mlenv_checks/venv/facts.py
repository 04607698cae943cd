"""What the folder that a Python installs into says of itself: how it was made, and what conda keeps there."""

from __future__ import annotations

from mlenv_doctor.records import dataclass
from typing import ClassVar

from mlenv_doctor.api import Fact


@dataclass(frozen=True)
class Prefix(Fact):
    """The files of the target's own prefix, and what conda's variables say.

    made_for:       the minor version that a virtual environment was made for, by its pyvenv.cfg; empty for none.
    has_own_site:   whether it has a site-packages for the Python that runs in it.
    system_site:    whether it also sees the packages of the Python that it was made from.
    conda_base:     whether this is the base environment of conda: the one that holds conda itself.
    conda_packages: what conda installed here, by name.
    conda_levels:   CONDA_SHLVL: how many environments of conda are stacked in this shell.
    certificates:   False where this is the Python of python.org on a Mac whose certificates were never installed.
    """

    section: ClassVar[str] = "prefix"
    probe: ClassVar[str] = "mlenv_checks.venv.probes.environment_files"
    owner: ClassVar[str] = "venv.conda-base"
    shared: ClassVar[bool] = True

    made_for: str = ""
    has_own_site: bool = True
    system_site: bool = False
    conda_base: bool = False
    conda_packages: tuple[str, ...] = ()
    conda_levels: int = 0
    certificates: bool = True
