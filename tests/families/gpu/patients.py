"""Patients with a graphics card that is not there: each of its causes, and the healthy ones that look like them."""

from __future__ import annotations

from collections.abc import Callable

from lab.fakes import cuda, nvml
from lab.gpu_box import (
    CU126,
    GTX_1080,
    P100,
    RTX_3060,
    RTX_4090,
    RTX_5060,
    V100,
    box,
    driver,
    module,
    old_driver,
    on_bus,
    outside,
    torch,
)
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward


def no_driver(*ids: tuple[str, str], **env: str) -> Callable[[Ward], None]:
    """Cards on the bus, and no driver for them."""

    def make(ward: Ward) -> None:
        on_bus(ward, ids)
        torch(ward, "2.13.0", "cpu")
        ward.environ |= env
        outside(ward)

    return make


def module_not_loaded(ward: Ward) -> None:
    on_bus(ward, [("10de", RTX_3060.device)])
    torch(ward)
    ward.environ |= {"LD_LIBRARY_PATH": f"{nvml()}:{cuda()}", "FAKE_NVML_INIT": "9", "FAKE_CUDA_INIT": "999"}
    outside(ward)


def half_a_driver(ward: Ward) -> None:
    box()(ward)
    ward.environ["LD_LIBRARY_PATH"] = str(nvml())
    outside(ward)


def for_the_cpu(ward: Ward) -> None:
    box(build="cpu")(ward)
    ward.write("requirements.txt", "torch==2.14.1+cpu\n")


def by_the_index_for_the_cpu(ward: Ward) -> None:
    box(build="cpu")(ward)
    ward.write("requirements.txt", "--index-url https://download.pytorch.org/whl/cpu\ntorch\n")


def another_toolkit(ward: Ward) -> None:
    old_driver(build="cu128")(ward)
    toolkit = ward.root / "cuda-11.8"
    ward.script(toolkit / "bin/nvcc", "#!/bin/sh\necho 'release 11.8'\n")
    (toolkit / "lib64").mkdir()
    ward.environ["PATH"] += f":{toolkit}/bin"
    ward.environ |= {"CUDA_HOME": str(toolkit), "LD_LIBRARY_PATH": f"{toolkit}/lib64:{ward.environ['LD_LIBRARY_PATH']}"}


def from_the_last_century(ward: Ward) -> None:
    """A driver whose NVML lacks half the functions; the card's generation is unknown to it."""
    driver(ward, RTX_3060, options=("-DOLD",))
    torch(ward)


def a_mac(ward: Ward) -> None:
    """Nothing of NVIDIA: what a Mac shows, as far as Linux can play one."""
    on_bus(ward, [("106b", "0001")])
    torch(ward, "2.13.0", "cpu")


def half_a_container(ward: Ward) -> None:
    """The card and the module of the machine shine into a container that was started without them."""
    on_bus(ward, [("10de", RTX_3060.device)])
    module(ward, "550.54.15")
    torch(ward)
    ward.environ["container"] = "docker"


def says(*words: str) -> Callable[[Visit], None]:
    """The first failure's commands hold these words."""

    def look(visit: Visit) -> None:
        commands = [
            command["text"] for found in visit.findings("fail", "warn") if found["fix"] for command in found["fix"]["commands"]
        ]
        assert any(all(word in text for word in words) for text in commands), commands

    return look


def no_kernels(visit: Visit) -> None:
    assert "compute capability 12.0" in visit.stdout


def sees(visit: Visit) -> None:
    found = [f for f in visit.findings("pass") if f["id"] == "torch.sees-gpu"]
    assert found, visit


def honest(visit: Visit) -> None:
    assert any(
        "did not answer" in found["message"] or "no answer within" in found["message"] for found in visit.findings("unknown")
    ), visit


CHECKS = ("gpu", "torch")
INDEX = "https://download.pytorch.org/whl/"
ENDS = says("-m pip install --force-reinstall torch")


def sick(
    id: str, make: Callable[[Ward], object], red: str, also: Callable[[Visit], object] | None = None, **more: object
) -> Patient:
    return Patient(id, make, red=(red,), args=CHECKS, needs=("root", "gcc"), also=also, **more)  # type: ignore[arg-type]


def well(id: str, make: Callable[[Ward], object], also: Callable[[Visit], object] | None = None, **more: object) -> Patient:
    return Patient(id, make, args=CHECKS, needs=("root", "gcc"), also=also, **more)  # type: ignore[arg-type]


