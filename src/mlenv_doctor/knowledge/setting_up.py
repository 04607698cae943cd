"""What a package of families knows of making an environment: which Pythons suit, and what has to come in a build of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..facts import Fact, Snapshot
from ..patient import Python, Wanted


@dataclass(frozen=True)
class First:
    """What is installed before all else, because a plain install would bring another build of it.

    packages: the requirements. options: of the installer, such as the index of that build. why: ends a sentence about it.
    """

    packages: tuple[str, ...]
    options: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class SettingUp:
    """What is known.

    oldest, newest: the minor versions of Python between which the libraries have wheels. best: the one to bring where none is.
    facts: what `first` has to know of the machine. first: what is installed first, for this Python and these wishes.
    """

    oldest: str
    best: str
    newest: str
    facts: tuple[type[Fact], ...]
    first: Callable[[Snapshot, Python, Wanted], First | None]
