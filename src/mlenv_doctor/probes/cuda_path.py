"""Import torch once more, without LD_LIBRARY_PATH, where that variable leads to libraries of CUDA. Only after a failure."""

import re

_CUDA_LIBRARY = re.compile(
    r"lib(cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusolver|cusparse|cusparseLt|nccl|nvrtc|nvJitLink|nvToolsExt)\.so(\.\d+)*$"
)


def read_unshadowed(question):
    folders = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    found = {folder: _cuda_in(folder) for folder in folders}
    rest = ":".join(folder for folder in folders if not found[folder])
    libraries = [os.path.join(folder, name) for folder in folders for name in found[folder]]
    if not libraries:
        return {"rest": rest}
    return {"libraries": libraries[:20], "rest": rest, "loads": _cuda_torch_loads(rest, question)}


def _cuda_in(folder):
    """The libraries of CUDA in one folder."""
    try:
        return sorted(name for name in os.listdir(folder) if _CUDA_LIBRARY.match(name))
    except OSError:
        return []


def _cuda_torch_loads(rest, question):
    """Whether torch can be imported when the variable names none of these folders."""
    import subprocess

    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    if rest:
        env["LD_LIBRARY_PATH"] = rest
    code = "import sys; sys.path[:] = [p for p in sys.path if p]; import os, torch; os._exit(0)"
    devnull = open(os.devnull, "r+b")
    try:
        child = subprocess.Popen([sys.executable, "-c", code], env=env, stdin=devnull, stdout=devnull, stderr=devnull)
        try:
            return child.wait(75) == 0
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None
    finally:
        devnull.close()
