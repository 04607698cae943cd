"""Where the code of libraries that were installed for development lies."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


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
    probe: ClassVar[str] = "mlenv_checks.libraries.probes.editable_installs"
    owner: ClassVar[str] = "libraries.editable"
    shared: ClassVar[bool] = True

    editables: tuple[Editable, ...] = ()