PATIENTS = [
    sick("no driver", no_driver(("10de", "2504")), "driver-missing", says("sudo")),
    sick("driver too old", old_driver(), "driver-too-old", says("--force-reinstall torch --index-url", INDEX + "cu126")),
    sick("driver and card too old", old_driver(GTX_1080), "driver-too-old", says(INDEX + "cu126")),
    sick("variable set to nothing", box(CUDA_VISIBLE_DEVICES=""), "cuda-visible-devices", says("unset CUDA_VISIBLE_DEVICES")),
    sick("variable names a card that does not exist", box(CUDA_VISIBLE_DEVICES="2"), "cuda-visible-devices"),
    sick("variable says minus one", box(RTX_3060, RTX_3060, CUDA_VISIBLE_DEVICES="-1,0"), "cuda-visible-devices"),
    sick("cpu build", box(build="cpu"), "cpu-only-torch", ENDS),
    sick("cpu build on an old driver", old_driver(build="cpu"), "cpu-only-torch", says("--force-reinstall", INDEX + "cu126")),
    sick("card too new", box(RTX_5060, build="cu126", archs=CU126, torch_version="2.7.1"), "gpu-too-new-for-wheel", no_kernels),
    sick("card too old", box(GTX_1080), "gpu-too-old-for-wheel", says(INDEX + "cu126")),
    sick("P100 of Kaggle", box(P100, KAGGLE_KERNEL_RUN_TYPE="Interactive"), "gpu-too-old-for-wheel", says(INDEX + "cu126")),
    sick("two cards, both too old", box(GTX_1080, V100), "gpu-too-old-for-wheel"),
    sick("CUDA does not start", box(FAKE_CUDA_INIT="999"), "uvm-missing"),
    sick("fabric manager down", box(FAKE_CUDA_INIT="802"), "fabric-manager-down"),
    sick("stub on the path", box(FAKE_CUDA_INIT="34"), "cuda-stub-on-path"),
    sick("driver updated, not restarted", box(FAKE_NVML_INIT="18", FAKE_CUDA_INIT="803"), "driver-mismatch"),
    sick("module not loaded", module_not_loaded, "driver-module-not-loaded"),
    sick("CUDA's library is missing", half_a_driver, "driver-missing"),
    sick("one of two cards lost", box(RTX_3060, RTX_3060, FAKE_NVML_LOST="1"), "gpu-lost"),
    Patient("container without the card", half_a_container, yellow=("container-without-gpu",), args=CHECKS, needs=("root",)),
    Patient(
        "the same, required",
        half_a_container,
        red=("container-without-gpu",),
        args=(*CHECKS, "--require", "gpu"),
        needs=("root",),
    ),
    Patient(
        "Colab without a card",
        no_driver(COLAB_RELEASE_TAG="release-colab"),
        yellow=("place-without-accelerator",),
        args=CHECKS,
        needs=("root",),
    ),
    Patient(
        "Kaggle, required",
        no_driver(KAGGLE_KERNEL_RUN_TYPE="Batch"),
        red=("place-without-accelerator",),
        args=(*CHECKS, "--require", "gpu"),
        needs=("root",),
    ),
    Patient(
        "an old card beside a new one",
        box(RTX_4090, GTX_1080),
        yellow=("gpu-too-old-for-wheel",),
        args=CHECKS,
        needs=("root", "gcc"),
    ),
    well("all in order", box(), sees),
    well("driver 12.2 runs cu128", old_driver(build="cu128"), sees),
    well("Ada runs code for Ampere", box(RTX_4090), sees),
    well("Blackwell with its build", box(RTX_5060), sees),
    well("two cards", box(RTX_3060, RTX_4090), sees),
    well("one of two cards shown", box(RTX_3060, RTX_3060, CUDA_VISIBLE_DEVICES="1"), sees),
    well("another toolkit beside", another_toolkit, sees),
    well("cpu build on purpose", for_the_cpu),
    well("cpu build by its index", by_the_index_for_the_cpu),
    well("no card at all", no_driver()),
    well("only Intel and AMD", no_driver(("8086", "a780"), ("1002", "744c"))),
    well("a card of 2014", no_driver(("10de", "128b"))),
    well("a Mac's hardware", a_mac),
    well("Slurm gave no card", box(CUDA_VISIBLE_DEVICES="", SLURM_JOB_ID="7")),
    well("cpu build in CI", box(build="cpu", CI="true")),
    well("NVML lacks functions", from_the_last_century, sees),
    well("MIG is switched on and CUDA works", box(FAKE_NVML_MIG="1"), sees),
    well("NVML hangs", box(FAKE_NVML_HANG="1"), honest, slow=True),
    Patient(
        "NVML hangs beyond the deadline",
        box(FAKE_NVML_HANG="1"),
        args=(*CHECKS, "--timeout", "2"),
        needs=("root", "gcc"),
        also=honest,
    ),
]
