"""The entry points of what is installed where the doctor is: not in the working directory, nor wherever a variable points.

`importlib.metadata` would load the reader of e-mails and parse the metadata of every distribution for it, a fifth of a quick
look. The format: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import os
import re
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol

from ..records import dataclass

GROUP = "mlenv_doctor.checks"
LARGEST = 1 << 20  # bytes of one list
OBJECT = re.compile(r"([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?")
HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Entry(Protocol):
    """An entry point, ours or one of `importlib.metadata`."""

    @property
    def name(self) -> str: ...

    def load(self) -> Any: ...


@dataclass(frozen=True)
class EntryPoint:
    """A name, and the object that it stands for, as `module` or `module:attribute`."""

    name: str
    value: str

    def load(self) -> Any:
        """The object. Raises ImportError, AttributeError, and whatever the module raises."""
        found = OBJECT.fullmatch(self.value)
        if not found:
            raise ImportError(f"{self.value!r} does not name a module")
        loaded: Any = import_module(found[1])
        for attribute in (found[2] or "").split("."):
            loaded = getattr(loaded, attribute) if attribute else loaded
        return loaded


def installed_beside_us() -> list[Entry]:
    """The entry points of our group; of two distributions of the same name only those of the first."""
    places = dict.fromkeys([HOME, *(sysconfig.get_path(name) for name in ("purelib", "platlib"))])
    found: dict[str, list[Entry]] = {}
    for name, entries in (pair for place in places for pair in (_in_folder if os.path.isdir(place) else _in_archive)(place)):
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), entries)
    return [entry for entries in found.values() for entry in entries]


def _in_folder(folder: str) -> Iterator[tuple[str, list[Entry]]]:
    """The distributions of a folder, by the names of their folders there, with their entry points."""
    for name in os.listdir(folder):
        if name.endswith((".dist-info", ".egg-info")):
            yield name.rpartition(".")[0].partition("-")[0], list(listed(_text(os.path.join(folder, name, "entry_points.txt"))))


def _in_archive(archive: str) -> Iterator[tuple[str, list[Entry]]]:
    """The same for the one file that the doctor may be."""
    from importlib.metadata import distributions

    for distribution in distributions(path=[archive]):
        yield str(distribution.metadata["Name"]), list(distribution.entry_points.select(group=GROUP))


def _text(file: str) -> str:
    """A list of entry points; empty where it cannot be read, or has none of ours."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(LARGEST)
    except OSError:
        return ""
    return data.decode("utf-8", "replace") if GROUP.encode() in data else ""


def listed(text: str) -> Iterable[EntryPoint]:
    """The entry points of our group in such a list."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group == GROUP and equals and not line.startswith(("#", ";")):
            yield EntryPoint(name.strip(), value.strip())
