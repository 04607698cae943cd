"""Patients whose driver works and whose cards do not, or are taken."""

from __future__ import annotations

from collections.abc import Callable

from lab.gpu_box import A100, RTX_3060, Model, box, devices, inside, outside, program
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

FULL = RTX_3060.but(used=12000)
SLICES = "MIG-1111-aaaa,MIG-2222-bbbb,MIG-3333-cccc"
HOT, BRAKE, WARM, ANY = 0x40, 0x80, 0x20, 0x8
XID = "6,1,1,-;NVRM: Xid (PCI:0000:{bus}:00): {number}, pid=77, name=python3, and so on\n"


def eight(*changed: Model, **env: str) -> Callable[[Ward], None]:
    """A machine with eight cards, of which the last are these."""
    return box(*[A100] * (8 - len(changed)), *changed, **env)


def used(make: Callable[[Ward], None], name: str = "python3", own: bool = False, many: int = 1) -> Callable[[Ward], None]:
    """The machine with programs on its cards: those are PID in their description."""

    def made(ward: Ward) -> None:
        make(ward)
        for number in range(many):
            program(ward, name if not number else f"{name}-{number}", own=own)

    return made


def on_a_machine(make: Callable[[Ward], object]) -> Callable[[Ward], None]:
    """The same in no container, whatever the tests run in."""

    def made(ward: Ward) -> None:
        make(ward)
        outside(ward)

    return made


def contained(own: bool = False) -> Callable[[Ward], None]:
    """A container whose card is full. A program of this user's has it open, or none that can be seen from inside."""

    def made(ward: Ward) -> None:
        box(FULL)(ward)
        devices(ward)
        inside(ward, "sleep 60 </dev/nvidia0 >/dev/null 2>&1 &" if own else "")

    return made


def logged(*numbers: int, bus: str = "01", make: Callable[[Ward], None] | None = None) -> Callable[[Ward], None]:
    """A machine whose kernel log holds these errors of the driver."""

    def made(ward: Ward) -> None:
        (make or box())(ward)
        devices(ward, "6,0,0,-;Linux version\n" + "".join(XID.format(bus=bus, number=number) for number in numbers))

    return made


def remembered(make: Callable[[Ward], None], bus: str, uuid: str) -> Callable[[Ward], None]:
    """A machine whose kernel module still knows a card that its management library has lost."""

    def made(ward: Ward) -> None:
        make(ward)
        (ward.root / "information").write_text(f"Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ: 1\nGPU UUID: \t {uuid}\n")
        ward.mounts += [
            f"mkdir -p /proc/driver/nvidia/gpus/{bus}",
            f"cp '{ward.root}/information' /proc/driver/nvidia/gpus/{bus}/",
        ]

    return made


def message(*words: str) -> Callable[[Visit], None]:
    """One of the complaints holds all these words."""

    def look(visit: Visit) -> None:
        said = [found["message"] for found in visit.findings("fail", "warn")]
        assert any(all(word in text for word in words) for text in said), said

    return look


def advice(*words: str) -> Callable[[Visit], None]:
    """The printed commands hold all these words, and nothing that ends a program."""

    def look(visit: Visit) -> None:
        fixes = [found["fix"] for found in visit.findings("fail", "warn") if found["fix"]]
        said = " ".join(command["text"] for one in fixes for command in one["commands"])
        assert all(word in said for word in words), said
        assert "kill" not in said

    return look


def sick(
    id: str,
    make: Callable[[Ward], object],
    red: str = "",
    yellow: str = "",
    also: Callable[[Visit], object] | None = None,
    args: tuple[str, ...] = (),
    cure: str = "",
) -> Patient:
    causes = {"red": (red,) if red else (), "yellow": (yellow,) if yellow else ()}
    place = make if make.__qualname__.startswith("contained") else on_a_machine(make)
    needs = ("root", "gcc", "setpriv")
    return Patient(id, place, args=("gpu", "torch", *args), needs=needs, also=also, cure=cure, **causes)  # type: ignore[arg-type]


