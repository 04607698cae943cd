"""Where the import name of a library leads, and what is left of one whose installation was interrupted."""

from __future__ import annotations

from mlenv_doctor.facts import Libraries, Module, Python, WantedLibrary


def module_of(library: WantedLibrary, libraries: Libraries) -> Module | None:
    """Where the import name of a library leads: in the environment, or else to a folder of the project."""
    if not library.imports:
        return None
    found = in_environment(library, libraries)
    top = library.imports[0].partition(".")[0]
    return found or next((module for module in libraries.local if module.name == top and module.namespace), None)


def in_environment(library: WantedLibrary, libraries: Libraries) -> Module | None:
    """Where the import name of a library leads in the environment itself."""
    top = library.imports[0].partition(".")[0]
    return next((m for m in libraries.modules if m.name == top and (m.origin or m.namespace)), None)


def half(library: WantedLibrary, libraries: Libraries, python: Python) -> str:
    """What remains of a library whose installation was interrupted; empty for one that is whole or not there.

    Only in a virtual environment: packages of a system need not bring metadata.
    """
    if not library.imports:
        return ""
    module, found = in_environment(library, libraries), libraries.find(library.name)
    if found:
        lost = module is None and not found.editable and found.record and found.installer != "conda"
        return "its metadata is there without its files" if lost else ""
    # A part of jupyter (its import name) is installed without jupyter itself where only that part was asked for.
    inside = module and module.origin and python.purelib and module.origin.startswith(python.purelib)
    orphan = inside and python.in_venv and not library.imports[0].startswith("jupyter")
    return "its files are there without its metadata" if orphan else ""
