"""Every answer of NVML and of cuInit, on a machine and in a container; and each reason why a module is not loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from lab.fakes import cuda, nvml
from lab.gpu_box import RTX_3060, box, on_bus, outside, torch
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

KERNEL = os.uname().release
EFI = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def answering(nvml_code: int = 0, cuda_code: int = 0, *, container: bool = False, **env: str) -> Callable[[Ward], None]:
    """A machine whose driver is installed and answers with these codes."""

    def make(ward: Ward) -> None:
        box(FAKE_NVML_INIT=str(nvml_code), FAKE_CUDA_INIT=str(cuda_code), **env)(ward)
        if container:
            ward.environ["container"] = "docker"
        else:
            outside(ward)

    return make


def unloaded(*kernels: str, secure_boot: bool | None = None, taken_by: str = "") -> Callable[[Ward], None]:
    """A driver whose module is not loaded, and for which kernels it was built."""

    def make(ward: Ward) -> None:
        on_bus(ward, [("10de", RTX_3060.device)])
        torch(ward)
        ward.environ |= {"LD_LIBRARY_PATH": f"{nvml()}:{cuda()}", "FAKE_NVML_INIT": "9", "FAKE_CUDA_INIT": "999"}
        if taken_by:
            (ward.root / "bus/0000:01:00.0/driver").symlink_to(f"/sys/bus/pci/drivers/{taken_by}")
        if secure_boot is not None:
            ward.mounts += firmware(secure_boot)
        outside(ward)
        modules(ward, kernels)

    return make


def modules(ward: Ward, kernels: Iterable[str]) -> None:
    """Lists of modules, for a ward that is `outside`: of the running kernel, and of those that the driver was built for."""
    for kernel in {KERNEL, *kernels}:
        folder = ward.root / "modules" / kernel
        folder.mkdir(parents=True)
        ours = "updates/dkms/nvidia.ko.zst: updates/dkms/nvidia-modeset.ko.zst\n" if kernel in kernels else ""
        (folder / "modules.dep").write_text(f"kernel/drivers/net/ethernet/nvidia/forcedeth.ko.zst:\n{ours}")
    ward.mounts += ["mkdir -p /mnt/laptop/lib/modules", f"mount --bind '{ward.root}/modules' /mnt/laptop/lib/modules"]


def firmware(secure_boot: bool) -> list[str]:
    """What the firmware says of Secure Boot."""
    return [
        "mount -t tmpfs none /sys/firmware",
        "mkdir -p /sys/firmware/efi/efivars",
        f"printf '\\006\\000\\000\\000\\00{int(secure_boot)}' > /sys/firmware/efi/efivars/{EFI}",
    ]


def says(*words: str) -> Callable[[Visit], None]:
    def look(visit: Visit) -> None:
        found = visit.findings("fail", "warn")
        text = " ".join(f["message"] + str(f["fix"]) for f in found)
        assert all(word in text for word in words), found

    return look


def open_question(visit: Visit) -> None:
    """What the code does not decide is said as it is."""
    assert visit.findings("unknown"), visit


CHECKS = ("gpu", "torch")
ROOT = ("root", "gcc")


def patient(
    id: str, make: Callable[[Ward], object], cause: str = "", also: Callable[[Visit], object] | None = None, soft: bool = False
) -> Patient:
    red, yellow = ((), (cause,)) if soft else ((cause,) if cause else (), ())
    return Patient(id, make, red=red, yellow=yellow, args=CHECKS, needs=ROOT, also=also)


def code(number: int, cause: str = "", **where: bool) -> Patient:
    """NVML answers with this code, and CUDA does not start either."""
    place = "in a container" if where.get("container") else "on a machine"
    soft = cause == "container-without-gpu"
    also = None if cause else open_question
    return patient(f"NVML {number} {place}", answering(number, 999, **where), cause, also, soft)  # type: ignore[arg-type]


def start(number: int, cause: str = "", **where: bool) -> Patient:
    """The driver sees the card, and cuInit answers with this code."""
    place = "in a container" if where.get("container") else "on a machine"
    return patient(f"cuInit {number} {place}", answering(0, number, **where), cause, None if cause else open_question)  # type: ignore[arg-type]


PATIENTS = [
    *(code(number) for number in (1, 2, 3, 7, 12, 13, 17, 22, 999)),
    code(4, "gpu-permission"),
    code(9, "driver-module-not-loaded"),
    code(15, "gpu-lost"),
    code(16, "gpu-lost"),
    code(18, "driver-mismatch"),
    *(code(number, container=True) for number in (1, 12, 17)),
    code(4, "gpu-permission", container=True),
    code(9, "container-without-gpu", container=True),
    code(15, "gpu-lost", container=True),
    code(18, "driver-mismatch", container=True),
    code(999, "container-lost-gpu", container=True),
    *(start(number) for number in (1, 2, 3, 100)),
    start(34, "cuda-stub-on-path"),
    start(46, "gpu-exclusive"),
    start(101, "cuda-visible-devices"),
    start(802, "fabric-manager-down"),
    start(803, "driver-mismatch"),
    start(804, "cuda-compat-shadows-driver"),
    start(999, "uvm-missing"),
    start(802, "fabric-manager-down", container=True),
    start(999, "uvm-missing", container=True),
    patient(
        "nouveau has the card", unloaded(KERNEL, taken_by="nouveau"), "driver-module-not-loaded", says("nouveau", "initramfs")
    ),
    patient(
        "built for another kernel",
        unloaded("5.15.0-1-generic"),
        "driver-module-not-loaded",
        says("5.15.0-1-generic", f"linux-headers-{KERNEL}"),
    ),
    patient("built for no kernel", unloaded(), "driver-module-not-loaded", says("not built for any installed kernel", "dkms")),
    patient(
        "Secure Boot refuses it", unloaded(KERNEL, secure_boot=True), "driver-module-not-loaded", says("Secure Boot", "mokutil")
    ),
    patient("Secure Boot is off", unloaded(KERNEL, secure_boot=False), "driver-module-not-loaded", says("modprobe")),
    patient("all is well", answering()),
    patient("all is well in a container", answering(container=True)),
]
