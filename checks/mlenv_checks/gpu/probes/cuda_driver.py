"""Ask CUDA itself whether it starts, in the environment of the user; torch is not needed for that."""

import os
import sys

from .driver_libraries import load_library, version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_cuda(question: "dict[str, Any]") -> "dict[str, Any]":
    if sys.platform == "darwin":
        return {"error": "there is no CUDA on macOS"}
    hidden = "CUDA_VISIBLE_DEVICES" in os.environ and hasattr(os, "fork")
    unhidden = _count_without_variable() if hidden else None
    return dict(_start_cuda(), unhidden=unhidden)


def _start_cuda() -> "dict[str, Any]":
    """What CUDA answers to this process, in the environment that the user has."""
    import ctypes

    library, file, why = load_library(["nvcuda.dll" if os.name == "nt" else "libcuda.so.1"])
    if library is None:
        return {"error": why}
    found = {"library": file, "init": library.cuInit(0)}
    number = ctypes.c_int(0)
    if library.cuDriverGetVersion(ctypes.byref(number)) == 0:
        found["version"] = version_of(number.value)
    if found["init"] == 0 and library.cuDeviceGetCount(ctypes.byref(number)) == 0:
        found["count"] = number.value
    return found


def _count_without_variable() -> "int | None":
    """How many cards CUDA shows without CUDA_VISIBLE_DEVICES. In a child: CUDA reads the variable once a process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        del os.environ["CUDA_VISIBLE_DEVICES"]
        try:
            os.write(writer, b"%d" % _start_cuda().get("count", 0))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return int(said) if said else None
