"""What was compiled for torch: how to install it anew for the torch that is there, which keeps its version and its build."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from mlenv_doctor.api import Fix, Missing, fix, rows, table
from mlenv_doctor.patient import Libraries, WantedLibrary

from ..gpu.cards import numbers
from ..libraries.dependencies import satisfies
from ..libraries.installed import TORCH_BUILD
from .facts import Built, TorchBuild, TorchFamily

INDEX = "https://download.pytorch.org/whl/{}"
RELEASE = re.compile(r"^\d+(\.\d+)+(rc\d+|\.post\d+)?")
PAIRED = ("torchvision", "torchaudio")  # made together with each torch, and on the same index


@cache
def extensions() -> dict[str, Any]:
    """The libraries with code compiled against torch, by data/torch_extensions.toml."""
    return table(__package__, "torch_extensions")


def beside(name: str, libraries: Libraries, build: TorchBuild | Missing, wanted: Iterable[WantedLibrary] = ()) -> Fix:
    """The repair of a library that was built for another torch."""
    torch, tag = torch_here(libraries, build)
    if name not in PAIRED:
        return rebuilt(name, libraries, torch, tag)
    if not RELEASE.fullmatch(torch):
        return fix("torch.build-beside", name=name, torch=torch or "unknown")
    names = tuple(other for other in PAIRED if libraries.find(other)) or (name,)
    asked = {library.name: library.specifier for library in wanted}
    version = made_for(name, torch)
    if version and not satisfies(version, asked.get(name, "")):
        torch = _torch_of(name, libraries) or torch  # the project insists on the other, so that torch follows
    packages = (f"torch=={torch}", *(_pinned(other, torch) for other in names))
    return fix("torch.together", others=names, packages=packages, options=index(tag, libraries))


def torch_here(libraries: Libraries, build: TorchBuild | Missing) -> tuple[str, str]:
    """Version and build of the torch that is there: by its own files, which alone know the build of wheels of PyPI."""
    found = libraries.find("torch")
    said = (build.version if isinstance(build, TorchBuild) else "") or (found.version if found else "") or ""
    version, _, tag = said.partition("+")
    return version, tag


def index(tag: str, libraries: Libraries) -> tuple[str, ...]:
    """Where builds like this one come from. A build for CUDA whose metadata bears no tag is that of the package index itself."""
    found = libraries.find("torch")
    plain = tag.startswith("cu") and "+" not in ((found.version if found else "") or "")
    return ("--index-url", INDEX.format(tag)) if TORCH_BUILD.fullmatch(tag) and not plain else ()


def made_for(name: str, torch: str) -> str:
    """The version of torchvision or torchaudio that was made with a torch; empty where the table does not know it."""
    found = [
        row["version"] for row in rows("mlenv_checks.gpu", "torch_family") if row["package"] == name and row["torch"] == torch
    ]
    return found[-1] if found else ""


def _pinned(name: str, torch: str) -> str:
    """A requirement for what was made with a torch; of one newer than the table the installer knows it by its metadata."""
    version = made_for(name, torch)
    return f"{name}=={version}" if version else name


def _torch_of(name: str, libraries: Libraries) -> str:
    """The torch that the installed torchvision or torchaudio was made with."""
    found = libraries.find(name)
    version = ((found.version if found else "") or "").partition("+")[0]
    return next(
        (row["torch"] for row in rows("mlenv_checks.gpu", "torch_family") if (row["package"], row["version"]) == (name, version)),
        "",
    )


def rebuilt(name: str, libraries: Libraries, torch: str, tag: str) -> Fix:
    """To fetch an extension for the torch that is there, or to compile it: the same version once more."""
    found = libraries.find(name)
    version = ((found.version if found else "") or "").partition("+")[0]
    asked = f"{name}=={version}" if RELEASE.fullmatch(version) else name
    if extensions().get(name, {}).get("indexed") and TORCH_BUILD.fullmatch(tag) and RELEASE.fullmatch(torch):
        packages, options = (f"torch=={torch}", asked), ("--index-url", INDEX.format(tag))
        return fix("torch.together", others=(name,), packages=packages, options=options)
    return fix("torch.rebuild", packages=(asked,))


def strangers(family: TorchFamily | Missing, build: TorchBuild | Missing) -> dict[str, str]:
    """The libraries that were compiled for another torch or another CUDA, by name: for which."""
    if not isinstance(family, TorchFamily) or not isinstance(build, TorchBuild) or not build.version:
        return {}
    found = {built.name: _made_for_another(built, build) for built in family.built}
    return {name: other for name, other in found.items() if other}


def _made_for_another(built: Built, build: TorchBuild) -> str:
    """For what a library was built, in words, where that is not the torch that is here; else empty."""
    if built.torch and built.torch != ".".join(build.version.split(".")[:2]):
        return f"torch {built.torch}"
    if built.cuda and (not build.cuda or numbers(built.cuda)[0] != numbers(build.cuda)[0]):
        return f"CUDA {built.cuda}"
    tag = build.version.partition("+")[2]
    strict = extensions().get(built.name, {}).get("strict") and "cpu" not in (built.tag, tag)
    return f"CUDA {built.tag[2:-1]}.{built.tag[-1]}" if strict and built.tag and tag and built.tag != tag else ""


# What a failed import of such a library may be read as; a reading beyond these is another fault.
SIGNS = ("torchvision-mismatch", "extension-torch-abi", "cuda-library-missing", "cuda-library-shadowed", "")
