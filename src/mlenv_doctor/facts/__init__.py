"""WHAT can be known about a patient: frozen, typed, without opinion. One file per subject."""

from .base import Fact, Missing, Snapshot, Why, every_fact, parse
from .card_health import CardHealth, Program, Slice
from .folders import Folder, Folders
from .gpu import Card, CudaDriver, Gpu, PciCard
from .integrity import Flaw, Integrity, Overlap
from .interpreter import Interpreter, PathEntry
from .jupyter import Jupyter, Kernel
from .libraries import Distribution, Imported, Imports, Libraries, Module
from .limits import Limits
from .llm import BadLine, Key, Keys, Value
from .lock import Lock, Locked
from .mlflow import Mlflow, MlflowServer
from .models import ModelFile, Models
from .network import Bundle, IndexSetting, Network, PackageIndex, PipSetting, Proxy
from .pasted import Pasted, Said
from .place import Place
from .plots import Plots
from .prefix import Prefix
from .project import Declared, Project, Unreadable
from .python import Python
from .sources import Editable, Sources
from .system import Disk, System
from .torch import Torch, TorchBuild, TorchDevice
from .venv import Environment, OnPath, Venv
from .wanted import Wanted, WantedLibrary

__all__ = [
    "BadLine",
    "Bundle",
    "Card",
    "CardHealth",
    "CudaDriver",
    "Declared",
    "Disk",
    "Distribution",
    "Editable",
    "Environment",
    "Fact",
    "Flaw",
    "Folder",
    "Folders",
    "Gpu",
    "Imported",
    "Imports",
    "IndexSetting",
    "Integrity",
    "Interpreter",
    "Jupyter",
    "Kernel",
    "Key",
    "Keys",
    "Libraries",
    "Limits",
    "Lock",
    "Locked",
    "Missing",
    "Mlflow",
    "MlflowServer",
    "ModelFile",
    "Models",
    "Module",
    "Network",
    "OnPath",
    "Overlap",
    "PackageIndex",
    "Pasted",
    "PathEntry",
    "PciCard",
    "PipSetting",
    "Place",
    "Plots",
    "Prefix",
    "Program",
    "Project",
    "Proxy",
    "Python",
    "Said",
    "Slice",
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
