"""Whether the files of the installed libraries are those that their installers wrote down."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Flaw:
    """A distribution whose files are not as RECORD says. Only code counts: sources and compiled libraries, tests left out.

    name, version: as its folder of metadata `info` is called; the name is normalised (PEP 503).
    metadata: whether METADATA can be read; record: whether there is a RECORD with something in it.
    files:    how many files of code RECORD names.
    lost:     some of those that are missing or empty; changed: some of those that have another size. With how many there are.
    """

    name: str
    version: str = ""
    info: str = ""
    installer: str = ""
    metadata: bool = True
    record: bool = True
    files: int = 0
    lost: tuple[str, ...] = ()
    lost_count: int = 0
    changed: tuple[str, ...] = ()
    changed_count: int = 0


@dataclass(frozen=True)
class Overlap:
    """Two distributions that brought different files under the same paths: `count` of them, some named in `files`."""

    first: str
    second: str
    count: int = 0
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Integrity(Fact):
    """What is not as it was installed, by a comparison of names and sizes alone.

    distributions: how many were looked at (those with a folder of metadata as pip makes it).
    """

    section: ClassVar[str] = "integrity"
    probe: ClassVar[str] = "mlenv_checks.libraries.probes.integrity"
    owner: ClassVar[str] = "libraries.files"
    quick: ClassVar[bool] = False  # to ask the disk for tens of thousands of files takes longer than all the rest of a quick look

    distributions: int = 0
    flaws: tuple[Flaw, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
