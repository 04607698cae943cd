"""Read what of the GPU of Windows reaches the Windows Subsystem for Linux."""

import os


def _wsl_read(root):
    """None outside of WSL. WSL 1 calls its kernel "4.4.0-19041-Microsoft", WSL 2 "5.15.167.4-microsoft-standard-WSL2"."""
    kernel = _wsl_start(os.path.join(root, "proc/sys/kernel/osrelease")).decode("utf-8", "replace")
    if "microsoft" not in kernel.lower():
        return None
    door = os.path.join(root, "dev/dxg")
    return {
        "generation": 1 if kernel.strip().endswith("-Microsoft") else 2,
        "dxg": os.path.exists(door),
        "openable": os.access(door, os.R_OK | os.W_OK),
        "libraries": os.path.exists(os.path.join(root, "usr/lib/wsl/lib/libcuda.so.1")),
        "windows": _wsl_windows(root),
        "loader": _wsl_loader(root),
    }


def _wsl_start(path):
    try:
        with open(path, "rb") as file:
            return file.read(8 << 20)
    except OSError:
        return b""


def _wsl_windows(root):
    """Whether NVIDIA's driver lies in the system folder of Windows, where the usual place of its disk can be seen."""
    folder = os.path.join(root, "mnt/c/Windows/System32")
    return os.path.exists(os.path.join(folder, "nvcuda.dll")) if os.path.isdir(folder) else None


def _wsl_loader(root):
    """Whether the loader's list, or LD_LIBRARY_PATH, leads to the libraries that Windows lends."""
    if any(folder.rstrip("/") == "/usr/lib/wsl/lib" for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":")):
        return True
    listed = _wsl_start(os.path.join(root, "etc/ld.so.cache"))
    return b"/usr/lib/wsl/lib/libcuda.so.1" in listed if listed else None
