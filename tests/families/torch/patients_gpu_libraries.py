"""Libraries that use the GPU by themselves, and the toolkit that compiles for it: what is wrong with them, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable

from families.imports.patients_torch_extensions import (
    CUDA,
    GPU,
    Make,
    asks,
    extension,
    mild,
    nvidia,
    plain,
    remarks,
    sick,
    together,
    torch,
)
from lab.gpu_box import box, old_driver
from lab.patient import Patient
from lab.ward import Ward

AND_CUDA = ["nvidia-cudnn-cu12<10,>=9.3; extra == 'and-cuda'", "nvidia-nccl-cu12; extra == 'and-cuda'"]
JAX = ["jaxlib==0.12.0", "jax-cuda12-plugin==0.12.0; extra == 'cuda12'", "jax-cuda13-plugin==0.12.0; extra == 'cuda13'"]


def library(name: str, version: str, requires: list[str] | None = None) -> Make:
    return lambda ward: ward.library(name, version, "", requires or [])


def bitsandbytes(*numbers: str, exact: bool = False) -> Make:
    """With code for these versions of CUDA."""

    def make(ward: Ward) -> None:
        package = ward.library("bitsandbytes", "0.50.2", "", ["torch>=2.4"])
        chooses = "" if exact else "def _find_cuda_libs(): pass\n"
        (package / "cextension.py").write_text("def get_cuda_bnb_library_path(): pass\n" + chooses)
        for number in numbers:
            (package / f"libbitsandbytes_cuda{number}.so").write_bytes(b"\x7fELF")
        asks("bitsandbytes")(ward)

    return make


def onnxruntime(*distributions: str, provider: str = "libcublasLt.so.12\0libcudnn.so.9") -> Make:
    """Installed in this order: the files of the last one lie there."""

    def make(ward: Ward) -> None:
        capi = ward.site / "onnxruntime/capi"
        capi.mkdir(parents=True)
        (capi.parent / "__init__.py").write_text("")
        for name in distributions:
            ward.library(name, "1.31.1", "", ["numpy"])
            (capi / "build_and_package_info.py").write_text(f"package_name = '{name}'\n__version__ = '1.31.1'\n")
            if name == "onnxruntime-gpu":
                (capi / "libonnxruntime_providers_cuda.so").write_bytes(b"\x7fELF\0" + provider.encode() + b"\0")
        asks(distributions[0])(ward)

    return make


CUDA12 = together(
    nvidia("nvidia-cublas-cu12", "12.8.4.1", "cublas/lib/libcublasLt.so.12"),
    nvidia("nvidia-cudnn-cu12", "9.10", "cudnn/lib/libcudnn.so.9"),
)


def toolkit(version: str, variable: str = "CUDA_HOME", folder: str = "") -> Make:
    """A toolkit in a folder, named by a variable, or by PATH."""

    def make(ward: Ward) -> None:
        place = ward.root / (folder or f"cuda-{version}")
        ward.script(place / "bin/nvcc", "#!/bin/sh\nexit 1\n")
        (place / "version.json").write_text(f'{{"cuda" : {{"name" : "CUDA SDK", "version" : "{version}.1"}}}}')
        if variable == "PATH":
            ward.environ["PATH"] += f":{place}/bin"
        else:
            ward.environ[variable] = str(place)

    return make


def beside(version: str) -> Make:
    """Another toolkit in the usual place; those of the real machine are gone."""
    return lambda ward: ward.mounts.extend(
        [
            "mount -t tmpfs none /usr/local",
            f"mkdir -p /usr/local/cuda-{version}/bin",
            f"cp '{ward.bin}/sh' /usr/local/cuda-{version}/bin/nvcc",
            f"echo 'CUDA Version {version}.0' > /usr/local/cuda-{version}/version.txt",
        ]
    )


def with_(**env: str) -> Make:
    return lambda ward: ward.environ.update(env)


def no_toolkit_of_this_machine(ward: Ward) -> None:
    ward.mounts.append("mount -t tmpfs none /usr/local")


TO_BUILD = asks("flash-attn")
MISSING = ("not-installed", "nvcc-mismatch")


def box_sick(id: str, make: Make, red: str, words: str, *commands: str, **more: object) -> Patient:
    return sick(id, make, red, words, *commands, args=CUDA, needs=GPU, **more)


def box_mild(id: str, make: Make, yellow: str, words: str, *commands: str) -> Patient:
    return mild(id, make, yellow, words, *commands, args=CUDA, needs=GPU)


def box_well(id: str, make: Make, also: Callable[..., None] | None = None) -> Patient:
    return Patient(id, make, args=CUDA, needs=GPU, also=also)


def to_build(id: str, make: Make, words: str, command: str) -> Patient:
    def look(visit: object) -> None:
        found = [f for f in visit.findings("fail") if f["cause"] == "nvcc-mismatch"]  # type: ignore[attr-defined]
        assert words in found[0]["message"], found
        fix = found[0]["fix"]
        assert command in " ".join([*(c["text"] for c in fix["commands"]), *fix["notes"]]), fix

    return Patient(id, make, red=MISSING, needs=("root",), also=look)


PATIENTS = [
    box_sick(
        "bitsandbytes without code for CUDA 13", together(box(), bitsandbytes("118", "126", "128")),
        "bitsandbytes-cuda", "supports CUDA 11.8, 12.6, 12.8; torch 2.14.1+cu130", "install --upgrade torch==2.14.1 bitsandbytes",
    ),
    box_sick(
        "bitsandbytes that takes the very version only", together(old_driver(build="cu129"), bitsandbytes("128", exact=True)),
        "bitsandbytes-cuda", "supports CUDA 12.8",
    ),
    box_sick(
        "a variable that names what bitsandbytes does not bring",
        together(box(), bitsandbytes("130"), with_(BNB_CUDA_VERSION="117")),
        "bitsandbytes-cuda", "BNB_CUDA_VERSION=117", "unset BNB_CUDA_VERSION", cure="bitsandbytes-cuda",
    ),
    box_sick(
        "two onnxruntimes, that for the CPU last", together(box(), CUDA12, onnxruntime("onnxruntime-gpu", "onnxruntime")),
        "onnxruntime-duplicates", "the CPU files are in place",
        "uninstall --yes onnxruntime onnxruntime-gpu && ", "install --no-deps onnxruntime-gpu==1.31.1",
    ),
    box_mild(
        "two onnxruntimes, that for the GPU last", together(box(), CUDA12, onnxruntime("onnxruntime", "onnxruntime-gpu")),
        "onnxruntime-duplicates", "in place now, by chance",
    ),
    box_mild(
        "onnxruntime-gpu without CUDA",
        together(box(), onnxruntime("onnxruntime-gpu", provider="libcublasLt.so.99\0libcudnn.so.99")),
        "cuda-library-missing", "needs libcublasLt.so.99",
    ),
    box_mild(
        "jax without its plugin", together(box(), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), asks("jax")),
        "jax-cpu-only", "and no plugin for CUDA", "install 'jax[cuda13]==0.12.0'",
    ),
    box_mild(
        "jax without its plugin on an older driver",
        together(old_driver(build="cu126"), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), asks("jax")),
        "jax-cpu-only", "and no plugin for CUDA", "install 'jax[cuda12]==0.12.0'",
    ),
    box_mild(
        "jax with the plugin of another version",
        together(
            box(), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), library("jax-cuda13-plugin", "0.11.0"), asks("jax")
        ),
        "jax-cpu-only", "jax-cuda13-plugin is 0.11.0",
    ),
    box_mild(
        "tensorflow without CUDA", together(box(), library("tensorflow", "2.21.0", AND_CUDA), asks("tensorflow")),
        "tensorflow-cpu-only", "nvidia-cudnn-cu12 is missing", "install 'tensorflow[and-cuda]==2.21.0'",
    ),
    to_build(
        "flash-attn to be compiled by CUDA 12",
        together(torch(), toolkit("12.4"), TO_BUILD, no_toolkit_of_this_machine),
        "flash-attn must be compiled for torch's CUDA 13.0, but CUDA_HOME points to CUDA 12.4", "CUDA 13.0 is at https://developer",
    ),
    to_build(
        "flash-attn to be compiled, the right toolkit beside",
        together(torch(), toolkit("12.4", "PATH"), beside("13.0"), TO_BUILD),
        "PATH points to CUDA 12.4", "export CUDA_HOME=/usr/local/cuda-13.0",
    ),
    to_build(
        "mamba-ssm to be compiled by CUDA 13",
        together(torch("2.10.0", "cu128"), toolkit("13.0"), asks("mamba-ssm"), no_toolkit_of_this_machine),
        "mamba-ssm must be compiled for torch's CUDA 12.8", "CUDA 12.8 is at",
    ),
    Patient("a toolkit that nothing needs", together(torch(), toolkit("11.8")), also=remarks("is not torch's CUDA 13.0")),
    Patient("flash-attn is there, the toolkit another", together(torch(), toolkit("11.8"), extension("flash-attn", "2.8.3", "", ["torch"]))),
    Patient("a toolkit beside torch for the CPU", together(plain, toolkit("11.8"))),
    box_well("bitsandbytes of the same major version", together(old_driver(build="cu129"), bitsandbytes("118", "128"))),
    Patient("bitsandbytes without a card", together(plain, bitsandbytes("118"))),
    box_well("onnxruntime-gpu alone", together(box(), CUDA12, onnxruntime("onnxruntime-gpu"))),
    box_well("onnxruntime-gpu in place of onnxruntime", together(
        box(), CUDA12, onnxruntime("onnxruntime-gpu"), library("chromadb", "1.5.0", ["onnxruntime>=1.14"]), asks("chromadb"),
    )),
    box_well("onnxruntime for the CPU alone", together(box(), onnxruntime("onnxruntime"))),
    Patient("two onnxruntimes without a card", together(plain, onnxruntime("onnxruntime-gpu", "onnxruntime"))),
    Patient("onnxruntime-gpu without a card", together(plain, onnxruntime("onnxruntime-gpu"))),
    Patient("jax without a card", together(plain, library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), asks("jax"))),
    box_well("jax for the CPU by the project", together(
        box(), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), asks("jax[cpu]")
    )),
    box_well("jax for the CPU by a variable", together(
        box(), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), asks("jax"), with_(JAX_PLATFORMS="cpu")
    )),
    box_well("jax with its plugin", together(
        box(), library("jax", "0.12.0", JAX), library("jaxlib", "0.12.0"), library("jax-cuda13-plugin", "0.12.0"), asks("jax")
    )),
    box_well("tensorflow-cpu", together(box(), library("tensorflow-cpu", "2.21.0"))),
    box_well("tensorflow with CUDA", together(
        box(), library("tensorflow", "2.21.0", AND_CUDA), CUDA12, library("nvidia-nccl-cu12", "2.27.3"), asks("tensorflow")
    )),
    box_well("tensorflow for the CPU on purpose", together(
        box(build="cpu"), library("tensorflow", "2.21.0", AND_CUDA), asks("--index-url https://download.pytorch.org/whl/cpu", "tensorflow")
    )),
    Patient("tensorflow without a card", together(plain, library("tensorflow", "2.21.0", AND_CUDA), asks("tensorflow"))),
]  # fmt: skip
