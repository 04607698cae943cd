"""The probes for AMD, Intel, macOS, Jetson and WSL, run for real on made-up trees of /dev, /sys and /proc."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mlenv_checks.gpu.facts import Accelerators, DeviceNode, Gpu, Wsl
from mlenv_checks.gpu.probes.accelerators import read_accelerators
from mlenv_checks.torch.facts import TorchBuild
from support.probing import as_user, probe

MEMORY = "cpu_cores_count 16\nsimd_count 0\ngfx_target_version 0\n"


def accelerators(root: Path, **env: str) -> Accelerators:
    found = probe(Accelerators, env=env, root=str(root))
    assert isinstance(found, Accelerators), found
    return found


def write(root: Path, name: str, text: str | bytes = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def node(root: Path, number: int, version: int) -> None:
    write(
        root,
        f"sys/class/kfd/kfd/topology/nodes/{number}/properties",
        f"simd_count 4\ngfx_target_version {version}\nvendor_id 4098\n",
    )


def test_nothing_here(tmp_path: Path) -> None:
    found = accelerators(tmp_path)
    assert (found.kfd, found.render, found.amdgpu, found.gfx, found.override) == (None, (), False, (), None)
    assert (found.macos, found.l4t) == ("", "")


@pytest.mark.parametrize(
    ("version", "gfx"),
    [(90010, "gfx90a"), (90402, "gfx942"), (90006, "gfx906"), (100306, "gfx1036"), (110000, "gfx1100"), (110501, "gfx1151"),
     (120001, "gfx1201")],
)  # fmt: skip
def test_names_of_processors(tmp_path: Path, version: int, gfx: str) -> None:
    write(tmp_path, "sys/class/kfd/kfd/topology/nodes/0/properties", MEMORY)
    node(tmp_path, 1, version)
    assert accelerators(tmp_path).gfx == (gfx,)


def test_processors_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number, version in ((10, 110000), (2, 100306), (9, 120001)):
        node(tmp_path, number, version)
    write(tmp_path, "sys/class/kfd/kfd/topology/nodes/11/properties", "gfx_target_version none\nno pair of words here\n")
    assert accelerators(tmp_path).gfx == ("gfx1036", "gfx1201", "gfx1100")


@pytest.mark.parametrize(
    ("value", "gfx"),
    [("10.3.0", "gfx1030"), ("11.0.1", "gfx1101"), ("9.0.10", "gfx90a"), ("gfx1030", "gfx1030"), ("x" * 90, "x" * 50)],
)
def test_what_a_gpu_is_made_to_claim(tmp_path: Path, value: str, gfx: str) -> None:
    assert accelerators(tmp_path, HSA_OVERRIDE_GFX_VERSION=value).override == gfx


def test_device_files(tmp_path: Path) -> None:
    for name in ("dev/kfd", "dev/dri/card0", "dev/dri/renderD128", "dev/dri/renderD129"):
        write(tmp_path, name).chmod(0o600)
    write(tmp_path, "sys/class/drm/renderD128/device/vendor", "0x1002\n")
    write(tmp_path, "sys/module/amdgpu/version")
    found = accelerators(tmp_path)
    assert found.amdgpu
    assert found.kfd is not None and (found.kfd.path, found.kfd.mode, found.kfd.openable) == ("/dev/kfd", 0o600, True)
    assert [(file.path, file.vendor) for file in found.render] == [("/dev/dri/renderD128", "1002"), ("/dev/dri/renderD129", "")]


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "dev/dri").mkdir(parents=True)
    (tmp_path / "dev/dri/renderD128").symlink_to("gone")
    assert accelerators(tmp_path).render == (DeviceNode("/dev/dri/renderD128"),)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_what_is_closed_to_this_user() -> None:
    """Root may open everything: the probe runs as somebody without rights."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    try:
        write(root, "dev/kfd").chmod(0o660)
        os.chown(root / "dev/kfd", 0, 54321)
        write(root, "dev/dri/renderD128").chmod(0o666)
        for groups, openable in (((), False), ((54321,), True)):
            found = as_user(54320, groups, lambda: read_accelerators({"root": str(root)}))
            assert (found["kfd"]["openable"], found["kfd"]["gid"], found["user"]) == (openable, 54321, "")
            assert found["render"][0]["openable"]
    finally:
        shutil.rmtree(root)


