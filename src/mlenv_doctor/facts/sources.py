"""Where the code of libraries that were installed for development lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Editable:
    """A library installed for development: its normalised name, the folder of its code, and the file that says so.

    there: whether that folder exists.
    """

    name: str
    path: str
    file: str
    there: bool = True


@dataclass(frozen=True)
class Sources(Fact):
    """What `pip install -e`, `uv sync` and `setup.py develop` left behind, whether or not it still leads anywhere."""

    section: ClassVar[str] = "sources"
    probe: ClassVar[str] = "sources"
    owner: ClassVar[str] = "libraries.editable"
    shared: ClassVar[bool] = True

    editables: tuple[Editable, ...] = ()
