"""Terminals: what is active and what runs are two things, and a launcher that puts itself first; beside the healthy ones."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from families.venv.patients_conda import conda
from families.libraries.patients import says
from lab.patient import Patient, other_python
from families.venv.patients import UV, on_laptop, on_path
from lab.ward import DOCTOR, Ward

PY312 = ("python3.12",)


def other(ward: Ward, *names: str) -> Path:
    """A folder of commands of another Python, as pyenv, Homebrew or a build of one's own put it on PATH."""
    folder, home = ward.root / "other/bin", other_python("3.12").parent
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).symlink_to(home / name)
    return folder


def behind(where: str = ".venv", lock: str = "") -> Callable[[Ward], None]:
    """A line in .bashrc put another Python before the environment that is active."""

    def make(ward: Ward) -> None:
        ward.venv(where)
        on_path(ward, other(ward, "python", "python3", "pip"), ward.prefix / "bin")
        if lock:
            ward.write(lock, "version = 1\n")

    return make


def only_named(lock: str = "", *, conda_base: bool = False) -> Callable[[Ward], None]:
    """VIRTUAL_ENV is set, and PATH knows nothing of it."""

    def make(ward: Ward) -> None:
        ward.venv()
        on_path(ward, other(ward, "python", "python3"))
        if lock:
            ward.write(lock, "version = 1\n")
        if conda_base:
            base = ward.root / "conda"
            (base / "condabin").mkdir(parents=True)
            ward.environ |= {"CONDA_PREFIX": str(base), "CONDA_DEFAULT_ENV": "base", "CONDA_SHLVL": "1"}

    return make


def projects_own_first(ward: Ward) -> None:
    """direnv put the project's environment on PATH, in a terminal in which another one was activated."""
    ward.venv()
    own = ward.prefix
    ward.venv(ward.root / "elsewhere")
    on_path(ward, own / "bin", ward.prefix / "bin")


def of_conda(ward: Ward) -> None:
    """A virtual environment made with the Python of conda's base, which the shell has active as well."""
    conda(base=True, packages=("numpy",))(ward)
    base = ward.root / "miniforge"
    (ward.project / ".conda").rename(base)
    (ward.project / "requirements.txt").unlink()
    ward.venv(python=base / "bin/python")
    ward.environ |= {"CONDA_PREFIX": str(base), "CONDA_DEFAULT_ENV": "base"}
    on_path(ward, ward.prefix / "bin", base / "bin")


def launched(*, bucket: str = "archive-v0", active: bool = True, named: bool = False) -> Callable[[Ward], None]:
    """Started by `uvx` or `uv run --with`: the environment that uv made for the doctor comes first on PATH."""

    def make(ward: Ward) -> None:
        own = ward.root / "cache" / bucket / "x1Y2z3"
        subprocess.run([UV, "venv", "--offline", "--quiet", "--python", other_python("3.12"), own], check=True)
        ward.venv()
        if not active:
            (ward.bin / "python").symlink_to(other_python("3.12"))
            ward.environ["PATH"] = str(ward.bin)
            del ward.environ["VIRTUAL_ENV"]
        ward.environ["PATH"] = f"{own}/bin:{ward.environ['PATH']}"
        if named:
            ward.environ["VIRTUAL_ENV"] = str(own)

    return make


def doctor_within(ward: Ward) -> None:
    """The doctor is installed in the active environment: its folder is on PATH, and rightly so."""
    ward.venv()
    shutil.copy(DOCTOR, ward.prefix / "bin/mlenv-doctor")


PATIENTS = [
    Patient(
        "another Python before the active one", behind(), ("virtual-env-mismatch",), needs=PY312, cure="virtual-env-mismatch"
    ),
    Patient("before one that is no project's", behind("../elsewhere"), ("virtual-env-mismatch",), needs=PY312),
    Patient("before the active one, with uv", behind(lock="uv.lock"), yellow=("virtual-env-mismatch",), needs=PY312),
    Patient("VIRTUAL_ENV without PATH", on_laptop(only_named()), yellow=("virtual-env-mismatch",), needs=("root", *PY312)),
    Patient("VIRTUAL_ENV without PATH, for uv", on_laptop(only_named("uv.lock")), needs=("root", *PY312)),
    Patient("VIRTUAL_ENV without PATH, in an image", only_named(), needs=PY312),
    Patient(
        "neither conda's Python nor the active one",
        on_laptop(only_named(conda_base=True)),
        yellow=("virtual-env-mismatch",),
        absent=("conda-venv-nested",),
        needs=("root", *PY312),
    ),
    Patient(
        "direnv and another active one",
        projects_own_first,
        yellow=("virtual-env-mismatch",),
        also=says("(this project)"),
        cure="virtual-env-mismatch",
    ),
    Patient("a venv of conda's Python", of_conda, needs=PY312),
    Patient("uvx", launched(), needs=PY312),
    Patient("uvx in a fresh terminal", launched(active=False), ("venv-not-active",), needs=PY312),
    Patient("uv run --with", launched(bucket="builds-v0", named=True), needs=PY312),
    Patient("the doctor in the environment itself", doctor_within),
    Patient(
        "TLJH",
        on_laptop(conda(base=True, packages=("numpy",), JUPYTERHUB_USER="ada", JUPYTERHUB_SERVICE_PREFIX="/user/ada/")),
        needs=("root", *PY312),
    ),
    Patient(
        "pip over conda's pytorch",
        conda(packages=("pytorch", "numpy"), pip=("torch",)),
        yellow=("conda-pip-mixed",),
        needs=PY312,
    ),
]
