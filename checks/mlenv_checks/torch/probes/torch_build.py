"""Read for what torch was built, from its files; nothing is imported."""

import os
import re

from mlenv_doctor.probekit import file_text, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NVIDIA_SIGNS = ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg", "/etc/nv_tegra_release")
VERSION_LINE = r"(?m)^(__version__|cuda|hip|xpu)\s*(?::[^=\n]*)?=\s*(?:'([^'\n]*)'|\"([^\"\n]*)\"|None)\s*$"
ARCHITECTURES = rb"sm_\d{2,3}[af]?(?: (?:sm|compute)_\d{2,3}[af]?)+"


def read_torch_build(question: "dict[str, Any]") -> "dict[str, Any]":
    from importlib.util import find_spec

    try:
        spec = find_spec("torch")
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin or not spec.submodule_search_locations:
        return {}  # a namespace folder or a single file of that name is no torch
    folder = os.path.dirname(spec.origin)
    facts: "dict[str, Any]" = dict(_version(os.path.join(folder, "version.py")), folder=folder)
    if facts.get("cuda") and _may_have_nvidia_card():
        facts["archs"] = cuda_architectures(folder)
    elif facts.get("hip"):
        facts["archs"] = _amd_processors(folder)
    return facts


def _version(path: str) -> "dict[str, str | None]":
    """The build, from the only file that says it: the metadata of wheels from PyPI leaves the tag out."""
    values = {name: one or two or None for name, one, two in re.findall(VERSION_LINE, file_text(path, 1 << 16))}
    values["version"] = values.pop("__version__", None) or ""
    return values


def _may_have_nvidia_card() -> bool:
    """Whether anything speaks for an NVIDIA card; reading 30 MB would be in vain without one."""
    if os.name == "nt" or any(os.path.exists(path) for path in NVIDIA_SIGNS):
        return True
    folder = "/sys/bus/pci/devices"
    return any(file_text(os.path.join(folder, bus, "vendor"), 16).strip() == "0x10de" for bus in names_in(folder))


def cuda_architectures(folder: str) -> "list[str]":
    """The list that torch.cuda.get_arch_list() returns is one text in the library; reading takes some 30 ms."""
    from mmap import ACCESS_READ, mmap

    for name in ("libtorch_python.so", "torch_python.dll"):
        try:
            with open(os.path.join(folder, "lib", name), "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                lists = re.findall(ARCHITECTURES, data)
        except (OSError, ValueError):
            continue
        return max(lists, key=len).decode("ascii").split() if lists else []
    return []


def _amd_processors(folder: str) -> "list[str]":
    """The AMD processors for which the wheel brings rocBLAS; without its files the first multiplication aborts.

    https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_rocm.sh copies them for the processors of the build.
    """
    names = names_in(os.path.join(folder, "lib", "rocblas", "library"))
    return sorted(set(re.findall(r"gfx\d[0-9a-f]*(?:-\d+)*(?:-generic)?", " ".join(names))))
