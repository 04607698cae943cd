"""Read the names of libraries in compiled files."""

import os
import re

from mlenv_doctor.probekit import names_in

CUDA_LIBRARY = r"lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink)\.so\.\d+"
ENDS = 1 << 20  # bytes at each end of a compiled file, where the names of what it loads are


def compiled_file(stem: str) -> str:
    """A compiled file whose path begins so, whatever Python it is for; empty for none."""
    parent, base = os.path.split(stem)
    names = names_in(parent) if base else []
    return next((os.path.join(parent, name) for name in names if name.partition(".")[0] == base and ".so" in name), "")


def start_and_end(path: str) -> bytes:
    """Both ends of a file: tables of names are at the one, or at the other once a tool has changed them."""
    try:
        with open(path, "rb") as file:
            start = file.read(ENDS)
            file.seek(max(os.path.getsize(path) - ENDS, len(start)))
            return start + file.read(ENDS)
    except OSError:
        return b""


def cuda_libraries_named(data: bytes) -> "set[str]":
    """The names of libraries of CUDA in the bytes of a file."""
    return {name.decode("ascii") for name in re.findall(CUDA_LIBRARY.encode("ascii"), data)}
