"""What no candidate may do: change torch's build, or leave what the project asks for unmet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ...patient import Wanted, WantedLibrary
from ..changes import Change
from .candidates import Candidate

TORCH = "torch"
BUILT_WITH = ("torchvision", "torchaudio")  # a build of these belongs to one of torch
UNSOLVABLE = ("ResolutionImpossible", "unsatisfiable")  # the words of pip and uv
OF_ITS_BUILD = ("nvidia-", "triton", "pytorch-triton")  # packages that torch's wheel brings


def constraints(folder: Path, wanted: Wanted, installed: Mapping[str, str]) -> Path:
    """A file that keeps an installer within the limits, so that it fetches nothing in vain. Raises OSError."""
    lines = [f"{library.name}{library.specifier}" for library in wanted.libraries if library.specifier]
    lines += [f"{name}=={version}" for name, version in installed.items() if name == TORCH and "," not in version]
    file = folder / "constraints.txt"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def reason(problem: str, candidate: Candidate, wanted: Wanted) -> str:
    """What an installer says, in plain words where it only says that no version fits."""
    if not any(word in problem for word in UNSOLVABLE):
        return problem.removeprefix("ERROR: ")
    named = set(candidate.packages)
    asked = [f"{library.name}{library.specifier}" for library in wanted.libraries if library.specifier and library.name in named]
    return (
        f"no version fits the project, which asks for {', '.join(asked)}"
        if asked
        else "no version fits what other libraries need"
    )


def forbidden(changes: Iterable[Change], wanted: Wanted, installed: Mapping[str, str]) -> str:
    """Why these changes are out of the question; empty where they are not."""
    asked = {library.name: library for library in wanted.libraries}
    for change in changes:
        if change.old != change.new and TORCH in installed and _is_build(change):
            return f"it would change the build of torch ({change.name} {change.old} -> {change.new or 'removed'})"
        library = asked.get(change.name)
        if library and meets(change.old, library) and not meets(change.new, library):
            return f"{library.source} asks for {library.name}{library.specifier}"
    return ""


def _is_build(change: Change) -> bool:
    """Whether a change is one of torch, or of what belongs to its build."""
    if change.name in BUILT_WITH and change.old:
        return change.old.partition("+")[2] != change.new.partition("+")[2]
    return change.name == TORCH or change.name.startswith(OF_ITS_BUILD)


def meets(version: str, library: WantedLibrary) -> bool:
    """Whether a version is one that the project asks for; empty is not installed."""
    try:
        return bool(version) and SpecifierSet(library.specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True
