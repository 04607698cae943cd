"""What was compiled for torch and for CUDA: for another torch, over each other, before each other; and the healthy look-alikes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable

from families.imports.patients_native import compiled
from lab.gpu_box import box
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

Make = Callable[[Ward], object]
NMS = "raise RuntimeError('operator torchvision::nms does not exist')"
REFUSES = "raise RuntimeError('Detected that PyTorch and {} were compiled with different CUDA major versions. PyTorch has CUDA Version=13.0')"
NO_LIBRARY = """
try:
    raise OSError('libc10_cuda.so: cannot open shared object file: No such file or directory')
except OSError as why:
    raise OSError('Could not load this library: ' + __file__) from why
"""
SYMBOL = "raise ImportError(__file__ + '.so: undefined symbol: _ZN3c104cuda9SetDeviceEi')"
GPU = ("root", "gcc")
CUDA = ("gpu", "torch", "libraries")


def together(*makers: Make) -> Make:
    def make(ward: Ward) -> None:
        for one in makers:
            one(ward)

    return make


def plain(ward: Ward) -> None:
    """A venv with torch 2.13.0+cpu."""
    ward.venv()


def torch(version: str = "2.14.1", tag: str = "cu130", requires: Iterable[str] = ()) -> Make:
    """A venv whose torch is of this build; there is no card."""

    def make(ward: Ward) -> None:
        ward.venv()
        folder = ward.library("torch", version, requires=requires)
        number = f"'{tag[2:-1]}.{tag[-1]}'" if tag.startswith("cu") else "None"
        (folder / "version.py").write_text(f"__version__ = '{version}+{tag}'\ncuda = {number}\nhip = None\n")

    return make


def extension(
    name: str, version: str, source: str = "", requires: Iterable[str] = (), tag: str = "", loads: str = "", file: str = "_C.so"
) -> Make:
    """A library that was compiled for CUDA, and is asked for."""

    def make(ward: Ward) -> None:
        package = ward.library(name, version, source, requires)
        if tag:
            (package / "version.py").write_text(f"__version__ = '{version.partition('+')[0]}+{tag}'\n")
        if loads:
            path = package / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"\x7fELF\0libc10.so\0" + loads.encode() + b"\0")
        asks(name)(ward)

    return make


def asks(*names: str) -> Make:
    """The project asks for these besides torch."""

    def make(ward: Ward) -> None:
        file = ward.project / "requirements.txt"
        before = file.read_text() if file.exists() else "torch\n"
        file.write_text(before + "".join(f"{name}\n" for name in names))

    return make


def from_wheel(name: str, version: str, wheel: str) -> Make:
    """It was installed from the address of a wheel."""

    def make(ward: Ward) -> None:
        info = ward.site / f"{name.replace('-', '_')}-{version}.dist-info"
        (info / "direct_url.json").write_text(json.dumps({"url": f"https://github.com/x/releases/{wheel}", "archive_info": {}}))

    return make


def nvidia(name: str, version: str, *files: str, text: str = "") -> Make:
    """One of NVIDIA's wheels, with its list of files; those of one that was there before are replaced."""

    def make(ward: Ward) -> None:
        ward.library(name, version)
        lines = []
        for file in files:
            path = ward.site / "nvidia" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            data = (text or f"{name} {version}").encode()
            path.write_bytes(data)
            lines.append(f"nvidia/{file},sha256={hashlib.sha256(data).hexdigest()},{len(data)}\n")
        (ward.site / f"{name.replace('-', '_')}-{version}.dist-info/RECORD").write_text("".join(lines))

    return make


def lost(file: str) -> Make:
    return lambda ward: (ward.site / "nvidia" / file).unlink()


def failing_torch(words: str) -> Make:
    """torch does not load, in these words."""

    def make(ward: Ward) -> None:
        file = ward.site / "torch/__init__.py"
        file.write_text(f"raise ImportError({words!r})\n" + file.read_text())

    return make


def other_cudart(ward: Ward, folder: str, source: str) -> str:
    """A libcudart.so.12 in a folder, which is named in LD_LIBRARY_PATH."""
    place = ward.root / folder
    place.mkdir(parents=True)
    compiled(ward, place / "libcudart.so.12", source, "-Wl,-soname,libcudart.so.12")
    return str(place)


