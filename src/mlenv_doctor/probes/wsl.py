"""Read what of the GPU of Windows reaches the Windows Subsystem for Linux."""

import os


def _wsl_read(root):
    """None outside of WSL. WSL 1 calls its kernel "4.4.0-19041-Microsoft", WSL 2 "5.15.167.4-microsoft-standard-WSL2"."""
    kernel = _wsl_kernel(root)
    if "microsoft" not in kernel.lower():
        return None
    return {
        "generation": 1 if kernel.strip().endswith("-Microsoft") else 2,
        "dxg": os.path.exists(os.path.join(root, "dev/dxg")),
        "libraries": os.path.exists(os.path.join(root, "usr/lib/wsl/lib/libcuda.so.1")),
        "windows": _wsl_windows(root),
    }


def _wsl_kernel(root):
    try:
        with open(os.path.join(root, "proc/sys/kernel/osrelease"), encoding="utf-8", errors="replace") as file:
            return file.read(200)
    except OSError:
        return ""


def _wsl_windows(root):
    """Whether NVIDIA's driver lies in the system folder of Windows, where the usual place of its disk can be seen."""
    folder = os.path.join(root, "mnt/c/Windows/System32")
    return os.path.exists(os.path.join(folder, "nvcuda.dll")) if os.path.isdir(folder) else None
