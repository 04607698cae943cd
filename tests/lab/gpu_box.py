"""A GPU box without a GPU: a made-up PCI bus, a driver that says what it is told, and a small torch that believes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lab.fakes import cuda, nvml
from lab.ward import Ward

PYPI = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")  # torch 2.11 and newer
CU126 = ("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
TORCH = """
import ctypes, os, warnings
from . import version
CARDS = [card.split(";") for card in os.environ.get("FAKE_NVML_GPUS", "").split("|") if card]
class cuda:
    def is_available():
        try:
            driver = ctypes.CDLL("libcuda.so.1")
        except OSError:
            return False
        speaks, count = ctypes.c_int(), ctypes.c_int()
        driver.cuDriverGetVersion(ctypes.byref(speaks))
        if version.cuda is None or driver.cuInit(0):
            return False
        if int(version.cuda.split(".")[0]) > speaks.value // 1000:
            warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old (found version %d)." % speaks.value)
            return False
        return True
    def device_count():
        count = ctypes.c_int()
        ctypes.CDLL("libcuda.so.1").cuDeviceGetCount(ctypes.byref(count))
        return count.value
    def get_device_name(index): return CARDS[index][0]
    def get_device_capability(index): return tuple(int(part) for part in CARDS[index][1].split("."))
    def get_arch_list(): return []