def loads_by_name(ward: Ward) -> None:
    """A torch that loads libcudart.so.12 by its name first, as long as it is not there beside its own, and needs it to be its own."""
    own = other_cudart(ward, "own", "int the_right_one(void){return 1;}")
    torch("2.9.1", "cu126")(ward)
    source = f"import ctypes\ntry: _c = ctypes.CDLL('libcudart.so.12')\nexcept OSError: _c = ctypes.CDLL({own + '/libcudart.so.12'!r})\n"
    file = ward.site / "torch/__init__.py"
    file.write_text(source + "_c.the_right_one\n" + file.read_text())


def shadowed(rest: bool = False) -> Make:
    def make(ward: Ward) -> None:
        loads_by_name(ward)
        (ward.root / "other").mkdir()
        folder = other_cudart(ward, "cuda-11/lib64", "int the_wrong_one(void){return 1;}")
        ward.environ["LD_LIBRARY_PATH"] = f"{ward.root}/other:{folder}" if rest else folder

    return make


def harmless(ward: Ward) -> None:
    """The variable brings a library of CUDA that suits torch."""
    loads_by_name(ward)
    ward.environ["LD_LIBRARY_PATH"] = other_cudart(ward, "cuda-12/lib64", "int the_right_one(void){return 1;}")


def remarks(words: str) -> Callable[[Visit], None]:
    def look(visit: Visit) -> None:
        assert any(words in found["message"] for found in visit.findings("pass", "skip")), f"\n{visit}"

    return look


def says(words: str, *commands: str) -> Callable[[Visit], None]:
    """The only thing said is this, and its commands hold these words."""

    def look(visit: Visit) -> None:
        found = [f for f in visit.findings("fail", "warn") if words in f["message"]]
        assert len(found) == 1, f"\n{visit}"
        text = " && ".join(command["text"] for command in found[0]["fix"]["commands"])
        assert all(command in text for command in commands), text
        assert len(visit.findings("fail")) <= 1, f"\n{visit}"

    return look


def sick(id: str, make: Make, red: str, words: str, *commands: str, **more: object) -> Patient:
    return Patient(id, make, red=(red,), also=says(words, *commands), **more)  # type: ignore[arg-type]


def mild(id: str, make: Make, yellow: str, words: str, *commands: str, **more: object) -> Patient:
    return Patient(id, make, yellow=(yellow,), also=says(words, *commands), **more)  # type: ignore[arg-type]


NCCL12 = nvidia("nvidia-nccl-cu12", "2.27.3", "nccl/lib/libnccl.so.2")
NCCL13 = nvidia("nvidia-nccl-cu13", "2.28.9", "nccl/lib/libnccl.so.2", text="the nccl of CUDA 13 is larger")
ON_NCCL12 = torch("2.9.1", "cu126", requires=["nvidia-nccl-cu12==2.27.3"])
FLASH = "flash_attn-2.8.3+cu12torch2.8cxx11abiTRUE-cp311-cp311-linux_x86_64.whl"

