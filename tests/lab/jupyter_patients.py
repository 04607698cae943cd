"""Notebooks and the kernels that they name; plots and where they are drawn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .patient import Patient
from .visit import Visit
from .ward import Ward

JUPYTER = ("jupyter",)
LEAK = "module://matplotlib_inline.backend_inline"
NONE: frozenset[str] = frozenset()


def notebook(
    ward: Ward, name: str = "plot.ipynb", kernel: str | None = "python3", code: str = "import pandas\n", **spec: str
) -> Path:
    """A notebook as Jupyter saves it; kernel None leaves its metadata empty."""
    metadata = {"kernelspec": {"display_name": kernel, "language": "python", "name": kernel, **spec}} if kernel else {}
    lines = code.splitlines(keepends=True)
    cell = {"cell_type": "code", "execution_count": None, "id": "a1", "metadata": {}, "outputs": [], "source": lines}
    document = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return ward.write(name, json.dumps(document, indent=1))


def kernelspec(folder: Path, python: str | Path, module: str = "ipykernel_launcher", **more: Any) -> Path:
    """A kernel.json as `ipykernel install` writes it."""
    spec = {
        "argv": [str(python), "-m", module, "-f", "{connection_file}"],
        "display_name": folder.name,
        "language": "python",
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1))
    return folder / "kernel.json"


def user_kernels(ward: Ward) -> Path:
    """Where the user's own kernels are, on Linux."""
    return ward.home / ".local/share/jupyter/kernels"


def lab(ward: Ward, where: str | Path = ".venv", libraries: Iterable[str] = (), activate: bool = True, **how: Any) -> Path:
    """An environment with a Jupyter that shows notebooks, and the kernel that ipykernel brings along."""
    from .ward import VERSIONS

    python = ward.venv(where, libraries=[*(libraries or VERSIONS), "jupyterlab", "ipykernel"], activate=activate, **how)
    kernelspec(python.parent.parent / "share/jupyter/kernels/python3", "python")
    ward.script(python.with_name("jupyter-lab"), f"#!{python}\n")
    return python


def other(ward: Ward, name: str = "other", libraries: Iterable[str] = ("ipykernel",)) -> Path:
    """Another environment, outside of the project."""
    return ward.venv(ward.root / name, libraries=libraries, activate=False)


def named(
    kernel: str, python: Callable[[Ward], str | Path], code: str = "import pandas\n", **more: Any
) -> Callable[[Ward], object]:
    """The project's own Jupyter, and a notebook whose kernel the user registered."""

    def make(ward: Ward) -> None:
        lab(ward)
        kernelspec(user_kernels(ward) / kernel.lower(), python(ward), **more)
        notebook(ward, kernel=kernel, code=code)

    return make


def gone(ward: Ward) -> str:
    return str(ward.root / "gone/bin/python")


def user_first(ward: Ward) -> None:
    """The user's python3 wins over the environment's where somebody asked for that."""
    named("python3", other)(ward)
    ward.environ["JUPYTER_PREFER_ENV_PATH"] = "0"


def global_jupyter(ward: Ward) -> None:
    """Jupyter of another environment is on PATH, the project's own has none: its notebooks run over there."""
    ward.venv(libraries=("pandas", "ipykernel"))
    outside = lab(ward, ward.root / "global", libraries=("numpy",), activate=False)
    (ward.bin / "jupyter-lab").symlink_to(outside.with_name("jupyter-lab"))
    notebook(ward)


ONLY = ("--require", "pandas")

PATIENTS = [
    Patient(id="the python of a kernel is gone", make=named("mine", gone), red=("kernel-wrong-interpreter",)),
    Patient(
        id="a kernel without ipykernel",
        make=named("bare", lambda ward: other(ward, libraries=("pandas",))),
        red=("kernel-wrong-interpreter",),
    ),
    Patient(id="a kernel of another environment", make=named("mine", other), red=("kernel-wrong-interpreter",)),
    Patient(id="the user's python3 wins", make=user_first, red=("kernel-wrong-interpreter",)),
    Patient(id="a global jupyter", make=global_jupyter, args=("jupyter",), red=("kernel-wrong-interpreter",)),
]
