"""Notebooks and kernels that look ill and are not."""

from __future__ import annotations

from pathlib import Path

from families.jupyter.patients import (
    JUPYTER,
    also,
    environ,
    gone,
    has_all,
    healthy,
    kernelspec,
    lab,
    named,
    notebook,
    notebooks,
    other,
    prefer_user,
    user_kernels,
    widgets,
)
from lab.patient import Patient
from lab.ward import Ward


def of_nobody(ward: Ward) -> None:
    """Notebooks that are not this project's: of packages, environments, other repositories, hidden folders; and broken ones."""
    lab(ward)
    ward.venv("tools", libraries=(), activate=False)
    (ward.project / "vendored/.git").mkdir(parents=True)
    for folder in ("node_modules/x", ".cache", "docs/.ipynb_checkpoints", "tools", "vendored", "lib/site-packages/x"):
        notebook(ward, f"{folder}/n.ipynb", kernel="nowhere")
    ward.write("broken.ipynb", "{")
    ward.write("deep.ipynb", "[" * 100000)
    ward.write("list.ipynb", "[]")
    ward.write("odd.ipynb", '{"metadata": {"kernelspec": {"name": 3}}, "cells": 4}')
    ward.write("binary.ipynb", b"\xff\x00")
    (ward.project / "folder.ipynb").mkdir()
    (ward.project / "dangling.ipynb").symlink_to("nowhere")


def conda_kernels(ward: Ward) -> None:
    lab(ward)
    ward.library("nb-conda-kernels")
    notebook(ward, kernel="conda-env-ml-py")


def in_ipython(ward: Ward) -> None:
    lab(ward)
    kernelspec(ward.home / ".ipython/kernels/mine", ward.python)
    notebook(ward, kernel="Mine")


def by_jupyter_path(ward: Ward) -> None:
    """JUPYTER_PATH comes first."""
    prefer_user(JUPYTER_PREFER_ENV_PATH="0", JUPYTER_PATH=str(ward.root / "hub"))(ward)
    kernelspec(ward.root / "hub/kernels/python3", ward.python)


def by_data_dir(ward: Ward) -> None:
    lab(ward)
    kernelspec(ward.root / "data/kernels/mine", ward.python)
    ward.environ["JUPYTER_DATA_DIR"] = str(ward.root / "data")
    notebook(ward, kernel="mine")


def through_a_link(ward: Ward) -> str:
    """The environment by another path."""
    (ward.root / "link").symlink_to(ward.project)
    return str(ward.root / "link/.venv/bin/python")


def sees_the_system(ward: Ward) -> Path:
    python = other(ward, libraries=())
    config = python.parent.parent / "pyvenv.cfg"
    config.write_text(config.read_text().replace("= false", "= true"))
    return python


def two_kernels(ward: Ward) -> None:
    """Each notebook where its libraries are."""
    lab(ward)
    kernelspec(user_kernels(ward) / "flow", other(ward, libraries=("ipykernel", "tensorflow")))
    notebook(ward, "a.ipynb")
    notebook(
        ward, "b.ipynb", kernel="flow", code="import os, tensorflow as tf\ntry:\n    import pandas\nexcept ImportError: ...\n"
    )


PATIENTS = [
    Patient(
        id="a notebook that installs what it needs",
        make=named("mine", other, code="%pip install pandas\nimport pandas"),
    ),
    Patient(id="a notebook and its kernel", make=healthy),
    Patient(id="a kernel whose argv is a bare python", make=named("mine", lambda ward: "python")),
    Patient(id="a kernel whose argv is a bare python3", make=named("mine", lambda ward: "python3")),
    Patient(id="a kernel by the full path", make=named("mine", lambda ward: ward.python)),
    Patient(id="a kernel by another path", make=named("mine", through_a_link)),
    Patient(id="a kernel with {prefix}", make=named("mine", lambda ward: "{prefix}/bin/python")),
    Patient(id="a name in capitals", make=named("Mine", lambda ward: ward.python)),
    Patient(id="a deliberate other environment", make=named("mine", has_all)),
    Patient(id="another environment that sees the system", make=named("mine", sees_the_system)),
    Patient(id="another environment and PYTHONPATH", make=named("mine", other, env={"PYTHONPATH": "/x"})),
    Patient(id="a kernel by conda run", make=named("mine", lambda ward: "/opt/conda/bin/conda")),
    Patient(id="two kernels", make=two_kernels),
    Patient(id="a python3 of the user that does not win", make=prefer_user()),
    Patient(id="a python3 of the user that may win and does not", make=prefer_user(JUPYTER_PREFER_ENV_PATH="1")),
    Patient(id="JUPYTER_PATH", make=by_jupyter_path),
    Patient(id="JUPYTER_DATA_DIR", make=by_data_dir),
    Patient(id="a kernel of IPython's folder", make=in_ipython),
    Patient(id="kernels of conda", make=conda_kernels),
    Patient(
        id="dead kernels that nobody names", make=also(healthy, lambda ward: kernelspec(user_kernels(ward) / "old", gone(ward)))
    ),
    Patient(
        id="R and Julia",
        make=also(
            lab, notebooks("r.ipynb", kernel="ir", language="R"), notebooks("j.ipynb", kernel="julia-1.9", language="julia")
        ),
    ),
    Patient(id="a notebook that names no kernel", make=also(lab, notebooks("a.ipynb", kernel=None))),
    Patient(id="notebooks of nobody", yellow=("source-unreadable",), make=of_nobody),
    Patient(
        id="google colab", make=also(lab, notebooks("a.ipynb", kernel="nowhere"), environ(COLAB_RELEASE_TAG="1")), args=JUPYTER
    ),
    Patient(
        id="progress bars with ipywidgets",
        red=("import-not-installed",),
        yellow=None,
        make=widgets("from tqdm.notebook import tqdm\n", "ipywidgets"),
    ),
    Patient(
        id="progress bars that need none",
        red=("import-not-installed",),
        yellow=None,
        make=widgets("from tqdm.auto import tqdm\nfrom tqdm import tqdm, trange\n"),
    ),
]