PATIENTS = [
    sick(
        "torchvision of another torch",
        together(plain, extension("torchvision", "0.27.0", NMS, ["torch==2.12.0"], "cpu")),
        "torchvision-mismatch", "torchvision 0.27.0 requires torch==2.12.0",
        "uninstall --yes torchvision && ", "install torch==2.13.0 torchvision==0.28.0", "whl/cpu",
    ),
    sick(
        "torchaudio of another torch",
        together(torch("2.10.0", "cu128"), extension("torchaudio", "2.9.1", "", ["torch==2.9.1"], "cu128")),
        "torchvision-mismatch", "torchaudio 2.9.1 requires torch==2.9.1", "torch==2.10.0 torchaudio==2.10.0",
    ),
    sick(
        "torchvision for a torch that the project keeps from",
        together(plain, extension("torchvision", "0.27.0", NMS, ["torch==2.12.0"], "cpu"), asks("torchvision==0.27.0")),
        "torchvision-mismatch", "requires torch==2.12.0", "install torch==2.12.0 torchvision==",
    ),
    sick(
        "torchvision for CUDA beside torch for the CPU",
        together(plain, extension("torchvision", "0.28.0", NMS, ["torch==2.13.0"], "cu130", "libcudart.faf08d9a.so.13")),
        "torchvision-mismatch", "torchvision 0.28.0 was built for CUDA 13, but torch 2.13.0+cpu is a CPU-only build",
        "uninstall --yes torchvision && ", "torch==2.13.0 torchvision==0.28.0 --index-url https://download.pytorch.org/whl/cpu",
    ),
    sick(
        "torchaudio for CUDA beside torch for the CPU",
        together(plain, extension("torchaudio", "2.11.0", NO_LIBRARY, (), "cu130", "libcudart.so.13", "lib/libtorchaudio.abi3.so")),
        "torchvision-mismatch", "torchaudio 2.11.0 was built for CUDA 13, but torch 2.13.0+cpu",
    ),
    sick(
        "torchvision for CUDA 12 beside torch for CUDA 13",
        together(torch(), extension("torchvision", "0.29.0", REFUSES.format("torchvision"), ["torch==2.14.0"], "cu128"), torch("2.14.0")),
        "torchvision-mismatch", "torchvision 0.29.0 was built for CUDA 12.8, but torch 2.14.0+cu130 is built for CUDA 13.0",
    ),
    sick(
        "torchaudio for another minor version of CUDA",
        together(torch("2.10.0", "cu128"), extension("torchaudio", "2.10.0", REFUSES.format("TorchAudio"), ["torch==2.10.0"], "cu126")),
        "torchvision-mismatch", "torchaudio 2.10.0 was built for CUDA 12.6, but torch 2.10.0+cu128",
    ),
    sick(
        "flash-attn of another torch, by its wheel",
        together(torch(), extension("flash-attn", "2.8.3", SYMBOL, ["torch"]), from_wheel("flash-attn", "2.8.3", FLASH)),
        "extension-torch-abi", "flash-attn 2.8.3 was built for torch 2.8, but torch 2.14.1+cu130 is installed",
        "--force-reinstall --no-deps --no-build-isolation --no-cache-dir flash-attn==2.8.3",
    ),
    sick(
        "flash-attn of another torch, by its import",
        together(torch(), extension("flash-attn", "2.8.3", SYMBOL, ["torch"])),
        "extension-torch-abi", "flash-attn 2.8.3 was compiled for another version of torch than the installed torch 2.14.1", "--no-build-isolation",
    ),
    sick(
        "xformers that names its torch",
        together(torch("2.9.1", "cu128"), extension("xformers", "0.0.32", "", ["torch==2.8.0"])),
        "extension-torch-abi", "xformers 0.0.32 requires torch==2.8.0, but torch 2.9.1 is installed", "install torch==2.9.1 xformers",
    ),
    sick(
        "vllm that names its torch",
        together(torch("2.10.0", "cu128"), extension("vllm", "0.13.0", "", ["torch==2.9.0"])),
        "extension-torch-abi", "vllm 0.13.0 requires torch==2.9.0",
    ),
    sick(
        "torchcodec for CUDA beside torch for the CPU",
        together(plain, extension("torchcodec", "0.17.0", NO_LIBRARY, (), "", "libcudart.so.13", "libtorchcodec_image.so")),
        "extension-torch-abi", "torchcodec 0.17.0 was built for CUDA 13, but torch 2.13.0+cpu",
    ),
    sick(
        "torch-scatter of another torch",
        together(torch(), extension("torch-scatter", "2.1.2+pt28cu126", SYMBOL)),
        "extension-torch-abi", "torch-scatter 2.1.2+pt28cu126 was built for torch 2.8", "torch-scatter==2.1.2",
    ),
    sick(
        "NCCL replaced by that of CUDA 13",
        together(ON_NCCL12, NCCL12, NCCL13), "mixed-cuda-wheels", "nccl/lib/libnccl.so.2 is the one of nvidia-nccl-cu13",
        "uninstall --yes nvidia-nccl-cu13 && ", "--force-reinstall --no-deps --no-cache-dir nvidia-nccl-cu12==2.27.3",
    ),
    sick(
        "NCCL replaced, and torch does not load",
        together(ON_NCCL12, NCCL12, NCCL13, failing_torch("libtorch_cuda.so: undefined symbol: ncclCommResume")),
        "mixed-cuda-wheels", "is the one of nvidia-nccl-cu13",
    ),
    sick(
        "NCCL lost, and torch does not load",
        together(
            ON_NCCL12, NCCL12, NCCL13, lost("nccl/lib/libnccl.so.2"),
            failing_torch("libnccl.so.2: cannot open shared object file: No such file or directory"),
        ),
        "mixed-cuda-wheels", "nccl/lib/libnccl.so.2 is missing",
    ),
    sick(
        "LD_LIBRARY_PATH with another CUDA", shadowed(), "cuda-library-shadowed", "cuda-11/lib64/libcudart.so.12; torch loads without it",
        "unset LD_LIBRARY_PATH", needs=("gcc",), cure="cuda-library-shadowed",
    ),
    sick(
        "LD_LIBRARY_PATH with another CUDA and more", shadowed(rest=True), "cuda-library-shadowed", "LD_LIBRARY_PATH overrides torch's own libraries with",
        "export LD_LIBRARY_PATH=", "/other", needs=("gcc",), cure="cuda-library-shadowed",
    ),
    sick(
        "an extension that nobody knows, for a torch with CUDA",
        together(plain, extension("detectron2", "0.6", NO_LIBRARY)),
        "extension-torch-abi", "detectron2 0.6 was built for PyTorch with GPU support, but the installed torch 2.13.0 has none",
    ),
    mild(
        "xformers without its compiled part",
        together(torch(), extension("xformers", "0.0.35", "", ["torch>=2.10"], "", "libcudart.so.12")),
        "extension-torch-abi", "xformers 0.0.35 was built for CUDA 12, but torch 2.14.1+cu130 is built for CUDA 13.0",
    ),
    mild(
        "triton of another torch",
        together(torch(requires=["triton==3.5.1"]), extension("triton", "3.4.0")),
        "triton-mismatch", "torch 2.14.1 requires triton==3.5.1, but triton 3.4.0 is installed", "install triton==3.5.1",
    ),
    mild(
        "torchvision for the CPU beside torch for CUDA, and a card",
        together(box(), extension("torchvision", "0.29.0", "", ["torch>=2.14.0"], "cpu")),
        "torchvision-mismatch", "torchvision is a CPU-only build", args=CUDA, needs=GPU,
    ),
    Patient("torchao for CUDA beside torch for the CPU", together(
        plain, extension("torchao", "0.18.0", "", (), "", "libcudart.so.13", "_C_mxfp8.cpython-310-x86_64-linux-gnu.so"),
    ), also=remarks("it works anyway")),
    Patient("torchvision of another CUDA that loads", together(
        torch("2.15.0", "cu126"), extension("torchvision", "0.29.2", "", ["torch>=2.14.0"], "cu132", "libcudart.so.13"),
    )),
    Patient("cuBLAS for both, side by side", together(
        torch(requires=["nvidia-cublas==13.0.0.19"]), nvidia("nvidia-cublas-cu12", "12.8.4.1", "cublas/lib/libcublas.so.12"),
        nvidia("nvidia-cublas", "13.0.0.19", "cu13/lib/libcublas.so.13"),
    )),
    Patient("NCCL for both, the needed one last", together(ON_NCCL12, NCCL13, NCCL12), also=remarks("the needed ones are in place")),
    Patient("a leftover of CUDA 12 that nothing requires", together(torch(requires=["nvidia-nccl-cu13==2.28.9"]), NCCL12, NCCL13)),
    Patient("torchvision with a range", together(
        torch("2.15.0", "cu132"), extension("torchvision", "0.29.2", "", ["torch>=2.14.0"], "cu132", "libcudart.so.13"),
    )),
    Patient("torchaudio that names no torch", together(torch(), extension("torchaudio", "2.11.0", "", (), "cu130"))),
    Patient("torchvision of another minor version of CUDA", together(
        torch("2.10.0", "cu126"), extension("torchvision", "0.25.0", "", ["torch==2.10.0"], "cu128"),
    )),
    Patient("all for the CPU", together(
        plain, extension("torchvision", "0.28.0", "", ["torch==2.13.0"], "cpu"), extension("torchaudio", "2.11.0", "", (), "cpu"),
    )),
    Patient("torchvision for the CPU, and no card", together(torch(), extension("torchvision", "0.29.0", "", ["torch>=2.14.0"], "cpu"))),
    Patient("flash-attn of this torch", together(
        torch("2.8.0", "cu128"), extension("flash-attn", "2.8.3", "", ["torch"]), from_wheel("flash-attn", "2.8.3", FLASH),
    )),
    Patient("torch-scatter of this torch", together(torch("2.8.0", "cu126"), extension("torch-scatter", "2.1.2+pt28cu126"))),
    Patient("triton of this torch", together(torch(requires=["triton==3.5.1"]), extension("triton", "3.5.1"))),
    Patient("LD_LIBRARY_PATH with a CUDA that works", harmless, needs=("gcc",), also=remarks("instead of its own library")),
]  # fmt: skip
