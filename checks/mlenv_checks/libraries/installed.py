"""Where the import name of a library leads, who brings it, and what is left of one whose installation was interrupted."""

from __future__ import annotations

import re

from mlenv_doctor.api import Fix, fix
from mlenv_doctor.patient import Distribution, Libraries, Module, Python, WantedLibrary

from .catalogue import import_names, right_names

# `jupyter` only names others to install: who installs one of them has what it is for.
JUPYTER = ("jupyterlab", "notebook", "ipykernel")
FAILED = ("error", "crash", "exit", "hang")  # how an import can end other than well
TORCH_BUILD = re.compile(r"cpu|cu\d+|rocm[\d.]+|xpu")


def module_of(library: WantedLibrary, libraries: Libraries) -> Module | None:
    """Where the import name of a library leads: in the environment, or else to a folder of the project."""
    if not library.imports:
        return None
    found = in_environment(library.imports[0], libraries)
    top = library.imports[0].partition(".")[0]
    return found or next((module for module in libraries.local if module.name == top and module.namespace), None)


def in_environment(name: str, libraries: Libraries) -> Module | None:
    """Where an import name leads in the environment itself."""
    return libraries.leading.get(name.partition(".")[0])


def stand_in(name: str, libraries: Libraries) -> Distribution | None:
    """The distribution that brings what a missing one would bring: mlflow-skinny for mlflow, another build of OpenCV.

    scikit-learn, too, where somebody wrote sklearn.
    """
    if name == "jupyter":
        return next((found for other in JUPYTER if (found := libraries.find(other))), None)
    if name == "onnxruntime":
        return next((found for found in libraries.distributions if found.name.startswith("onnxruntime-")), None)
    if name in right_names():
        return libraries.find(right_names()[name])
    module = in_environment(import_names().get(name, ""), libraries)
    return libraries.find(module.owner) if module and module.owner else None


def half(library: WantedLibrary, libraries: Libraries, python: Python) -> str:
    """What remains of a library whose installation was interrupted; empty for one that is whole or not there.

    Only in a virtual environment: packages of a system need not bring metadata. jupyter has no files of its own.
    """
    if not library.imports or library.name == "jupyter":
        return ""
    found = libraries.find(library.name)
    if found:
        lost = (
            in_environment(library.imports[0], libraries) is None
            and not found.editable
            and found.record
            and found.installer != "conda"
        )
        return "its files are missing" if lost else ""
    return "its metadata is missing" if orphaned(library.imports[0], libraries, python) else ""


def orphaned(module_name: str, libraries: Libraries, python: Python) -> bool:
    """Whether the files of a library lie in a virtual environment, and no metadata names them."""
    module = in_environment(module_name, libraries)
    inside = module and module.origin and python.purelib and module.origin.startswith(python.purelib)
    return bool(inside and python.in_venv and module and not module.owner)


def again(name: str, libraries: Libraries) -> Fix:
    """The repair of a library that is broken: the same version once more.

    Another version might not suit those that are installed.
    """
    found = libraries.find(name)
    return reinstall(name, found.version or "" if found else "")


def reinstall(name: str, version: str) -> Fix:
    """To install one version once more, and of PyTorch the same build: another one lacks the libraries that it needs."""
    public, _, build = version.partition("+")
    known = re.fullmatch(r"[\d.]+((a|b|rc|\.post)\d+)?", public)
    index = ("--index-url", f"https://download.pytorch.org/whl/{build}") if known and TORCH_BUILD.fullmatch(build) else ()
    return fix("libs.reinstall", packages=(f"{name}=={public}" if known else name,), options=index)
