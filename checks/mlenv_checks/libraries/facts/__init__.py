"""What can be known about installed files, editable installs, lock files and pickled models."""

from .integrity import Flaw, Integrity, Overlap
from .lock import Lock, Locked
from .models import ModelFile, Models
from .sources import Editable, Sources

__all__ = ["Editable", "Flaw", "Integrity", "Lock", "Locked", "ModelFile", "Models", "Overlap", "Sources"]
