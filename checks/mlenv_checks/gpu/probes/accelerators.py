"""Read what the Linux kernel shows of AMD's and Intel's GPUs, and which macOS this is."""

import os
import re
import stat

from mlenv_doctor.probekit import names_in

from .files import small_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_accelerators(question: "dict[str, Any]") -> "dict[str, Any]":
    root = question.get("root", "/")
    kfd = os.path.join(root, "dev/kfd")
    return {
        "kfd": _device_file(kfd, root) if os.path.exists(kfd) else None,
        "render": [_device_file(path, root) for path in _render_files(root)],
        "amdgpu": os.path.exists(os.path.join(root, "sys/module/amdgpu")),
        "gfx": _amd_processors(root),
        "override": _claimed_processor(),
        "macos": _macos_version(root),
        "l4t": _jetson_release(root),
        "user": _user_name(),
    }


def _render_files(root: str) -> "list[str]":
    folder = os.path.join(root, "dev/dri")
    return [os.path.join(folder, name) for name in names_in(folder) if name.startswith("renderD")]


def _device_file(path: str, root: str) -> "dict[str, Any]":
    """A device file: nothing is opened, the kernel is only asked whether it might be."""
    try:
        status = os.stat(path)
    except OSError:
        return {"path": "/" + os.path.relpath(path, root)}
    return dict(
        _group(status.st_gid),
        path="/" + os.path.relpath(path, root),
        vendor=small_text(root, "sys/class/drm", os.path.basename(path), "device/vendor")[2:],
        openable=os.access(path, os.R_OK | os.W_OK),
        mode=stat.S_IMODE(status.st_mode),
        gid=status.st_gid,
    )


def _group(gid: int) -> "dict[str, Any]":
    """The name of a group, and whether this user is in its list."""
    try:
        import grp

        entry = grp.getgrgid(gid)
    except (ImportError, KeyError):
        return {"group": "", "listed": False}
    return {"group": entry.gr_name, "listed": _user_name() in entry.gr_mem}


def _user_name() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return ""


def _amd_processors(root: str) -> "list[str]":
    """The GPUs among the nodes of AMD's topology; CPUs are listed there as well, with the number 0."""
    folder = os.path.join(root, "sys/class/kfd/kfd/topology/nodes")
    nodes = sorted((name for name in names_in(folder) if name.isdigit()), key=int)
    lines = [line.split() for node in nodes for line in small_text(folder, node, "properties").splitlines()]
    versions = [words[1] for words in lines if len(words) == 2 and words[0] == "gfx_target_version"]
    return [_processor_name(int(version)) for version in versions if version.isdigit() and int(version)]


def _processor_name(version: int) -> str:
    """110501 is how the kernel writes gfx1151, and 90010 is gfx90a: pairs of decimal digits, the last two named in hex."""
    return "gfx%d%x%x" % (version // 10000, version // 100 % 100, version % 100)


def _claimed_processor() -> "str | None":
    """HSA_OVERRIDE_GFX_VERSION=10.3.0 as the name that it stands for; unchanged where it is not a version."""
    value = os.environ.get("HSA_OVERRIDE_GFX_VERSION")
    found = re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{1,2})$", value) if value else None
    if found:
        return _processor_name(int("%d%02d%02d" % tuple(int(part) for part in found.groups())))
    return value and value[:50]


def _macos_version(root: str) -> str:
    """The version of macOS. A Python that was built for an old one is told 10.16 instead, except by the first of these files."""
    for name in (".SystemVersionPlatform.plist", "SystemVersion.plist"):
        try:
            with open(os.path.join(root, "System/Library/CoreServices", name), "rb") as file:
                import plistlib

                version = plistlib.loads(file.read(65536)).get("ProductVersion", "")
        except (OSError, ValueError, AttributeError):
            continue
        if version and version != "10.16":
            return str(version)[:20]
    return ""


def _jetson_release(root: str) -> str:
    """The first line of NVIDIA's file says "# R36 (release), REVISION: 4.3, GCID: ...": that is 36.4.3."""
    said = small_text(root, "etc/nv_tegra_release")
    found = re.match(r"# R(\d+) \(release\), REVISION: ([\d.]+)", said) if said else None
    return ".".join(found.groups()) if found else ""
