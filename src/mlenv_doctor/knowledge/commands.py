"""The commands of a cure, ready to paste, with the Python that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from ..running.quote import typed
from .reading import Cure
from .surroundings import Surroundings, requirement_of


def commands(cure: Cure, facts: Surroundings) -> tuple[str, ...]:
    """What is typed, in order. A requirement that is none is left out: text of a stranger never becomes a command."""
    return (*_pip(cure, facts), *cure.run)


def _pip(cure: Cure, facts: Surroundings) -> Iterator[str]:
    python = facts.executable or "python"
    by_uv = facts.installer == "uv"
    if facts.installer == "ensurepip" and (cure.install or cure.remove):
        yield typed([python, "-m", "ensurepip", "--upgrade"])
    if remove := [name for name in cure.remove if _plain(name)]:
        yield typed(
            ["uv", "pip", "uninstall", "--python", python, *remove]
            if by_uv
            else [python, "-m", "pip", "uninstall", "--yes", *remove]
        )
    if install := [name for name in cure.install if _plain(name)]:
        anew = "--reinstall" if by_uv else "--force-reinstall"
        options = ["--upgrade"] if cure.upgrade else [anew] if cure.reinstall else []
        pip = ["uv", "pip", "install", "--python", python] if by_uv else [python, "-m", "pip", "install"]
        yield typed([*pip, *options, *cure.options, *install])


def _plain(text: str) -> bool:
    """Whether a text is a requirement without an address."""
    requirement = requirement_of(text)
    return requirement is not None and not requirement.url
