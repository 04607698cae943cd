"""Read what the Linux kernel shows of AMD's and Intel's GPUs, and which macOS this is."""

import os
import re
import stat


def read_accelerators(question):
    root = question.get("root", "/")
    kfd = os.path.join(root, "dev/kfd")
    return {
        "kfd": _acc_node(kfd, root) if os.path.exists(kfd) else None,
        "render": [_acc_node(path, root) for path in _acc_render(root)],
        "amdgpu": os.path.exists(os.path.join(root, "sys/module/amdgpu")),
        "gfx": _acc_gfx(root),
        "override": _acc_override(),
        "macos": _acc_macos(root),
        "l4t": _acc_l4t(root),
        "user": _acc_user(),
    }


def _acc_text(*parts):
    """The start of a small file; empty where it cannot be read."""
    try:
        with open(os.path.join(*parts), encoding="utf-8", errors="replace") as file:
            return file.read(16384).strip()
    except OSError:
        return ""


def _acc_list(*parts):
    try:
        return sorted(os.listdir(os.path.join(*parts)))
    except OSError:
        return []


def _acc_render(root):
    return [os.path.join(root, "dev/dri", name) for name in _acc_list(root, "dev/dri") if name.startswith("renderD")]


def _acc_node(path, root):
    """A device file: nothing is opened, the kernel is only asked whether it might be."""
    try:
        status = os.stat(path)
    except OSError:
        return {"path": "/" + os.path.relpath(path, root)}
    return dict(
        _acc_group(status.st_gid),
        path="/" + os.path.relpath(path, root),
        vendor=_acc_text(root, "sys/class/drm", os.path.basename(path), "device/vendor")[2:],
        openable=os.access(path, os.R_OK | os.W_OK),
        mode=stat.S_IMODE(status.st_mode),
        gid=status.st_gid,
    )


def _acc_group(gid):
    """The name of a group, and whether this user stands in its list."""
    try:
        import grp

        entry = grp.getgrgid(gid)
    except (ImportError, KeyError):
        return {"group": "", "listed": False}
    return {"group": entry.gr_name, "listed": _acc_user() in entry.gr_mem}


def _acc_user():
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return ""


def _acc_gfx(root):
    """The GPUs among the nodes of AMD's topology; processors stand there as well, with the number 0."""
    folder = os.path.join(root, "sys/class/kfd/kfd/topology/nodes")
    nodes = sorted((name for name in _acc_list(folder) if name.isdigit()), key=int)
    lines = [line.split() for node in nodes for line in _acc_text(folder, node, "properties").splitlines()]
    versions = [words[1] for words in lines if len(words) == 2 and words[0] == "gfx_target_version"]
    return [_acc_name(int(version)) for version in versions if version.isdigit() and int(version)]


def _acc_name(version):
    """110501 is how the kernel writes gfx1151, and 90010 is gfx90a: pairs of decimal digits, the last two named in hex."""
    return "gfx%d%x%x" % (version // 10000, version // 100 % 100, version % 100)


def _acc_override():
    """HSA_OVERRIDE_GFX_VERSION=10.3.0 as the name that it stands for; as it is where it is no version."""
    value = os.environ.get("HSA_OVERRIDE_GFX_VERSION")
    found = re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{1,2})$", value or "")
    return _acc_name(int("%d%02d%02d" % tuple(int(part) for part in found.groups()))) if found else value and value[:50]


def _acc_macos(root):
    """The version of macOS. A Python that was built for an old one is told 10.16 instead, except by the first of these files."""
    import plistlib

    for name in (".SystemVersionPlatform.plist", "SystemVersion.plist"):
        try:
            with open(os.path.join(root, "System/Library/CoreServices", name), "rb") as file:
                version = plistlib.loads(file.read(65536)).get("ProductVersion", "")
        except (OSError, ValueError, AttributeError):
            continue
        if version and version != "10.16":
            return str(version)[:20]
    return ""


def _acc_l4t(root):
    """The first line of NVIDIA's file says "# R36 (release), REVISION: 4.3, GCID: ...": that is 36.4.3."""
    found = re.match(r"# R(\d+) \(release\), REVISION: ([\d.]+)", _acc_text(root, "etc/nv_tegra_release"))
    return ".".join(found.groups()) if found else ""
