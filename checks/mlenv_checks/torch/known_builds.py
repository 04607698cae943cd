"""What is known of builds of PyTorch that are not at hand: their code for cards, by version and CUDA, and their Pythons."""

from __future__ import annotations

from mlenv_doctor.api import Missing, rows
from mlenv_doctor.patient import Python

from ..gpu.cards import numbers
from .facts import TorchBuild


def archs_of(build: TorchBuild, python: Python | Missing) -> tuple[str, ...]:
    """The architectures that a build has code for: as its files say, else by the table; empty where neither knows it."""
    if build.archs or not build.cuda:
        return build.archs
    public = build.version.partition("+")[0]
    system = _system(python)
    found = (
        row["capabilities"]
        for row in rows("mlenv_checks.gpu", "torch_builds")
        if row["torch"] == public and row["platform"] == system and row["cuda"] == build.cuda
    )
    return tuple(f"sm_{capability.replace('.', '')}" for capability in next(found, "").split())


def _system(python: Python | Missing) -> str:
    if isinstance(python, Missing):
        return "linux-x86_64"
    return "windows" if python.platform == "win32" else f"linux-{python.machine}"


def last_capability(cuda: tuple[int, ...]) -> tuple[int, ...]:
    """The newest card that the compiler of a CUDA knows."""
    known = [numbers(row["last"]) for row in rows("mlenv_checks.gpu", "cuda_generations") if numbers(row["cuda"]) <= cuda]
    return known[-1] if known else (0, 0)


def newest_python(torch: str) -> tuple[int, int] | None:
    """The newest Python that a release of torch was built for; of the newest release without a version. None if not known."""
    table = [(numbers(row["torch"]), numbers(row["python_max"])) for row in rows("mlenv_checks.gpu", "torch_builds")]
    if not torch:
        return _pair(max(table)[1])
    exact = [python for version, python in table if version == numbers(torch)[:3]]
    older = [
        numbers(row["python"]) for row in rows("mlenv_checks.gpu", "torch_pythons") if numbers(row["torch"]) == numbers(torch)[:2]
    ]
    return _pair(max(exact or older)) if exact or older else None


def _pair(version: tuple[int, ...]) -> tuple[int, int]:
    return version[0], version[1]
