"""A stage of the roadmap, and whether a machine is ready for it."""

from __future__ import annotations

from .records import dataclass


@dataclass(frozen=True)
class Stage:
    """A stage of the roadmap and the subjects that must be sound for it.

    A need is `family/subject`, or `family` for all of it; `a|b` means that one of the subjects is enough.
    """

    name: str
    months: str
    title: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class StageState:
    """Whether a machine is ready for a stage, and what it lacks. works: its libraries also did real work (--deep)."""

    name: str
    ready: bool
    missing: tuple[str, ...]
    works: bool = False
