"""Who is examined: the chosen Python, its environment, the project and its distributions, and what is asked of them."""

from .distributions import Distribution, Libraries, Module
from .environment import Environment, OnPath, Venv
from .imports import Imported, Imports
from .native import Native, SharedLibraries, SharedLibrary
from .needs import Wanted, WantedLibrary, import_of
from .pasted import Pasted, Said
from .place import Place
from .project import LISTS, Declared, Project, Unreadable
from .python import Python

__all__ = [
    "Declared",
    "Distribution",
    "Environment",
    "Imported",
    "Imports",
    "LISTS",
    "Libraries",
    "Module",
    "Native",
    "OnPath",
    "Pasted",
    "Place",
    "Project",
    "Python",
    "Said",
    "SharedLibraries",
    "SharedLibrary",
    "Unreadable",
    "Venv",
    "Wanted",
    "WantedLibrary",
    "import_of",
]
