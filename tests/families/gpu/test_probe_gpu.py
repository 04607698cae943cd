"""The GPU probes, run for real: against small libraries that say what they are told, and against a made-up /sys."""

from __future__ import annotations

import grp
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lab.fakes import cuda, nvml
from mlenv_checks.gpu.facts import Card, CardHealth, CudaDriver, Gpu, KernelModule, PciCard
from mlenv_checks.gpu.probes.kernel_module import closed_device_files
from mlenv_doctor.facts import Missing, Why
from support.probing import as_user, probe

VARIABLES = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "SLURM_JOB_ID")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def gpu(root: Path, env: Mapping[str, str] | None = None, **question: object) -> Gpu:
    found = probe(Gpu, env=env, root=str(root), **question)
    assert isinstance(found, Gpu), found
    return found


def with_nvml(root: Path, *options: str, **env: str) -> Gpu:
    return gpu(root, {"LD_LIBRARY_PATH": str(nvml(*options)), **env})


def cuda_driver(**env: str) -> CudaDriver:
    found = probe(CudaDriver, env={"LD_LIBRARY_PATH": str(cuda()), **env})
    assert isinstance(found, CudaDriver), found
    return found


def on_bus(root: Path, bus: str, vendor: str, device: str, kind: str = "0x030000", driver: str = "") -> None:
    folder = root / "sys/bus/pci/devices" / bus
    folder.mkdir(parents=True)
    (folder / "vendor").write_text(f"0x{vendor}\n")
    (folder / "device").write_text(f"0x{device}\n")
    (folder / "class").write_text(f"{kind}\n")
    if driver:
        (root / "drivers" / driver).mkdir(parents=True, exist_ok=True)
        (folder / "driver").symlink_to(root / "drivers" / driver)


def test_a_machine_without_anything(tmp_path: Path) -> None:
    assert gpu(tmp_path) == Gpu()


def test_this_machine() -> None:
    assert isinstance(probe(Gpu), Gpu)


def test_the_bus_is_read_without_a_driver(tmp_path: Path) -> None:
    on_bus(tmp_path, "0000:01:00.0", "10de", "2504", "0x030000", "nouveau")
    on_bus(tmp_path, "0000:01:00.1", "10de", "228e", "0x040300")  # the sound of the same card
    on_bus(tmp_path, "0000:02:00.0", "8086", "a780")
    on_bus(tmp_path, "0000:03:00.0", "1002", "74a1", "0x120000")
    on_bus(tmp_path, "0000:04:00.0", "1af4", "1050")
    assert gpu(tmp_path).pci == (
        PciCard("0000:01:00.0", "10de", "2504", "nouveau"),
        PciCard("0000:02:00.0", "8086", "a780"),
        PciCard("0000:03:00.0", "1002", "74a1"),
    )


@pytest.mark.parametrize(
    ("text", "version", "is_open"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 2024\nGCC 12", "535.183.01", False),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.06  Release Build  (root)\n", "570.124.06", True),
        ("something else", "", False),
    ],
)
def test_the_kernel_module(tmp_path: Path, text: str, version: str, is_open: bool) -> None:
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").write_text(text)
    found = gpu(tmp_path)
    assert (found.module, found.open) == (version, is_open)


