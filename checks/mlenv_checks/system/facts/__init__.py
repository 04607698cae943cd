"""What can be known about the machine: memory, disk, folders and limits."""

from .folders import Folder, Folders
from .limits import Limits
from .system import Disk, System

__all__ = ["Disk", "Folder", "Folders", "Limits", "System"]
