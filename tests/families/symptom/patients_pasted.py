"""Patients who are known from what somebody pasted: reports written for these tests, in the layout of each era."""

from __future__ import annotations

from collections.abc import Callable

from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward
from support.pasted import ACCELERATE, MANGLED, OLD, TRANSFORMERS, VLLM_BANNERS, collect_env, cut_off

REPORT = "report.txt"
TOO_OLD = (
    "/env/lib/python3.11/site-packages/torch/cuda/__init__.py:118: UserWarning: CUDA initialization: The NVIDIA driver on your "
    "system is too old (found version 11040). Please update your GPU driver by downloading and installing a new version\n"
    "  return torch._C._cuda_getDeviceCount() > 0\n"
)
MEMORY = (
    "/env/lib/python3.11/site-packages/torch/cuda/__init__.py:118: UserWarning: CUDA initialization: Unexpected error from "
    "cudaGetDeviceCount(). Did you run some cuda functions before? Error 2: out of memory (Triggered internally)\n"
)
SYSTEM_NOT_READY = MEMORY.replace("Error 2: out of memory", "Error 802: system not yet initialized")
WSL = "Linux-5.15.167.4-microsoft-standard-WSL2-x86_64-with-glibc2.35"
ARM = {"os": "Ubuntu 24.04.1 LTS (aarch64)", "platform": "Linux-6.11.0-1016-nvidia-aarch64-with-glibc2.39"}
MAC = {"os": "macOS 14.7.3 (arm64)", "platform": "macOS-14.7.3-arm64-arm-64bit"}
KERNEL = "RuntimeError: CUDA error: no kernel image is available for execution on the device"


def pasted(text: str) -> Callable[[Ward], object]:
    return lambda ward: ward.write(REPORT, text)


def sick(id: str, text: str, *red: str, symptom: str = "", also: Callable[[Visit], object] | None = None) -> Patient:
    words = ("--symptom", symptom) if symptom else ()
    return Patient(id, pasted(text), red=red, args=("--from", REPORT, *words), also=also, yellow=None)


def well(id: str, text: str, symptom: str = "") -> Patient:
    return sick(id, text, symptom=symptom)


def no_cuda(**more: object) -> str:
    """A machine without any NVIDIA card."""
    return collect_env(available="False", gpus=(), driver="No CUDA", toolkit="No CUDA", **more)  # type: ignore[arg-type]


def index(name: str) -> Callable[[Visit], object]:
    """The command takes torch from this index."""

    def look(visit: Visit) -> None:
        texts = [c["text"] for f in visit.findings("fail") if f["fix"] for c in f["fix"]["commands"]]
        assert any(text.endswith(f"/{name}") and "--force-reinstall" in text for text in texts), texts

    return look