"""


@dataclass(frozen=True)
class Model:
    """A card: its name, compute capability, PCI id, and how it is, in the words of fake_nvml.c."""

    name: str
    capability: str
    device: str
    state: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ";".join((self.name, self.capability, self.device, *self.state))

    def but(self, **state: object) -> Model:
        """The same card, with these words changed."""
        return replace(self, state=(*(f"{word}={value}" for word, value in state.items()), *self.state))


RTX_3060 = Model("NVIDIA GeForce RTX 3060", "8.6", "2504")
RTX_4090 = Model("NVIDIA GeForce RTX 4090", "8.9", "2684")
RTX_5060 = Model("NVIDIA GeForce RTX 5060 Ti", "12.0", "2d04")
GTX_1080 = Model("NVIDIA GeForce GTX 1080", "6.1", "1b80")
P100 = Model("Tesla P100-PCIE-16GB", "6.0", "15f8")
V100 = Model("Tesla V100-SXM2-16GB", "7.0", "1db1")
A100 = Model("NVIDIA A100-SXM4-40GB", "8.0", "20b0", ("total=40960", "ecc=0", "rows=0"))


def on_bus(ward: Ward, cards: Iterable[tuple[str, str]]) -> None:
    """Put cards (vendor and device id) onto the PCI bus of this ward; those of the real machine are gone."""
    bus = ward.root / "bus"
    bus.mkdir()
    for number, (vendor, device) in enumerate(cards):
        folder = bus / f"0000:{number + 1:02x}:00.0"
        folder.mkdir(parents=True)
        for name, text in (("vendor", vendor), ("device", device), ("class", "030000")):
            (folder / name).write_text(f"0x{text}\n")
    ward.mounts.append(f"mount --bind '{bus}' /sys/bus/pci/devices")


def module(ward: Ward, version: str) -> None:
    """Load a kernel module of this version, as far as /proc tells."""
    (ward.root / "version").write_text(f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Sun May 12 2024\n")
    ward.mounts += [
        "mount -t tmpfs none /proc/driver",
        "mkdir /proc/driver/nvidia",
        f"cp '{ward.root}/version' /proc/driver/nvidia/",
    ]


def outside(ward: Ward) -> None:
    """Let the ward be no container, should the tests run in one: the file that Docker leaves in / is gone. Comes last."""
    ward.mounts += [
        "mount -t tmpfs none /mnt",
        "mkdir /mnt/upper /mnt/work /mnt/laptop",
        "mount -t overlay none -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/laptop",
        "rm -f /mnt/laptop/.dockerenv /mnt/laptop/run/.containerenv",
        f"for folder in /proc /sys /dev '{ward.root}'; do mount --rbind $folder /mnt/laptop$folder; done",
        f'set -- {shutil.which("chroot")} /mnt/laptop env -C "{ward.project}" "$@"',
    ]


def driver(ward: Ward, *cards: Model, version: str = "580.65.06", speaks: int = 13000, options: tuple[str, ...] = ()) -> None:
    """Install an NVIDIA driver with these cards."""
    on_bus(ward, (("10de", card.device) for card in cards))
    module(ward, version)
    ward.environ |= {
        "LD_LIBRARY_PATH": f"{nvml(*options)}:{cuda()}",
        "FAKE_NVML_DRIVER": version,
        "FAKE_NVML_CUDA": str(speaks),
        "FAKE_CUDA_VERSION": str(speaks),
        "FAKE_NVML_GPUS": "|".join(map(str, cards)),
        "FAKE_CUDA_GPUS": str(len(cards)),
    }


def torch(ward: Ward, version: str = "2.14.1", tag: str = "cu130", archs: Iterable[str] = PYPI) -> None:
    """A venv whose torch is of this build."""
    ward.venv()
    folder = ward.library("torch", version, TORCH)
    number = f"'{tag[2:-1]}.{tag[-1]}'" if tag.startswith("cu") else "None"
    (folder / "version.py").write_text(
        f"from typing import Optional\n__version__ = '{version}+{tag}'\ncuda: Optional[str] = {number}\nhip = None\n"
    )
    (folder / "lib").mkdir()
    (folder / "lib/libtorch_python.so").write_bytes(b"\x7fELF\0" + " ".join(archs).encode() + b"\0")


def box(
    *cards: Model, build: str = "cu130", archs: Iterable[str] = PYPI, torch_version: str = "2.14.1", **env: str
) -> Callable[[Ward], None]:
    """A machine with a driver for CUDA 13, these cards and this torch; `env` is laid over the variables."""

    def make(ward: Ward) -> None:
        driver(ward, *(cards or (RTX_3060,)))
        torch(ward, torch_version, build, archs)
        ward.environ |= env

    return make


def old_driver(*cards: Model, build: str = "cu130", archs: Iterable[str] = PYPI, **env: str) -> Callable[[Ward], None]:
    """The same with a driver that ends at CUDA 12.2."""

    def make(ward: Ward) -> None:
        driver(ward, *(cards or (RTX_3060,)), version="535.183.01", speaks=12020)
        torch(ward, "2.14.1", build, archs)
        ward.environ |= env

    return make


def devices(ward: Ward, log: str = "") -> None:
    """Give the ward a /dev of its own, with a card, and a kernel log if there is something in it."""
    folder = ward.root / "dev"
    folder.mkdir()
    (ward.root / "kmsg").write_text(log)
    ward.mounts += [
        f"mount -t tmpfs none '{folder}'",
        f"cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty /dev/fd '{folder}'",
        f"mkdir '{folder}/shm'",
        f"cp '{ward.root}/kmsg' '{folder}/nvidia0'",
        f"cp '{ward.root}/kmsg' '{folder}/kmsg'" if log else f"rm '{ward.root}/kmsg'",
        f"mount --bind '{folder}' /dev",
    ]


def program(ward: Ward, name: str = "python3", *, own: bool = False, holds: str = "/dev/null") -> None:
    """Start a program of this user or another one; its number takes the place of PID in the description of the cards."""
    (ward.root / "tools").mkdir(exist_ok=True)
    (ward.root / "tools" / name).symlink_to(shutil.which("sleep") or "/bin/sleep")
    somebody = "" if own else f"{shutil.which('setpriv')} --reuid 65534 "
    ward.mounts += [
        f"{somebody}'{ward.root}/tools/{name}' 60 >/dev/null 2>&1 <'{holds}' &",
        'export FAKE_NVML_GPUS="$(echo "$FAKE_NVML_GPUS" | sed "s/PID/$!/")"',
    ]


def inside(ward: Ward, *first: str) -> None:
    """Let the ward be a container: it counts processes by itself. There these lines run first. Comes last."""
    ward.environ["container"] = "docker"
    lines = " ".join((*first, '"$@"; exit $?'))  # not exec: what was started before would then be the doctor's own
    ward.mounts.append(f"set -- {shutil.which('unshare')} --pid --fork --mount-proc /bin/sh -c '{lines}' sh \"$@\"")
