"""Where plots are drawn: the screen, and the backend that matplotlib was told to use."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Plots(Fact):
    """What variables and the project's own matplotlibrc say.

    backend: the value of MPLBACKEND; it wins over every file. screen: whether a window could be opened.
    file:    the project's matplotlibrc, where it names a backend; file_backend and line: which, and where.
    """

    section: ClassVar[str] = "plots"
    probe: ClassVar[str] = "mlenv_checks.jupyter.probes.plots"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "jupyter.plots"
    shared: ClassVar[bool] = True

    backend: str = ""
    screen: bool = True
    file: str = ""
    file_backend: str = ""
    line: int = 0
