"""Import torch once more, without LD_LIBRARY_PATH, where that variable leads to libraries of CUDA. Only after a failure."""

import os
import re
import sys

from mlenv_doctor.probekit import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CUDA_LIBRARY = re.compile(
    r"lib(cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusolver|cusparse|cusparseLt|nccl|nvrtc|nvJitLink|nvToolsExt)\.so(\.\d+)*$"
)
PATIENCE = 75  # seconds


def read_unshadowed(question: "dict[str, Any]") -> "dict[str, Any]":
    folders = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    found = {folder: [name for name in names_in(folder) if CUDA_LIBRARY.match(name)] for folder in folders}
    rest = ":".join(folder for folder in folders if not found[folder])
    libraries = [os.path.join(folder, name) for folder in folders for name in found[folder]]
    if not libraries:
        return {"rest": rest}
    return {"libraries": libraries[:20], "rest": rest, "loads": _torch_loads(rest)}


def _torch_loads(library_path: str) -> "bool | None":
    """Whether torch can be imported with this LD_LIBRARY_PATH; None where it takes too long."""
    import subprocess

    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    if library_path:
        env["LD_LIBRARY_PATH"] = library_path
    code = "import sys; sys.path[:] = [p for p in sys.path if p]; import os, torch; os._exit(0)"
    with open(os.devnull, "r+b") as nothing:
        child = subprocess.Popen([sys.executable, "-c", code], env=env, stdin=nothing, stdout=nothing, stderr=nothing)
        try:
            return child.wait(PATIENCE) == 0
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None