def test_device_files_wsl_and_jetson(tmp_path: Path) -> None:
    for name in ("dev/nvidia0", "dev/nvidiactl", "dev/null", "usr/lib/wsl/lib/libcuda.so.1", "proc/device-tree/model"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("NVIDIA Jetson AGX Orin\0")
    found = gpu(tmp_path)
    assert (found.nodes, found.windows, found.jetson) == (("nvidia0", "nvidiactl"), True, "NVIDIA Jetson AGX Orin")


def test_variables_and_scheduler(tmp_path: Path) -> None:
    found = gpu(tmp_path, {"CUDA_VISIBLE_DEVICES": "1", "SLURM_JOB_ID": "7"})
    assert (found.variables, found.scheduler) == ({"CUDA_VISIBLE_DEVICES": "1"}, "slurm")


def test_nvml_describes_every_card(tmp_path: Path) -> None:
    found = with_nvml(tmp_path, FAKE_NVML_GPUS="NVIDIA A100;8.0;20b0|NVIDIA GeForce GTX 1080;6.1;1b80", FAKE_NVML_CUDA="12020")
    assert (found.nvml, found.source, found.driver, found.cuda) == (0, "nvml", "550.54.15", "12.2")
    assert found.library.endswith("libnvidia-ml.so.1")
    assert tuple(replace(card, health=CardHealth()) for card in found.cards) == (
        Card(0, "NVIDIA A100", "GPU-00000000-fake", "00000000:01:00.0", "20b0", "8.0", 12 << 30, None, 0, 0),
        Card(1, "NVIDIA GeForce GTX 1080", "GPU-10000000-fake", "00000000:02:00.0", "1b80", "6.1", 12 << 30, None, 0, 0),
    )


def test_cuda_visible_devices_hides_nothing_from_nvml(tmp_path: Path) -> None:
    assert len(with_nvml(tmp_path, CUDA_VISIBLE_DEVICES="").cards) == 1


@pytest.mark.parametrize("code", [4, 9, 15, 17, 18, 999])
def test_nvml_codes_are_kept(tmp_path: Path, code: int) -> None:
    found = with_nvml(tmp_path, FAKE_NVML_INIT=str(code))
    assert (found.nvml, found.cards) == (code, ())


def test_an_old_driver_lacks_functions(tmp_path: Path) -> None:
    found = with_nvml(tmp_path, "-DOLD")
    assert (found.nvml, found.cuda) == (0, "")
    health = CardHealth(free=11 << 30, used=1 << 30)
    assert found.cards == (Card(0, "NVIDIA GeForce RTX 3060", "GPU-00000000-fake", memory=12 << 30, health=health),)


def test_a_lost_card_and_slices(tmp_path: Path) -> None:
    found = with_nvml(tmp_path, FAKE_NVML_LOST="0", FAKE_NVML_MIG="1", FAKE_NVML_GPUS="NVIDIA A100;8.0;20b0|NVIDIA A100;8.0;20b0")
    assert [(card.error, card.mig, card.mig_instances) for card in found.cards] == [(15, None, 0), (None, True, 0)]


def test_a_driver_that_hangs_does_not_take_the_rest_along(tmp_path: Path) -> None:
    on_bus(tmp_path, "0000:01:00.0", "10de", "2504")
    started = time.monotonic()
    found = gpu(tmp_path, {"LD_LIBRARY_PATH": str(nvml()), "FAKE_NVML_HANG": "1"}, patience=0.5)
    assert (found.silent, len(found.pci)) == (0.5, 1)
    assert time.monotonic() - started < 10


def test_a_driver_that_hangs_longer_than_the_deadline() -> None:
    found = probe(Gpu, env={"LD_LIBRARY_PATH": str(nvml()), "FAKE_NVML_HANG": "1"}, timeout=1)
    assert isinstance(found, Missing)
    assert found.kind == Why.TIMEOUT


SMI = """#!/bin/sh
echo '0, NVIDIA GeForce RTX 4090, GPU-1, 560.35.03, 24564, 8.9'
echo '1, NVIDIA GRID, GPU-2, 560.35.03, [N/A], [N/A]'
echo 'a line of something else'
"""


def test_nvidia_smi_where_the_library_is_out_of_reach(tmp_path: Path) -> None:
    command = tmp_path / "bin/nvidia-smi"
    command.parent.mkdir()
    command.write_text(SMI)
    command.chmod(0o755)
    found = gpu(tmp_path, {"PATH": f"{command.parent}:/usr/bin:/bin"})
    assert (found.source, found.driver) == ("nvidia-smi", "560.35.03")
    assert found.cards == (
        Card(0, "NVIDIA GeForce RTX 4090", "GPU-1", capability="8.9", memory=24564 << 20),
        Card(1, "NVIDIA GRID", "GPU-2"),
    )


@pytest.mark.parametrize("script", ["#!/bin/sh\necho NVIDIA-SMI has failed\nexit 9\n", "no program at all"])
def test_a_broken_nvidia_smi_says_nothing(tmp_path: Path, script: str) -> None:
    command = tmp_path / "bin/nvidia-smi"
    command.parent.mkdir()
    command.write_text(script)
    command.chmod(0o755)
    assert gpu(tmp_path, {"PATH": f"{command.parent}:/usr/bin:/bin"}) == Gpu()


def test_cuda_starts() -> None:
    found = cuda_driver(FAKE_CUDA_VERSION="13020", FAKE_CUDA_GPUS="2")
    assert (found.init, found.version, found.count, found.unhidden) == (0, "13.2", 2, None)
    assert found.library.endswith("/libcuda.so.1")


@pytest.mark.parametrize("code", [3, 34, 46, 100, 101, 802, 803, 804, 999])
def test_codes_of_cuda_are_kept(code: int) -> None:
    found = cuda_driver(FAKE_CUDA_INIT=str(code))
    assert (found.init, found.count, found.version) == (code, None, "12.4")


@pytest.mark.parametrize(("value", "count"), [("", None), ("-1", None), ("5", None), ("1", 1), ("1,0", 2), ("1,7,0", 1)])
def test_cuda_is_also_asked_without_the_variable(value: str, count: int | None) -> None:
    found = cuda_driver(CUDA_VISIBLE_DEVICES=value, FAKE_CUDA_GPUS="2")
    assert (found.count, found.unhidden) == (count, 2)


def test_no_cuda_here() -> None:
    found = probe(CudaDriver, env={"LD_LIBRARY_PATH": ""})
    assert isinstance(found, CudaDriver)
    if found.library:
        pytest.skip("this machine has an NVIDIA driver")
    assert (found.init, found.count) == (None, None)
    assert "libcuda.so.1" in found.error


def test_a_crash_and_a_hang_end_with_their_process() -> None:
    folder = str(cuda())
    crashed = probe(CudaDriver, env={"LD_LIBRARY_PATH": folder, "FAKE_CUDA_CRASH": "1"})
    hanging = probe(CudaDriver, env={"LD_LIBRARY_PATH": folder, "FAKE_CUDA_HANG": "1", "CUDA_VISIBLE_DEVICES": "0"}, timeout=1)
    assert [found.kind for found in (crashed, hanging) if isinstance(found, Missing)] == [Why.KILLED, Why.TIMEOUT]


def test_the_module_on_the_disk(tmp_path: Path) -> None:
    on_bus(tmp_path, "0000:01:00.0", "10de", "2504")
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.8.0-61-generic\n")
    for kernel, text in (
        ("6.8.0-60-generic", "updates/dkms/nvidia.ko.zst: x\n"),
        ("6.8.0-61-generic", "kernel/net/nvidia/forcedeth.ko:\n"),
    ):
        (tmp_path / "lib/modules" / kernel).mkdir(parents=True)
        (tmp_path / "lib/modules" / kernel / "modules.dep").write_text(text)
    (tmp_path / "lib/modules/rubbish").mkdir()
    assert gpu(tmp_path).kernel == KernelModule("6.8.0-61-generic", False, ("6.8.0-60-generic",), None)
    (tmp_path / "lib/modules/6.8.0-61-generic/modules.dep").write_text("updates/nvidia-current.ko:\n")
    efi = tmp_path / "sys/firmware/efi/efivars"
    efi.mkdir(parents=True)
    (efi / "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c").write_bytes(b"\x06\0\0\0\x01")
    found = gpu(tmp_path).kernel
    assert found and found.here and found.secure_boot


def test_it_is_not_looked_for_without_need(tmp_path: Path) -> None:
    assert gpu(tmp_path).kernel is None
    on_bus(tmp_path, "0000:01:00.0", "10de", "2504")
    assert gpu(tmp_path).kernel == KernelModule()
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Sun\n")
    assert gpu(tmp_path).kernel is None


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="needs root, to become somebody else")
def test_files_that_this_user_may_not_open(tmp_path: Path) -> None:
    names = ["nvidia0", "nvidiactl", "nvidia9"]
    (tmp_path / "dev").mkdir()
    for name, mode in (("nvidia0", 0o660), ("nvidiactl", 0o666)):
        (tmp_path / "dev" / name).touch()
        (tmp_path / "dev" / name).chmod(mode)
    assert closed_device_files(str(tmp_path), names) == []
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/") and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o055)
    grp.getgrgid(0)  # loaded before rights are given up: where Python lies may be closed to others
    [found] = as_user(65534, (), lambda: closed_device_files(str(tmp_path), names))
    assert (found["path"], found["mode"], found["group"]) == ("/dev/nvidia0", 0o660, "root")
