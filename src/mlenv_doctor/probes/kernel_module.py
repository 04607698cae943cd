"""Look for the NVIDIA kernel module on the disk, and for what decides whether it may be loaded."""

import os
import re

_KMOD_LARGEST = 4 << 20  # bytes of a list of modules; those of distributions have under one
# https://uefi.org/specs/UEFI/2.10/32_Secure_Boot_and_Driver_Signing.html: four bytes of attributes, then the value
_KMOD_SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def _kmod_read(root):
    """What is on the disk. modules.dep lists every module that was built for a kernel (man 5 modules.dep)."""
    folder = os.path.join(root, "lib/modules")
    kernel = _kmod_bytes(os.path.join(root, "proc/sys/kernel/osrelease")).decode("ascii", "replace").strip()
    built = {}
    for release in sorted(os.listdir(folder) if os.path.isdir(folder) else ())[:40]:
        listed = _kmod_bytes(os.path.join(folder, release, "modules.dep"), _KMOD_LARGEST)
        if listed:
            built[release] = bool(re.search(rb"(?m)^\S*/nvidia(?:-current)?\.ko", listed))
    return {
        "kernel": kernel,
        "here": built.get(kernel),
        "others": [release for release, there in built.items() if there and release != kernel],
        "secure_boot": _kmod_secure_boot(root),
    }


def _kmod_secure_boot(root):
    value = _kmod_bytes(os.path.join(root, _KMOD_SECURE_BOOT))
    return value[4:5] == b"\x01" if len(value) == 5 else None


def _kmod_bytes(path, size=4096):
    """The start of a file; nothing where it cannot be read. Files of /proc/sys refuse to be asked for megabytes."""
    try:
        with open(path, "rb") as file:
            return file.read(size)
    except OSError:
        return b""


def _kmod_closed(root, names):
    """The device files that this user may not open, with the group that may. Nothing is opened: the kernel is only asked."""
    closed = []
    for name in names:
        path = os.path.join(root, "dev", name)
        try:
            status = os.stat(path)
        except OSError:
            continue
        if not os.path.isdir(path) and not os.access(path, os.R_OK | os.W_OK):
            rights = {"mode": status.st_mode & 0o7777, "gid": status.st_gid, "group": _kmod_group(status.st_gid)}
            closed.append(dict(rights, path="/dev/" + name, vendor="10de"))
    return closed


def _kmod_group(gid):
    try:
        import grp

        return grp.getgrgid(gid).gr_name
    except (ImportError, KeyError):
        return ""
