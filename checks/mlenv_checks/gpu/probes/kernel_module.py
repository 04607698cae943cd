"""Look for the NVIDIA kernel module on the disk, and for what decides whether it may be loaded."""

import os
import re

from mlenv_doctor.probekit import file_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

LARGEST_LIST = 4 << 20  # bytes of a list of modules; those of distributions have under one
# https://uefi.org/specs/UEFI/2.10/32_Secure_Boot_and_Driver_Signing.html: four bytes of attributes, then the value
SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def installed_module(root: str) -> "dict[str, Any]":
    """For which kernels the module was built. modules.dep lists all modules of a kernel (man 5 modules.dep)."""
    folder = os.path.join(root, "lib/modules")
    kernel = file_bytes(os.path.join(root, "proc/sys/kernel/osrelease"), 4096).decode("ascii", "replace").strip()
    built = {}
    for release in sorted(os.listdir(folder) if os.path.isdir(folder) else ())[:40]:
        listed = file_bytes(os.path.join(folder, release, "modules.dep"), LARGEST_LIST)
        if listed:
            built[release] = bool(re.search(rb"(?m)^\S*/nvidia(?:-current)?\.ko", listed))
    return {
        "kernel": kernel,
        "here": built.get(kernel),
        "others": [release for release, there in built.items() if there and release != kernel],
        "secure_boot": _secure_boot(root),
    }


def _secure_boot(root: str) -> "bool | None":
    value = file_bytes(os.path.join(root, SECURE_BOOT), 4096)
    return value[4:5] == b"\x01" if len(value) == 5 else None


def closed_device_files(root: str, names: "Iterable[str]") -> "list[dict[str, Any]]":
    """The device files that this user may not open, with the group that may. Nothing is opened: the kernel is only asked."""
    closed = []
    for name in names:
        path = os.path.join(root, "dev", name)
        try:
            status = os.stat(path)
        except OSError:
            continue
        if not os.path.isdir(path) and not os.access(path, os.R_OK | os.W_OK):
            rights = {"mode": status.st_mode & 0o7777, "gid": status.st_gid, "group": _group_name(status.st_gid)}
            closed.append(dict(rights, path="/dev/" + name, vendor="10de"))
    return closed


def _group_name(gid: int) -> str:
    try:
        import grp

        return grp.getgrgid(gid).gr_name
    except (ImportError, KeyError):
        return ""
