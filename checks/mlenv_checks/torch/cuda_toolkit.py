"""The CUDA toolkit, which only the compiling of extensions needs."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip
from mlenv_doctor.patient import Libraries, Wanted

from ..gpu.cards import numbers
from ..gpu.checks import unread
from .extensions import extensions
from .facts import Toolkit, TorchBuild


@check("gpu.toolkit", causes=("nvcc-mismatch",))
def toolkit_suits_torch(toolkit: Toolkit | Missing, build: TorchBuild, wanted: Wanted, libraries: Libraries) -> Finding:
    """CUDA toolkit.

    Programs need no toolkit: torch brings its own libraries. Only who compiles flash-attn and its kin needs nvcc, of the same
    major version as torch.
    """
    if isinstance(toolkit, Missing):
        return unread("the CUDA toolkit", toolkit)
    to_build = tuple(library.name for library in wanted.libraries if _is_to_compile(library.name, libraries))
    if not toolkit.folder:
        return skip("no CUDA toolkit, and none is needed" if not to_build else f"no CUDA toolkit to compile {to_build[0]}")
    if not toolkit.version or not build.cuda:
        return skip(f"CUDA toolkit in {toolkit.folder}; torch does not use it")
    if numbers(toolkit.version)[0] == numbers(build.cuda)[0]:
        return ok(f"CUDA toolkit {toolkit.version} in {toolkit.folder} can compile for torch {build.version}")
    if not to_build:
        return skip(
            f"CUDA toolkit {toolkit.version} in {toolkit.folder} is not torch's CUDA {build.cuda}, and nothing has to be compiled"
        )
    message = (
        f"{_and(to_build)} must be compiled for torch's CUDA {build.cuda}, but {toolkit.by or 'the toolkit found'}"
        f" {'points to' if toolkit.by else 'is'} CUDA {toolkit.version} in {toolkit.folder}"
    )
    return fail("nvcc-mismatch", message, subject="nvcc", fix=_right_toolkit(toolkit, build.cuda))


def _is_to_compile(name: str, libraries: Libraries) -> bool:
    """Whether installing this library means to compile it, and that has still to be done."""
    return bool(extensions().get(canonicalize_name(name), {}).get("source")) and not libraries.find(name)


def _and(names: Sequence[str]) -> str:
    return " and ".join(names[:3])


def _right_toolkit(toolkit: Toolkit, cuda: str) -> Fix:
    """To name the toolkit of the right major version, where one lies beside; else to install it."""
    right = [folder for folder, version in toolkit.others.items() if numbers(version)[0] == numbers(cuda)[0]]
    exact = [folder for folder in right if toolkit.others[folder] == cuda]
    return fix("gpu.name-toolkit", folder=(exact or right)[-1]) if right else fix("gpu.install-toolkit", cuda=cuda)
