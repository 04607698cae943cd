"""Read which environment modules are loaded, from the variables that the module system keeps."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIGNS = ("LMOD_CMD", "MODULESHOME", "MODULEPATH")


def read_environment_modules(question: "dict[str, Any]") -> "dict[str, Any]":
    """Both Environment Modules and Lmod list what is loaded in LOADEDMODULES, separated by colons."""
    loaded = [name for name in os.environ.get("LOADEDMODULES", "").split(":") if name]
    return {"present": bool(loaded) or any(os.environ.get(name) for name in SIGNS), "loaded": loaded}
