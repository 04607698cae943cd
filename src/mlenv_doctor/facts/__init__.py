"""WHAT can be known about a patient: frozen, typed, without opinion. One file per subject."""

from .accelerators import Accelerators, DeviceNode
from .base import Fact, Missing, Snapshot, Why, every_fact, parse
from .card_health import CardHealth, Program, Slice
from .cuda_libraries import Built, Toolkit, TorchFamily, Unshadowed
from .folders import Folder, Folders
from .gpu import Card, CudaDriver, Gpu, PciCard
from .integrity import Flaw, Integrity, Overlap
from .interpreter import Interpreter, PathEntry
from .jupyter import Jupyter, Kernel
from .kernel_module import KernelModule
from .key_answers import KeyAnswer, KeyAnswers
from .key_copies import KeyCopies, KeyCopy
from .key_uses import CodeLine, Hardcoded, KeyNeed, KeyUses
from .libraries import Distribution, Imported, Imports, Libraries, Module
from .limits import Limits
from .llm import Address, BadLine, Key, Keys, Typo, Value
from .lock import Lock, Locked
from .mlflow import Mlflow, MlflowServer, MlflowStore
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
from .wsl import Wsl

__all__ = [
    "Accelerators",
    "Address",
    "BadLine",
    "Built",
    "Bundle",
    "Card",
    "CardHealth",
    "CodeLine",
    "CudaDriver",
    "Declared",
    "DeviceNode",
    "Disk",
    "Distribution",
    "Editable",
    "Environment",
    "Fact",
    "Flaw",
    "Folder",
    "Folders",
    "Gpu",
    "Hardcoded",
    "Imported",
    "Imports",
    "IndexSetting",
    "Integrity",
    "Interpreter",
    "Jupyter",
    "Kernel",
    "KernelModule",
    "Key",
    "KeyAnswer",
    "KeyAnswers",
    "KeyCopies",
    "KeyCopy",
    "KeyNeed",
    "KeyUses",
    "Keys",
    "Libraries",
    "Limits",
    "Lock",
    "Locked",
    "Missing",
    "Mlflow",
    "MlflowServer",
    "MlflowStore",
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
    "Toolkit",
    "Torch",
    "TorchBuild",
    "TorchDevice",
    "TorchFamily",
    "Typo",
    "Unreadable",
    "Unshadowed",
    "Value",
    "Venv",
    "Wanted",
    "WantedLibrary",
    "Why",
    "Wsl",
    "every_fact",
    "parse",
]