def test_the_version_of_macos(tmp_path: Path) -> None:
    folder = "System/Library/CoreServices"
    write(tmp_path, f"{folder}/SystemVersion.plist", plistlib.dumps({"ProductVersion": "15.5"}))
    assert accelerators(tmp_path).macos == "15.5"
    write(tmp_path, f"{folder}/.SystemVersionPlatform.plist", plistlib.dumps({"ProductVersion": "26.3.1"}))
    assert accelerators(tmp_path).macos == "26.3.1"


@pytest.mark.parametrize(
    "text", [plistlib.dumps({"ProductVersion": "10.16"}), b"no list", plistlib.dumps([]), plistlib.dumps({})]
)
def test_a_version_that_tells_nothing(tmp_path: Path, text: bytes) -> None:
    write(tmp_path, "System/Library/CoreServices/SystemVersion.plist", text)
    assert accelerators(tmp_path).macos == ""


def test_the_release_of_a_jetson(tmp_path: Path) -> None:
    write(tmp_path, "etc/nv_tegra_release", "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64\n")
    assert accelerators(tmp_path).l4t == "36.4.3"
    write(tmp_path, "etc/nv_tegra_release", "something else\n")
    assert accelerators(tmp_path).l4t == ""


def wsl(root: Path) -> Wsl | None:
    found = probe(Gpu, root=str(root))
    assert isinstance(found, Gpu), found
    return found.wsl


KERNEL = "proc/sys/kernel/osrelease"


def test_linux_is_no_wsl(tmp_path: Path) -> None:
    assert wsl(tmp_path) is None
    write(tmp_path, KERNEL, "6.8.0-60-generic\n")
    assert wsl(tmp_path) is None


def test_both_generations_of_wsl(tmp_path: Path) -> None:
    write(tmp_path, KERNEL, "4.4.0-19041-Microsoft\n")
    assert wsl(tmp_path) == Wsl(1)
    write(tmp_path, KERNEL, "5.15.167.4-microsoft-standard-WSL2\n")
    assert wsl(tmp_path) == Wsl(2)


def test_what_windows_lends(tmp_path: Path) -> None:
    write(tmp_path, KERNEL, "6.6.87.2-microsoft-standard-WSL2\n")
    (tmp_path / "mnt/c/Windows/System32").mkdir(parents=True)
    assert wsl(tmp_path) == Wsl(2, windows=False)
    for name in ("mnt/c/Windows/System32/nvcuda.dll", "dev/dxg", "usr/lib/wsl/lib/libcuda.so.1"):
        write(tmp_path, name)
    assert wsl(tmp_path) == Wsl(2, dxg=True, libraries=True, windows=True)


def torch_for_amd(tmp_path: Path, *files: str) -> TorchBuild:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    folder = next((tmp_path / "venv/lib").glob("python*/site-packages")) / "torch"
    write(folder, "__init__.py")
    write(folder, "version.py", "__version__ = '2.13.0+rocm7.2'\ncuda: str | None = None\nhip: str | None = '7.2.53211'\n")
    for name in files:
        write(folder, f"lib/rocblas/library/{name}")
    found = probe(TorchBuild, python=tmp_path / "venv/bin/python")
    assert isinstance(found, TorchBuild), found
    return found


def test_the_processors_that_a_wheel_serves(tmp_path: Path) -> None:
    found = torch_for_amd(
        tmp_path,
        "TensileLibrary_lazy_gfx1100.dat",
        "TensileLibrary_lazy_gfx90a.dat",
        "Kernels.so-000-gfx90a-xnack+.hsaco",
        "Kernels.so-000-gfx1030.hsaco",
        "TensileLibrary_Type_HH_Contraction_l_Ailk_Bjlk_Cijk_Dijk_gfx9-4-generic.co",
        "TensileManifest.txt",
    )
    assert (found.hip, found.cuda, found.archs) == ("7.2.53211", None, ("gfx1030", "gfx1100", "gfx9-4-generic", "gfx90a"))


def test_a_build_whose_libraries_lie_elsewhere(tmp_path: Path) -> None:
    assert torch_for_amd(tmp_path).archs == ()
