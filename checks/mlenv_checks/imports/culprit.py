"""Who is to blame for an import that fails: the library itself, one that it needs, or what nobody declared."""

from __future__ import annotations

import re
from collections.abc import Set

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Missing
from mlenv_doctor.patient import Imported, Imports, Libraries

from ..libraries.catalogue import import_names
from ..libraries.dependencies import requirements_of
from ..libraries.installed import FAILED
from ..python.facts import Interpreter
from ..python.interpreter import lacks
from ..python.startup import intruder
from .import_errors import distribution_of

LACKING = re.compile(r"No module named '(\w+)'")


def blamed_on_python(imported: Imported, interpreter: Interpreter | Missing) -> str:
    """The finding about Python itself that explains why an import fails; else empty."""
    folder = intruder(imported, interpreter)
    if folder:
        return f"python.path:{folder}"
    return "python.complete" if lacks(imported, interpreter) else ""


def to_blame(imported: Imported, libraries: Libraries) -> str:
    """The distribution that lacks a module which its metadata promises, or in whose files the import failed.

    The library itself where that cannot be told.
    """
    lacking = LACKING.fullmatch(imported.message)
    promised = libraries.find(canonicalize_name(lacking[1])) if lacking else None
    return promised.name if promised else distribution_of(imported.file, libraries) or imported.name


def undeclared(imported: Imported, libraries: Libraries) -> str:
    """What an import lacks that nothing declared and nothing brings: the name on the index, where it is known; else empty."""
    lacking = LACKING.fullmatch(imported.message)
    if not lacking or any(module.name == lacking[1] and module.origin for module in libraries.modules):
        return ""
    known = {top.partition(".")[0]: name for name, top in import_names().items()}
    return known.get(lacking[1], "") if not libraries.find(canonicalize_name(lacking[1])) else ""


def culprit(imported: Imported, imports: Imports, libraries: Libraries) -> str:
    """The other library that is to blame: one that fails as well, and in whose files this import failed or that it needs."""
    broken = {other.name for other in imports.libraries if other.outcome in FAILED}
    seat = to_blame(imported, libraries)
    root = seat if seat in broken and seat != imported.name else deepest(imported.name, broken, libraries)
    circle = bool(root) and deepest(root, {imported.name}, libraries) == imported.name
    return "" if circle and imported.name < root else root  # of two that need each other one has to be named


def deepest(name: str, among: Set[str], libraries: Libraries) -> str:
    """The last of some distributions that is met on the way down from one to all that it needs; empty for none."""
    todo, seen, found = [name], {name}, ""
    while todo and among:
        for needed in requirements_of(todo.pop(0), libraries):
            if needed not in seen:
                seen.add(needed)
                todo.append(needed)
                found = needed if needed in among else found
    return found
