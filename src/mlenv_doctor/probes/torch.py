"""Read for what torch was built from its files, and what it says of the GPU once it is imported."""

import os

_TORCH_SIGNS = ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg", "/etc/nv_tegra_release")


def read_torch_build(question):
    from importlib.util import find_spec

    try:
        spec = find_spec("torch")
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin or not spec.submodule_search_locations:
        return {}  # a namespace folder or a single file of that name is no torch
    folder = os.path.dirname(spec.origin)
    facts = dict(_torch_version(os.path.join(folder, "version.py")), folder=folder)
    if facts.get("cuda") and _torch_card_here():
        facts["archs"] = _torch_archs(folder)
    elif facts.get("hip"):
        facts["archs"] = _torch_gfx(folder)
    return facts


def _torch_version(path):
    """The build, from the only file that says it: the metadata of wheels from PyPI leaves the tag out."""
    import re

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(1 << 16)
    except OSError:
        return {}
    found = re.findall(r"(?m)^(__version__|cuda|hip|xpu)\s*(?::[^=\n]*)?=\s*(?:'([^'\n]*)'|\"([^\"\n]*)\"|None)\s*$", text)
    values = {name: one or two or None for name, one, two in found}
    values["version"] = values.pop("__version__", None) or ""
    return values


def _torch_card_here():
    """Whether anything speaks for an NVIDIA card; reading 30 MB would be in vain without one."""
    if os.name == "nt" or any(os.path.exists(path) for path in _TORCH_SIGNS):
        return True
    folder = "/sys/bus/pci/devices"
    return any(_torch_text(folder, bus) == "0x10de" for bus in (os.listdir(folder) if os.path.isdir(folder) else ()))


def _torch_text(folder, bus):
    try:
        with open(os.path.join(folder, bus, "vendor")) as file:
            return file.read(16).strip()
    except OSError:
        return ""


def _torch_archs(folder):
    """The list that torch.cuda.get_arch_list() returns stands as one text in the library; reading takes some 30 ms."""
    import mmap
    import re

    names = r"sm_\d{2,3}[af]?(?: (?:sm|compute)_\d{2,3}[af]?)+"  # Python 2.7 must parse this: it has no rb"..."
    for name in ("libtorch_python.so", "torch_python.dll"):
        try:
            with open(os.path.join(folder, "lib", name), "rb") as file:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    lists = re.findall(names.encode("ascii"), data)
        except (OSError, ValueError):
            continue
        return max(lists, key=len).decode("ascii").split() if lists else []
    return []


def _torch_gfx(folder):
    """The AMD processors for which the wheel brings rocBLAS; without its files the first multiplication aborts.

    https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_rocm.sh copies them for the processors of the build.
    """
    import re

    try:
        names = os.listdir(os.path.join(folder, "lib", "rocblas", "library"))
    except OSError:
        return []
    return sorted(set(re.findall(r"gfx\d[0-9a-f]*(?:-\d+)*(?:-generic)?", " ".join(names))))


def read_torch(question):
    import warnings

    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        available = bool(_torch_ask(False, torch, "cuda", "is_available"))
        count = _torch_ask(0, torch, "cuda", "device_count") if available else 0
        devices = [_torch_device(torch, index) for index in range(count)]
        archs = _torch_ask([], torch, "cuda", "get_arch_list")
    version = getattr(torch, "version", None)
    return {
        "version": str(getattr(torch, "__version__", "")),
        "cuda": getattr(version, "cuda", None),
        "hip": getattr(version, "hip", None),
        "available": available,
        "devices": devices,
        "archs": [str(arch) for arch in archs],
        "warnings": [str(warning.message)[:1000] for warning in said][:10],
        "mps": _torch_ask(None, torch, "backends", "mps", "is_available"),
        "mps_built": bool(_torch_ask(False, torch, "backends", "mps", "is_built")),
        "mapped": _torch_mapped(),
        "xpu": _torch_ask(None, torch, "xpu", "is_available"),
    }


def _torch_ask(otherwise, thing, *path):
    """Call a function of torch by its path; `otherwise` where this torch has none, or it fails."""
    try:
        for name in path:
            thing = getattr(thing, name)
        return thing()
    except Exception:
        return otherwise


def _torch_device(torch, index):
    """A card in torch's own words; asking for the capability starts CUDA, and with it torch's own complaints."""
    try:
        capability = "%d.%d" % tuple(torch.cuda.get_device_capability(index))
    except Exception:
        capability = ""
    try:
        return {"name": str(torch.cuda.get_device_name(index)), "capability": capability}
    except Exception:
        return {"name": "", "capability": capability}


def _torch_mapped():
    """The files of CUDA's libraries that are in memory now: only these tell which of several copies was taken."""
    import re

    library = re.compile(r"lib(cudart|cublas|cublasLt|cudnn\w*|cufft|curand|cusolver|cusparse\w*|nccl|nvrtc|nvJitLink)[-.][^/]*$")
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.rstrip("\n")[line.index("/") :] for line in file if "/" in line}
    except OSError:
        return []
    return sorted(path for path in paths if library.search(path) and ".so" in path)[:50]
