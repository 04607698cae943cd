"""Read what of the GPU of Windows reaches the Windows Subsystem for Linux."""

import os

from mlenv_doctor.probekit import file_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def windows_subsystem(root: str) -> "dict[str, Any] | None":
    """None outside of WSL. WSL 1 calls its kernel "4.4.0-19041-Microsoft", WSL 2 "5.15.167.4-microsoft-standard-WSL2"."""
    kernel = file_text(os.path.join(root, "proc/sys/kernel/osrelease"), 200)
    if "microsoft" not in kernel.lower():
        return None
    return {
        "generation": 1 if kernel.strip().endswith("-Microsoft") else 2,
        "dxg": os.path.exists(os.path.join(root, "dev/dxg")),
        "libraries": os.path.exists(os.path.join(root, "usr/lib/wsl/lib/libcuda.so.1")),
        "windows": _windows_has_driver(root),
    }


def _windows_has_driver(root: str) -> "bool | None":
    """Whether NVIDIA's driver is in the system folder of Windows, where the usual place of its disk can be seen."""
    folder = os.path.join(root, "mnt/c/Windows/System32")
    return os.path.exists(os.path.join(folder, "nvcuda.dll")) if os.path.isdir(folder) else None
