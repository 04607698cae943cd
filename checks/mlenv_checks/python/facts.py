"""How whole a Python is, and what PYTHONPATH lays before its own packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class PathEntry:
    """One folder on PYTHONPATH that exists and is no part of the examined Python itself.

    minor:     the minor version whose site-packages it is, by its name; empty for any other folder.
    libraries: import names of known libraries that it holds. hidden: those of them that the environment has as well.
    """

    path: str
    minor: str = ""
    libraries: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interpreter(Fact):
    """What of the standard library does not load, and whose library the program runs with.

    lacking:     extension modules of the standard library that cannot be used, and why; "" where they are not there at all.
    library:     the libpython that was loaded; empty for a program that needs none.
    own_library: the one that lies in the installation itself, where that is another; else empty.
    """

    section: ClassVar[str] = "interpreter"
    probe: ClassVar[str] = "mlenv_checks.python.probes.interpreter"
    owner: ClassVar[str] = "python.complete"
    shared: ClassVar[bool] = True

    lacking: Mapping[str, str] = field(default_factory=dict)
    library: str = ""
    own_library: str = ""
    python_path: tuple[PathEntry, ...] = ()
