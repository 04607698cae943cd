"""Find the CUDA toolkit as torch.utils.cpp_extension does, and read its version from its files; nvcc is not run."""

import os
import re


def read_toolkit(question):
    folder, by = _kit_home()
    places = _kit_usual_places()
    others = {place: _kit_version(place) for place in places if not folder or not _kit_same(place, folder)}
    return {
        "folder": folder,
        "version": (_kit_version(folder) or _kit_version(_kit_real(folder))) if folder else "",
        "by": by,
        "others": {place: version for place, version in others.items() if version},
    }


def _kit_home():
    """Where torch would look, and who says so."""
    from shutil import which

    for name in ("CUDA_HOME", "CUDA_PATH"):
        if os.environ.get(name):
            return os.environ[name], name
    nvcc = which("nvcc")
    if nvcc:
        return os.path.dirname(os.path.dirname(nvcc)), "PATH"
    usual = "/usr/local/cuda"
    return (usual, "") if os.path.isfile(os.path.join(usual, "bin", "nvcc")) else ("", "")


def _kit_real(folder):
    """The toolkit that the nvcc of a folder belongs to, where it is a link: /usr/local/bin/nvcc."""
    return os.path.dirname(os.path.dirname(os.path.realpath(os.path.join(folder, "bin", "nvcc"))))


def _kit_usual_places():
    """The toolkits that lie side by side where NVIDIA installs them."""
    windows = r"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA"
    parent, prefix = (windows, "v") if os.name == "nt" else ("/usr/local", "cuda-")
    try:
        names = sorted(name for name in os.listdir(parent) if name.startswith(prefix))
    except OSError:
        return []
    nvcc = "nvcc.exe" if os.name == "nt" else "nvcc"
    return [os.path.join(parent, name) for name in names if os.path.isfile(os.path.join(parent, name, "bin", nvcc))][:20]


def _kit_same(one, two):
    return os.path.realpath(one) == os.path.realpath(two)


def _kit_version(folder):
    """The version of a toolkit; empty where neither of the files that know it is there."""
    tried = (
        ("version.json", r'"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"(\d+\.\d+)'),
        ("version.txt", r"CUDA Version (\d+\.\d+)"),
        (os.path.join("include", "cuda.h"), r"#define\s+CUDA_VERSION\s+(\d+)"),
        (os.path.join("targets", "x86_64-linux", "include", "cuda.h"), r"#define\s+CUDA_VERSION\s+(\d+)"),
    )
    for name, pattern in tried:
        found = re.search(pattern, _kit_text(os.path.join(folder, name)))
        if found:
            number = found.group(1)
            return number if "." in number else "%d.%d" % (int(number) // 1000, int(number) % 1000 // 10)
    return ""


def _kit_text(path):
    """The beginning of a file; that of cuda.h defines the version within its first 100 kB."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 18).decode("utf-8", "replace")
    except OSError:
        return ""
