"""Notebooks and the kernels that they name; plots and where they are drawn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lab.patient import Patient
from lab.visit import Visit
from lab.ward import VERSIONS, Ward

JUPYTER = ("jupyter",)


def notebook(
    ward: Ward, name: str = "plot.ipynb", kernel: str | None = "python3", code: str = "import pandas\n", **spec: str
) -> Path:
    """A notebook as Jupyter saves it; kernel None leaves its metadata empty."""
    metadata = {"kernelspec": {"display_name": kernel, "language": "python", "name": kernel, **spec}} if kernel else {}
    lines = code.splitlines(keepends=True)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a1",
        "metadata": {},
        "outputs": [],
        "source": lines,
    }
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


def healthy(ward: Ward) -> Path:
    """The project's own Jupyter, and a notebook that runs in it."""
    notebook(ward)
    return lab(ward)


def prefer_user(**environ: str) -> Callable[[Ward], object]:
    """The user's python3, whose Python is gone, and what decides whether it wins."""

    def make(ward: Ward) -> None:
        named("python3", gone)(ward)
        ward.environ |= environ

    return make


def also(make: Callable[[Ward], object], *more: Callable[[Ward], object]) -> Callable[[Ward], object]:
    """One after the other."""

    def all_of_them(ward: Ward) -> None:
        for step in (make, *more):
            step(ward)

    return all_of_them


def environ(**values: str) -> Callable[[Ward], object]:
    """Variables of the shell; `{root}` stands for the ward's folder."""
    return lambda ward: ward.environ.update({name: value.format(root=ward.root) for name, value in values.items()})


def notebooks(*names: str, **how: Any) -> Callable[[Ward], object]:
    return lambda ward: [notebook(ward, name, **how) for name in names]


def has_all(ward: Ward) -> Path:
    return other(ward, libraries=("ipykernel", "pandas"))


def an_editor_alone(ward: Ward) -> None:
    """No Jupyter at all: an editor runs notebooks by ipykernel, and picks interpreters by itself."""
    ward.venv(libraries=("pandas", "ipykernel"))
    kernelspec(user_kernels(ward) / "mine", gone(ward))
    notebook(ward, kernel="mine")


def widgets(code: str, *libraries: str) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        lab(ward, libraries=[*VERSIONS, *libraries])
        notebook(ward, code=code)

    return make


def lab_lost_its_kernel(ward: Ward) -> None:
    """One fault: what Jupyter needs is missing."""
    lab(ward)
    ward.library("jupyterlab", requires=("ipykernel",))
    for part in ward.site.glob("ipykernel*"):
        part.rename(ward.root / part.name)
    notebook(ward)


def no_jupyter_in_the_venv(ward: Ward) -> None:
    ward.venv(libraries=set(VERSIONS) - {"jupyter"})
    notebook(ward)


class Running:
    """A process that is called as a kernel and has a library's file loaded; it is ended after the visit, or ends itself."""

    def __init__(self, replaced: bool) -> None:
        self.replaced = replaced
        self.process: subprocess.Popen[bytes] | None = None

    def make(self, ward: Ward) -> None:
        python = lab(ward)
        file = ward.site / "numpy/core.so"
        file.write_bytes(b"x" * 5000)
        code = "import mmap, sys, time; f = open(sys.argv[1]); m = mmap.mmap(f.fileno(), 0, prot=1); print(flush=True); time.sleep(60)"
        self.process = subprocess.Popen([python, "-c", code, file, "ipykernel_launcher"], stdout=subprocess.PIPE)
        assert self.process.stdout and self.process.stdout.readline()
        if self.replaced:
            file.unlink()
            file.write_bytes(b"y" * 5000)

    def end(self, visit: Visit) -> None:
        assert self.process
        self.process.kill()
        self.process.communicate()


OLD, CURRENT = Running(replaced=True), Running(replaced=False)
WRONG, UNREGISTERED = ("kernel-wrong-interpreter",), ("kernel-not-registered",)

PATIENTS = [
    Patient(
        id="numpy was replaced under a running notebook",
        make=OLD.make,
        args=JUPYTER,
        yellow=("notebook-needs-restart",),
        also=OLD.end,
    ),
    Patient(id="a running notebook", make=CURRENT.make, args=JUPYTER, also=CURRENT.end),
    Patient(id="the python of a kernel is gone", make=named("mine", gone), red=WRONG),
    Patient(id="a kernel without ipykernel", make=named("bare", lambda ward: other(ward, libraries=("pandas",))), red=WRONG),
    Patient(id="a kernel of another environment", make=named("mine", other), red=WRONG),
    Patient(id="the user's python3 wins", make=user_first, red=WRONG),
    Patient(id="the user's python3 wins and is gone", make=prefer_user(JUPYTER_PREFER_ENV_PATH="off"), red=WRONG),
    Patient(id="a global jupyter", make=global_jupyter, args=JUPYTER, red=WRONG),
    Patient(id="python3 of another environment that has all", make=also(user_first, has_all), yellow=WRONG),
    Patient(id="an editor alone, and a kernel that is gone", make=an_editor_alone, args=JUPYTER, yellow=WRONG),
    Patient(
        id="a kernel that nobody registered",
        make=also(lab, notebooks("a.ipynb", "b.ipynb", kernel="theirs")),
        yellow=UNREGISTERED,
    ),
    Patient(
        id="conda's kernel, which nobody finds",
        make=also(lab, notebooks("a.ipynb", kernel="conda-env-ml-py")),
        yellow=UNREGISTERED,
    ),
    Patient(
        id="widgets without ipywidgets",
        red=("import-not-installed",),
        make=widgets("import ipywidgets as w\n"),
        yellow=("ipywidgets-missing",),
    ),
    Patient(id="jupyter lost ipykernel", make=lab_lost_its_kernel, yellow=("dependency-conflict",)),
    Patient(id="no jupyter in the environment", make=no_jupyter_in_the_venv, yellow=()),
    Patient(
        id="progress bars without ipywidgets",
        red=("import-not-installed",),
        make=widgets("from tqdm.notebook import tqdm\n"),
        yellow=("ipywidgets-missing",),
    ),
]
