"""Find the CUDA toolkit as torch.utils.cpp_extension does, and read its version from its files; nvcc is not run."""

import os
import re

from mlenv_doctor.probekit import file_text, names_in, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 1 << 18  # bytes that are read of a file; cuda.h defines the version within its first 100 kB
VERSIONS = (
    ("version.json", r'"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"(\d+\.\d+)'),
    ("version.txt", r"CUDA Version (\d+\.\d+)"),
    (os.path.join("include", "cuda.h"), r"#define\s+CUDA_VERSION\s+(\d+)"),
    (os.path.join("targets", "x86_64-linux", "include", "cuda.h"), r"#define\s+CUDA_VERSION\s+(\d+)"),
)


def read_toolkit(question: "dict[str, Any]") -> "dict[str, Any]":
    folder, by = _toolkit_of_torch()
    places = _usual_places()
    others = {place: _version(place) for place in places if not folder or not _is_same(place, folder)}
    return {
        "folder": folder,
        "version": (_version(folder) or _version(_folder_of_nvcc(folder))) if folder else "",
        "by": by,
        "others": {place: version for place, version in others.items() if version},
    }


def _toolkit_of_torch() -> "tuple[str, str]":
    """Where torch would look, and who says so."""
    for name in ("CUDA_HOME", "CUDA_PATH"):
        if os.environ.get(name):
            return os.environ[name], name
    nvcc = which("nvcc")
    if nvcc:
        return os.path.dirname(os.path.dirname(nvcc)), "PATH"
    usual = "/usr/local/cuda"
    return (usual, "") if os.path.isfile(os.path.join(usual, "bin", "nvcc")) else ("", "")


def _folder_of_nvcc(folder: str) -> str:
    """The toolkit that the nvcc of a folder belongs to, where it is a link: /usr/local/bin/nvcc."""
    return os.path.dirname(os.path.dirname(os.path.realpath(os.path.join(folder, "bin", "nvcc"))))


def _usual_places() -> "list[str]":
    """The toolkits side by side where NVIDIA installs them."""
    windows = r"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA"
    parent, prefix = (windows, "v") if os.name == "nt" else ("/usr/local", "cuda-")
    nvcc = "nvcc.exe" if os.name == "nt" else "nvcc"
    folders = [os.path.join(parent, name) for name in names_in(parent) if name.startswith(prefix)]
    return [folder for folder in folders if os.path.isfile(os.path.join(folder, "bin", nvcc))][:20]


def _is_same(one: str, two: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(two)


def _version(folder: str) -> str:
    """The version of a toolkit; empty where none of the files that know it exists."""
    for name, pattern in VERSIONS:
        found = re.search(pattern, file_text(os.path.join(folder, name), LONGEST))
        if found:
            number = found.group(1)
            return number if "." in number else "%d.%d" % (int(number) // 1000, int(number) % 1000 // 10)
    return ""
