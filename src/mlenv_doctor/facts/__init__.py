"""WHAT can be known about a patient: frozen, typed, without opinion. One file per subject."""

from .base import Fact, Missing, Snapshot, Why, every_fact, parse
from .gpu import Card, CudaDriver, Gpu, PciCard
from .integrity import Flaw, Integrity, Overlap
from .libraries import Distribution, Imported, Imports, Libraries, Module
from .llm import BadLine, Key, Keys, Value
from .mlflow import Mlflow, MlflowServer
from .models import ModelFile, Models
from .place import Place
from .project import Declared, Project, Unreadable
from .python import Python
from .sources import Editable, Sources
from .system import Disk, System
from .torch import Torch, TorchBuild, TorchDevice
from .venv import Environment, OnPath, Venv
from .wanted import Wanted, WantedLibrary

__all__ = [
    "BadLine",
    "Card",
    "CudaDriver",
    "Declared",
    "Disk",
    "Distribution",
    "Editable",
    "Environment",
    "Fact",
    "Flaw",
    "Gpu",
    "Imported",
    "Imports",
    "Integrity",
    "Key",
    "Keys",
    "Libraries",
    "Missing",
    "Mlflow",
    "MlflowServer",
    "ModelFile",
    "Models",
    "Module",
    "PciCard",
    "Place",
    "OnPath",
    "Overlap",
    "Project",
    "Python",
    "Snapshot",
    "Sources",
    "System",
    "Torch",
    "TorchBuild",
    "TorchDevice",
    "Unreadable",
    "Value",
    "Venv",
    "Wanted",
    "WantedLibrary",
    "Why",
    "every_fact",
    "parse",
]
