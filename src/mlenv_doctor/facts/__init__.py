"""WHAT can be known about a patient: frozen, typed, without opinion. One file per subject."""

from .base import Fact, Missing, Snapshot, Why, every_fact, parse
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
from .network import Bundle, Network, PackageIndex, PipSetting, Proxy
from .place import Place
from .plots import Plots
from .prefix import Prefix
from .project import Declared, Project, Unreadable
from .python import Python
from .system import Disk, System
from .torch import Torch, TorchBuild, TorchDevice
from .venv import Environment, OnPath, Venv
from .wanted import Wanted, WantedLibrary

__all__ = [
    "Proxy",
    "PipSetting",
    "PackageIndex",
    "Network",
    "Bundle",
    "BadLine",
    "Card",
    "CudaDriver",
    "Declared",
    "Disk",
    "Distribution",
    "Environment",
    "Fact",
    "Flaw",
    "Folder",
    "Folders",
    "Gpu",
    "Imported",
    "Imports",
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
    "Module",
    "OnPath",
    "Overlap",
    "PathEntry",
    "PciCard",
    "Place",
    "Plots",
    "Prefix",
    "Project",
    "Python",
    "Snapshot",
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
