"""Read for which torch and CUDA the installed libraries were compiled, and which libraries of CUDA there are; from files."""

import os
import re
import sys

from mlenv_doctor.patient.probes.distributions import path_folders
from mlenv_doctor.probekit import file_bytes, file_text, names_in

from .compiled_files import CUDA_LIBRARY, compiled_file, cuda_libraries_named, start_and_end
from .torch_extensions import extensions_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VARIABLES = ("BNB_CUDA_VERSION", "JAX_PLATFORMS")
LOADER_CACHE = "/etc/ld.so.cache"


def read_torch_family(question: "dict[str, Any]") -> "dict[str, Any]":
    folders = path_folders()
    bitsandbytes, onnxruntime = _package("bitsandbytes", folders), _package("onnxruntime", folders)
    return {
        "built": [built for folder in folders for built in extensions_in(folder)],
        "bitsandbytes": _bitsandbytes_builds(bitsandbytes),
        "bitsandbytes_exact": _bitsandbytes_is_exact(bitsandbytes),
        "onnxruntime": _onnxruntime_name(onnxruntime),
        "outside": _outside_libraries(),
        "inside": _inside_libraries(folders),
        "wanting": _onnxruntime_needs(onnxruntime),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def _package(name: str, folders: "list[str]") -> str:
    """The folder of a package, in the first folder of the path that has it; empty where none has."""
    return next((os.path.join(folder, name) for folder in folders if os.path.isdir(os.path.join(folder, name))), "")


def _bitsandbytes_builds(home: str) -> "list[str]":
    names = names_in(home) if home else []
    found = [re.match(r"libbitsandbytes_cuda(\d+)\.(so|dll)$", name) for name in names]
    return [match.group(1) for match in found if match]


def _bitsandbytes_is_exact(home: str) -> bool:
    """Whether it looks for one file only, that of torch's own CUDA: newer ones look for the next best."""
    text = file_text(os.path.join(home, "cextension.py"), 1 << 18) if home else ""
    return "get_cuda_bnb_library_path" in text and "_find_cuda_libs" not in text


def _onnxruntime_name(home: str) -> str:
    """The name of the distribution: onnxruntime, onnxruntime-gpu ..."""
    text = file_text(os.path.join(home, "capi", "build_and_package_info.py"), 1 << 14) if home else ""
    found = re.search(r"(?m)^package_name\s*=\s*['\"]([\w.-]+)['\"]", text)
    return found.group(1) if found else ""


def _onnxruntime_needs(home: str) -> "list[str]":
    path = compiled_file(os.path.join(home, "capi", "libonnxruntime_providers_cuda")) if home else ""
    return sorted(cuda_libraries_named(start_and_end(path))) if path else []


def _outside_libraries() -> "list[str]":
    """What the system's loader finds: in its cache, in LD_LIBRARY_PATH, and beside Python, where conda puts libraries."""
    found = cuda_libraries_named(file_bytes(LOADER_CACHE, 1 << 24))
    places = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    places += [os.path.join(prefix, "lib") for prefix in (sys.base_prefix, sys.prefix)]
    for folder in filter(None, places):
        found.update(_cuda_libraries_in(folder))
    return sorted(found)


def _inside_libraries(folders: "list[str]") -> "list[str]":
    """What the nvidia-* wheels and torch brought along."""
    found: "set[str]" = set()
    for folder in folders:
        nvidia = os.path.join(folder, "nvidia")
        for place in [os.path.join(nvidia, name, "lib") for name in names_in(nvidia)] + [os.path.join(folder, "torch", "lib")]:
            found.update(_cuda_libraries_in(place))
    return sorted(found)


def _cuda_libraries_in(folder: str) -> "list[str]":
    return [name for name in names_in(folder) if re.match(CUDA_LIBRARY + "$", name)]