OLD_DRIVER = collect_env(available="False", driver="470.182.03", before=TOO_OLD)
PATIENTS = [
    *(
        sick(f"driver too old, {how}", mangle(OLD_DRIVER), "driver-too-old", also=index("cu118"))
        for how, mangle in MANGLED.items()
    ),
    sick("driver too old, without a warning", collect_env(available="False", driver="470.182.03"), "driver-too-old"),
    sick("driver too old, cut off", cut_off(OLD_DRIVER), "driver-too-old"),
    sick("cpu build on Windows", ACCELERATE, "cpu-only-torch"),
    sick("cpu build on ARM", collect_env("2.8.0+cpu", "None", "False", ("NVIDIA GB10",), "580.95.05", **ARM), "cpu-only-torch"),
    sick("cpu build from conda", collect_env("1.8.1", "Could not collect", "False", driver="470.182.03"), "cpu-only-torch"),
    sick("card too new", collect_env(gpus=("NVIDIA GeForce RTX 5090",), driver="570.1"), "gpu-too-new-for-wheel", also=index("cu128")),
    sick("card too old", collect_env("2.14.1+cu130", "13.0", gpus=("Tesla P100-PCIE-16GB",), driver="580.65.06"), "gpu-too-old-for-wheel"),
    sick("card too old for vLLM", VLLM_BANNERS.replace("{card}", "Tesla P100-PCIE-16GB"), "gpu-too-old-for-wheel"),
    sick("card too new, as the error says", TRANSFORMERS.format(torch="2.2.0", available="True"), "gpu-too-new-for-wheel",
         symptom="RTX 5070 with CUDA capability sm_120 is not compatible with the current PyTorch installation."),
    sick("WSL and many cards", collect_env(available="False", gpus=("NVIDIA RTX A6000",) * 6, platform=WSL, before=MEMORY), "wsl-multi-gpu"),
    sick("fabric manager", collect_env(available="False", gpus=("NVIDIA H100 80GB HBM3",) * 8, before=SYSTEM_NOT_READY), "fabric-manager-down"),
    sick("numpy 2", collect_env("2.1.2+cu121", "12.1", libraries=("[pip3] numpy==2.0.1",)), "numpy2-abi"),
    sick("a pair", collect_env(libraries=("[pip3] numpy==1.26", "[pip3] httpx==0.28.1", "[pip3] openai==1.40.0")), "known-bad-pair",
         symptom="TypeError: Client.__init__() got an unexpected keyword argument 'proxies'"),
    sick("Rosetta", collect_env(**(MAC | {"python": "3.11.4 (x86_64, under Rosetta)"}), available="False", gpus=()), "rosetta-x86-python"),
    sick("a container without its card", no_cuda() + "container: docker\n", "container-without-gpu",
         symptom="RuntimeError: Found no NVIDIA driver on your system."),
    sick("an extension for another torch", collect_env(), "extension-torch-abi",
         symptom="/e/site-packages/flash_attn_2_cuda.so: undefined symbol: _ZN3c104cuda9SetDeviceEi"),
    sick("an extension for another CUDA", collect_env("2.9.0+cu130", "13.0", driver="580.65.06"), "extension-torch-abi",
         symptom="ImportError: libcudart.so.12: cannot open shared object file: No such file or directory"),
    sick("glibc", collect_env(), "glibc-too-old",
         symptom="ImportError: /lib/libc.so.6: version `GLIBC_2.38' not found (required by /e/site-packages/vllm/_C.abi3.so)"),
    sick("two faults", OLD_DRIVER, "driver-too-old", "shm-too-small", symptom="DataLoader worker (pid 9) is killed by signal: Bus error."),
    sick("a typing error", collect_env(after="HTTP_PORXY=http://proxy:3128\n"), "key-name-typo"),
    sick("only the words", "OS: Ubuntu 22.04\n", "driver-mismatch", symptom="Failed to initialize NVML: Driver/library version mismatch"),
    well("all in order", collect_env()),
    *(well(f"all in order, {how}", mangle(collect_env())) for how, mangle in MANGLED.items()),
    well("driver 12.2 runs cu124", collect_env(driver="535.129.03")),
    well("a driver below the floor that works", collect_env(gpus=("NVIDIA A100-SXM4-80GB",), driver="470.103.01")),
    well("Ada runs code for Ampere", collect_env(gpus=("NVIDIA GeForce RTX 4090",))),
    well("another toolkit", collect_env(toolkit="11.5.119", cudnn="/usr/lib/x86_64-linux-gnu/libcudnn.so.8.1.0")),
    well("cpu build that was chosen", collect_env("2.6.0+cpu", "None", "False")),
    well("no card", no_cuda(torch="2.6.0+cpu", cuda="None")),
    well("a CUDA build without a card", no_cuda()),
    well("a Mac", collect_env("2.6.0", "None", "False", (), "Could not collect", **MAC)),
    well("ROCm", collect_env("2.4.1+rocm6.1", "N/A", "True", (), "Could not collect", rocm="6.1.40093")),
    well("the container of NVIDIA", collect_env("2.5.0a0+872d972e41.nv24.08", "12.6", gpus=("NVIDIA H100 80GB HBM3",))),
    well("old, and all is well", OLD),
    well("vLLM", VLLM_BANNERS.replace("{card}", "NVIDIA L40S")),
    well("transformers", TRANSFORMERS.format(torch="2.5.1+cu124", available="True")),
    well("slices of a card", collect_env(gpus=("NVIDIA A100-SXM4-80GB\n  MIG 3g.40gb     Device  0:",))),
    well("both lists", collect_env(libraries=("[pip3] numpy==1.26.4", "[conda] numpy 1.26.0 py311_0", "[conda] pytorch 2.5.0 py_0"))),
    well("two CUDAs on disk", collect_env(libraries=("[pip3] nvidia-cublas-cu11==11.1", "[pip3] nvidia-cublas-cu12==12.1", "[pip3] numpy==1"))),
    well("torchvision of another release", collect_env(libraries=("[pip3] torchvision==0.19.0", "[pip3] numpy==1.26.4"))),
    well("cut off", cut_off(collect_env())),
    well("a fault of the program", collect_env(), "RuntimeError: shape '[2, 3]' is invalid for input of size 5"),
    well("memory ran out", collect_env(platform=WSL), "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has"),
    well("nothing but N/A", collect_env("N/A", "N/A", "N/A", (), "N/A", python="3.8.10", toolkit="N/A")),
]  # fmt: skip