PATIENTS = [
    sick(
        "one of eight fell off the bus",
        remembered(eight(A100, FAKE_NVML_LOST="6"), "0000:07:00.0", "GPU-0123abcd-0000-1111-2222-333344445555"),
        "gpu-lost",
        also=message("GPU 6", "GPU-0123abcd", "bus 0000:07:00.0", "fallen off"),
    ),
    sick("one of eight needs a reset", eight(A100.but(lost=16)), "gpu-lost", also=advice("sudo nvidia-smi --gpu-reset -i 7")),
    sick("one of two without its power cable", box(RTX_3060, RTX_3060.but(lost=8)), "gpu-lost", also=message("power cable")),
    sick(
        "one is lost while it is asked",
        eight(FAKE_NVML_FAIL="nvmlDeviceGetTemperature@4=15"),
        "gpu-lost",
        also=message("GPU 4", "GPU-40000000-fake", "bus 00000000:05:00.0"),
    ),
    sick(
        "one is lost, and CUDA does not start",
        eight(FAKE_NVML_FAIL="nvmlDeviceGetHandleByIndex_v2@2=15", FAKE_CUDA_INIT="999"),
        "gpu-lost",
    ),
    sick("the only card needs a reset", box(RTX_3060.but(lost=16), FAKE_CUDA_INIT="999"), "gpu-lost"),
    sick("rows wait for a reset", eight(A100.but(rows=1)), yellow="gpu-errors", also=message("GPU 7", "bus 00000000:08:00.0")),
    sick("no spare rows", box(A100.but(rows=3)), yellow="gpu-errors", also=advice("ROW_REMAPPER")),
    sick("pages wait for a reset", box(RTX_3060.but(pages=1)), yellow="gpu-errors", also=advice("--gpu-reset -i 0")),
    sick("errors that could not be corrected", box(A100.but(ecc=2)), yellow="gpu-errors", also=message("2 memory errors")),
    sick("the kernel log says that it was lost", logged(31, 79), yellow="gpu-errors", also=message("Xid 79")),
    sick(
        "the kernel log blames the second card",
        logged(119, 119, 48, bus="02", make=box(RTX_3060, RTX_3060)),
        yellow="gpu-errors",
        also=message("GPU 1", "Xid 119", "Xid 48"),
    ),
    sick("too hot", box(RTX_3060.but(slow=HOT | ANY, temp=96)), yellow="gpu-throttled", also=message("heat", "96 °C")),
    sick("warm under load", box(RTX_3060.but(slow=WARM, busy=98)), yellow="gpu-throttled"),
    sick("power brake", eight(A100.but(slow=BRAKE)), yellow="gpu-throttled", also=message("GPU 7", "power supply")),
    sick("slowed down by its hardware", box(RTX_3060.but(slow=ANY, busy=90)), yellow="gpu-throttled"),
    sick(
        "another user has the memory",
        used(box(FULL.but(pids="PID:11800"))),
        yellow="gpu-memory-taken",
        also=message("python3 (PID ", "of another user", "0.3 of 12.0 GiB"),
    ),
    sick(
        "several programs have the memory",
        used(box(FULL.but(pids="PID:5000,PID:6000")), many=2),
        yellow="gpu-memory-taken",
        also=message("programs of others: python3 (PID ", "python3-1 (PID "),
    ),
    sick(
        "the first of two is taken",
        used(box(FULL.but(pids="PID:11800"), RTX_3060)),
        yellow="gpu-memory-taken",
        also=advice("export CUDA_VISIBLE_DEVICES=1", "export CUDA_DEVICE_ORDER=PCI_BUS_ID"),
        cure="gpu-memory-taken",
    ),
    sick(
        "the one that is shown is taken",
        used(box(RTX_3060, FULL.but(pids="PID:11800"), CUDA_VISIBLE_DEVICES="1")),
        yellow="gpu-memory-taken",
        also=advice("nvidia-smi -i 1"),
    ),
    sick("memory taken from outside of the container", contained(), yellow="gpu-memory-taken", also=message("container")),
    sick("closed to all", box(RTX_3060.but(mode=2)), "gpu-exclusive", also=advice("sudo nvidia-smi -i 0 -c 0")),
    sick(
        "exclusive, and another user has it",
        used(box(RTX_3060.but(mode=3, pids="PID:800"))),
        "gpu-exclusive",
        also=message("one program at a time", "python3 (PID "),
    ),
    sick("exclusive, as CUDA says", used(box(RTX_3060.but(mode=3, pids="PID:800"), FAKE_CUDA_INIT="46")), "gpu-exclusive"),
    sick(
        "the first of two is exclusive and taken",
        used(box(RTX_3060.but(mode=3, pids="PID:800"), RTX_3060)),
        yellow="gpu-exclusive",
        also=advice("CUDA_VISIBLE_DEVICES=1"),
        cure="gpu-exclusive",
    ),
    sick("one of eight is split into nothing", eight(A100.but(mig="")), yellow="mig-without-instance", also=message("GPU 7")),
    sick("split into nothing", box(A100.but(mig=""), FAKE_CUDA_GPUS="0"), "mig-without-instance", also=advice("-mig 0")),
    sick("split into nothing, at a glance", box(A100.but(mig=""), FAKE_CUDA_GPUS="0"), "mig-without-instance", args=("--quick",)),
    sick(
        "a slice that does not exist",
        box(A100.but(mig=SLICES), FAKE_CUDA_MIG=SLICES, CUDA_VISIBLE_DEVICES="MIG-9999"),
        "cuda-visible-devices",
    ),
]
