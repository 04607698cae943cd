"""Import torch, and read what it says of the GPU."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CUDA_LIBRARY = re.compile(
    r"lib(cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusolver|cusparse\w*|nccl|nvrtc|nvJitLink)[-.][^/]*$"
)


def read_torch(question: "dict[str, Any]") -> "dict[str, Any]":
    import warnings

    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        available = bool(_ask(False, torch, "cuda", "is_available"))
        count = _ask(0, torch, "cuda", "device_count") if available else 0
        devices = [_device(torch, index) for index in range(count)]
        archs = _ask([], torch, "cuda", "get_arch_list")
    version = getattr(torch, "version", None)
    return {
        "version": str(getattr(torch, "__version__", "")),
        "cuda": getattr(version, "cuda", None),
        "hip": getattr(version, "hip", None),
        "available": available,
        "devices": devices,
        "archs": [str(arch) for arch in archs],
        "warnings": [str(warning.message)[:1000] for warning in said][:10],
        "mps": _ask(None, torch, "backends", "mps", "is_available"),
        "mps_built": bool(_ask(False, torch, "backends", "mps", "is_built")),
        "mapped": _mapped_libraries(),
        "xpu": _ask(None, torch, "xpu", "is_available"),
    }


def _ask(otherwise: "Any", thing: "Any", *path: str) -> "Any":
    """Call a function of torch by its path; `otherwise` where this torch has none, or it fails."""
    try:
        for name in path:
            thing = getattr(thing, name)
        return thing()
    except Exception:
        return otherwise


def _device(torch: "Any", index: int) -> "dict[str, str]":
    """A card as torch describes it; asking for the capability starts CUDA, and with it torch's own complaints."""
    try:
        capability = "%d.%d" % tuple(torch.cuda.get_device_capability(index))
    except Exception:
        capability = ""
    try:
        return {"name": str(torch.cuda.get_device_name(index)), "capability": capability}
    except Exception:
        return {"name": "", "capability": capability}


def _mapped_libraries() -> "list[str]":
    """The files of CUDA's libraries that are in memory now: only these tell which of several copies was taken."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.rstrip("\n")[line.index("/") :] for line in file if "/" in line}
    except OSError:
        return []
    return sorted(path for path in paths if CUDA_LIBRARY.search(path) and ".so" in path)[:50]
