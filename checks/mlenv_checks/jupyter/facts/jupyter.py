"""The notebooks of a project, and the kernels that they would run in."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Kernel:
    """A kernel for Python that notebooks of the project name, as the Jupyter that is here would find it.

    notebooks: those that name it, by their path from the project's folder. count: how many they are in all.
    found:     whether it is registered where that Jupyter looks.
    file:      its kernel.json; empty for the `python3` that comes with ipykernel itself.
    level:     where that file lies: "user", "environment" (the examined one) or "elsewhere".
    python:    the interpreter that it starts; empty where that is a program of another kind (conda run, a container).
    alive:     whether that interpreter exists. prefix: its environment's folder. mine: whether that is the examined one.
    ipykernel: whether ipykernel is there; None where it is not needed or cannot be told.
    lacking:   what those notebooks import, and the examined environment has, and this one does not.
    widgets:   those notebooks that use widgets (ipywidgets, tqdm.notebook). has_widgets: whether that is there; None as above.
    """

    name: str
    notebooks: tuple[str, ...] = ()
    count: int = 0
    found: bool = False
    file: str = ""
    level: str = ""
    python: str = ""
    alive: bool = True
    mine: bool = False
    prefix: str = ""
    ipykernel: bool | None = None
    lacking: tuple[str, ...] = ()
    widgets: tuple[str, ...] = ()
    has_widgets: bool | None = None


@dataclass(frozen=True)
class Jupyter(Fact):
    """What the notebooks of the project name, and which Jupyter would run them.

    notebooks: how many were read. kernels: those that they name, Python's only.
    server:    the folder of the environment whose Jupyter would show them: the examined one if it has one, else that on PATH;
               empty where there is none (an editor runs kernels by itself). server_mine: whether that is the examined one.
    finds_conda: whether that Jupyter makes up kernels for conda's environments (nb_conda_kernels).
    replaced:  libraries of the examined environment that were replaced while a running kernel has them loaded.
    """

    section: ClassVar[str] = "jupyter"
    probe: ClassVar[str] = "mlenv_checks.jupyter.probes.jupyter"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "jupyter.kernels"
    quick: ClassVar[bool] = False

    notebooks: int = 0
    kernels: tuple[Kernel, ...] = ()
    server: str = ""
    server_mine: bool = False
    finds_conda: bool = False
    replaced: tuple[str, ...] = ()
