"""Machines with AMD's, Intel's and Windows' GPUs that are not there: made-up /dev, /sys and /proc, and a torch that fits."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import mlenv_doctor
from lab.fakes import cuda, nvml
from lab.gpu_box import RTX_3060, on_bus, outside, torch
from lab.ward import FAKE_TORCH, Ward

AMD, INTEL = "1002", "8086"
UID, RENDER = 54321, 54109
SERVER = ("gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1101", "gfx1151", "gfx1200", "gfx1201")
NUMBERS = {"gfx90a": 90010, "gfx1010": 100100, "gfx1030": 100300, "gfx1031": 100301, "gfx1036": 100306, "gfx1100": 110000,
           "gfx1103": 110003, "gfx1151": 110501, "gfx1201": 120001}  # fmt: skip


def files(ward: Ward, root: str, *paths: str | tuple[str, str]) -> None:
    """Put files with these texts below a folder that is mounted already."""
    for path in paths:
        name, text = (path, "") if isinstance(path, str) else path
        source = ward.root / "parts" / root.strip("/").replace("/", "-") / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        ward.mounts += [f"mkdir -p '{Path(root, name).parent}'", f"cp '{source}' '{Path(root, name)}'"]


def devices(ward: Ward, *names: str, mode: str = "666", group: int = RENDER) -> None:
    """A /dev of its own, with what programs need and these files besides."""
    old = ward.root / "old-dev"
    old.mkdir()
    ward.mounts += [
        f"mount --rbind /dev '{old}'",
        "mount -t tmpfs -o mode=755 none /dev",
        f"cp -a '{old}/null' '{old}/zero' '{old}/full' '{old}/random' '{old}/urandom' '{old}/tty' /dev/",
        f"mkdir /dev/shm; mount --bind '{old}/shm' /dev/shm; ln -s /proc/self/fd /dev/fd",
        "mkdir /dev/dri",
    ]
    files(ward, "/dev", *names)
    ward.mounts += [f"chmod {mode} '/dev/{name}'; {shutil.which('chgrp')} {group} '/dev/{name}'" for name in names]


def amd(
    ward: Ward,
    *gfx: str,
    nodes: Iterable[str] = ("kfd", "dri/renderD128"),
    mode: str = "666",
    group: int = RENDER,
    driver: bool = True,
) -> None:
    """A machine with these AMD GPUs, as its kernel shows them."""
    on_bus(ward, [(AMD, "744c") for _ in gfx] or [(AMD, "744c")])
    ward.mounts += ["mount -t tmpfs none /sys/class", "mount -t tmpfs none /sys/module"]
    if driver:
        files(ward, "/sys/module", ("amdgpu/version", "6.12"))
    topology = "kfd/kfd/topology/nodes"
    files(ward, "/sys/class", (f"{topology}/0/properties", "cpu_cores_count 16\ngfx_target_version 0\n"))
    for number, name in enumerate(gfx, 1):
        files(ward, "/sys/class", (f"{topology}/{number}/properties", f"simd_count 4\ngfx_target_version {NUMBERS[name]}\n"))
    files(ward, "/sys/class", ("drm/renderD128/device/vendor", "0x1002\n"))
    devices(ward, *nodes, mode=mode, group=group)


def built_for(ward: Ward, what: str = "hip", archs: Iterable[str] = SERVER, *, works: bool = False) -> None:
    """A venv with a torch for AMD ("hip") or Intel ("xpu") GPUs; `works`: it says that it can compute."""
    ward.venv()
    tag, value = {"hip": ("rocm7.2", "7.2.53211"), "xpu": ("xpu", "20250200")}[what]
    says = FAKE_TORCH.replace("lambda: False", "lambda: True", 1) if works else FAKE_TORCH
    folder = ward.library("torch", "2.13.0", says)
    values = {"hip": None, "xpu": None, what: value}
    lines = [f"__version__ = '2.13.0+{tag}'", "cuda = None", *(f"{name} = {text!r}" for name, text in values.items())]
    (folder / "version.py").write_text("\n".join(lines) + "\n")
    library = folder / "lib/rocblas/library"
    library.mkdir(parents=True)
    for gfx in archs if what == "hip" else ():
        (library / f"TensileLibrary_lazy_{gfx}.dat").write_text("")


def as_user(ward: Ward, *groups: int, place: str = "machine", listed: bool = False) -> None:
    """Let Ada, who has no rights but those of these groups, look at a machine. Comes last.

    listed: she was added to the group render since she logged in.
    """
    outside(ward)
    for folder, _, names in os.walk(ward.project.parent):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            if "old-dev" not in path:
                os.chown(path, UID, UID, follow_symlinks=False)
    needed = [ward.root, Path(sys.prefix), Path(sys.base_prefix), Path(mlenv_doctor.__file__)]
    if place == "container":
        ward.environ["container"] = "podman"
    supplementary = f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups"
    ward.mounts[-1] = ward.mounts[-1].replace(
        " env ", f" {shutil.which('setpriv')} --reuid={UID} --regid={UID} {supplementary} env "
    )
    ward.mounts += [
        f"echo 'ada:x:{UID}:{UID}::{ward.home}:/bin/sh' >> /mnt/laptop/etc/passwd",
        "sed -i '/^render:/d' /mnt/laptop/etc/group",
        f"echo 'render:x:{RENDER}:{'ada' * listed}' >> /mnt/laptop/etc/group",
    ]
    ward.mounts += [f"chmod a+rx '/mnt/laptop{folder}'" for folder in sorted({f for path in needed for f in path.parents})]


def wsl(
    ward: Ward,
    count: int = 1,
    *,
    door: bool = True,
    lent: bool = True,
    windows: bool = True,
    loader: bool = True,
    kernel: str = "WSL2",
) -> None:
    """A WSL whose Windows has an NVIDIA card, or lacks what is said."""
    on_bus(ward, [])
    names = {"WSL2": "6.6.87.2-microsoft-standard-WSL2", "WSL1": "4.4.0-19041-Microsoft"}
    (ward.root / "osrelease").write_text(names[kernel] + "\n")
    ward.mounts.append(f"mount --bind '{ward.root}/osrelease' /proc/sys/kernel/osrelease")
    devices(ward, *(["dxg"] if door else []))
    outside(ward)
    libraries, disk = "/mnt/laptop/usr/lib/wsl/lib", "/mnt/laptop/mnt/c/Windows/System32"
    ward.mounts += [f"mkdir -p {libraries} {disk}"]
    if lent:
        ward.mounts += [f"cp '{nvml()}/libnvidia-ml.so.1' '{cuda()}/libcuda.so.1' {libraries}/"]
    if windows:
        ward.mounts += [f"cp '{ward.root}/osrelease' {disk}/nvcuda.dll"]
    if loader:
        ward.environ["LD_LIBRARY_PATH"] = "/usr/lib/wsl/lib"
    ward.environ |= {
        "FAKE_NVML_DRIVER": "581.57",
        "FAKE_NVML_CUDA": "13000",
        "FAKE_CUDA_VERSION": "13000",
        "FAKE_NVML_GPUS": "|".join([str(RTX_3060)] * count),
        "FAKE_CUDA_GPUS": str(count),
    }


def elsewhere(change: Mapping[str, Mapping[str, object]], make: Callable[[Ward], object] | None = None) -> Callable[[Ward], None]:
    """What was recorded on a machine that Linux on a PC cannot play: a snapshot with these facts changed."""

    def patient(ward: Ward) -> None:
        (make or (lambda ward: torch(ward, "2.13.0", "cpu")))(ward)
        document = json.loads(ward.doctor("snapshot").stdout)
        for section, facts in change.items():
            document["facts"][section] = {**document["facts"][section], **facts}
        ward.write("elsewhere.json", json.dumps(document))
        ward.args += ["--from", "elsewhere.json"]

    return patient
