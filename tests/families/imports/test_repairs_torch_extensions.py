"""Repairs of what was compiled for torch and CUDA: broken, repaired by the printed commands, whole. The wheels are made here."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from families.imports.patients_torch_extensions import NMS, SYMBOL, asks
from families.torch.patients_gpu_libraries import AND_CUDA, JAX, beside, toolkit
from lab.gpu_box import RTX_3060, driver
from lab.patient import require
from lab.real import UV
from lab.repairing import repair
from lab.ward import Ward

CU128 = {"torch/version.py": "__version__ = '2.9.1+cu128'\ncuda = '12.8'\nhip = None\n"}
NCCL = "nvidia/nccl/lib/libnccl.so.2"


def wheel(folder: Path, name: str, version: str, files: Mapping[str, str], requires: tuple[str, ...] = ()) -> Path:
    """A wheel with these files in a folder."""
    stem = f"{name.replace('-', '_')}-{version}"
    extras = {text.rpartition("'")[0].rpartition("'")[2] for text in requires if "extra" in text}
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Provides-Extra: {extra}" for extra in extras)]
    content = {
        **files,
        f"{stem}.dist-info/METADATA": "\n".join([*head, *(f"Requires-Dist: {text}" for text in requires), ""]),
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in content.items()]
    content[f"{stem}.dist-info/RECORD"] = "\n".join([*lines, f"{stem}.dist-info/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return folder / f"{stem}-py3-none-any.whl"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def package(name: str, source: str = "") -> dict[str, str]:
    return {f"{name.replace('-', '_')}/__init__.py": source}


@pytest.fixture(params=["pip", "uv"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Ward:
    """An environment with a real installer, whose only index is the folder `shop` of this ward."""
    ward = Ward(tmp_path)
    with_uv = request.param == "uv"
    command = [UV, "venv", "--quiet", "--python", sys.executable] if with_uv else [sys.executable, "-m", "venv"]
    subprocess.run([*command, ward.project / ".venv"], check=True)
    if with_uv:
        (ward.bin / "uv").symlink_to(shutil.which("uv", path=str(UV.parent)) or UV)
    ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}
    shop = str(tmp_path / "shop")
    Path(shop).mkdir()
    config = tmp_path / "uv.toml"
    config.write_text(f"no-index = true\nfind-links = [{shop!r}]\nlink-mode = 'copy'\ncache-dir = '{tmp_path}/cache'\n")
    ward.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": shop, "PIP_CONFIG_FILE": "/dev/null", "UV_CONFIG_FILE": str(config)}
    return ward


def sell(ward: Ward, name: str, version: str, files: Mapping[str, str], *requires: str) -> None:
    """Put a wheel into the shop."""
    wheel(ward.root / "shop", name, version, files, requires)


def put(ward: Ward, name: str, version: str, files: Mapping[str, str], *requires: str) -> None:
    """Install a wheel from elsewhere, whatever it requires."""
    made = wheel(ward.root / "elsewhere", name, version, files, requires)
    command = [UV, "pip", "install", "--quiet", "--no-deps", "--python", ward.python, made]
    done = subprocess.run(command, env=ward.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def with_torch(ward: Ward, *requires: str) -> None:
    put(ward, "torch", "2.9.1", {**package("torch"), **CU128}, *requires)
    sell(ward, "torch", "2.9.1", {**package("torch", "THE_OTHER = 1"), **CU128}, *requires)
    asks()(ward)


def torch_is_the_same(ward: Ward) -> None:
    assert (ward.site / "torch/__init__.py").read_text() == ""


def vision(source: str, tag: str) -> dict[str, str]:
    return {**package("torchvision", source), "torchvision/version.py": f"__version__ = '0.24.1+{tag}'\n"}


def another_torchvision(ward: Ward) -> None:
    with_torch(ward)
    put(ward, "torchvision", "0.23.0", vision(NMS, "cu128"), "torch==2.8.0")
    sell(ward, "torchvision", "0.24.1", vision("", "cu128"), "torch==2.9.1")
    asks("torchvision")(ward)


def another_build(ward: Ward) -> None:
    with_torch(ward)
    put(ward, "torchvision", "0.24.1", {**vision(NMS, "cu118"), "torchvision/_C.so": "libcudart.so.11.0"}, "torch==2.9.1")
    sell(ward, "torchvision", "0.24.1", vision("", "cu128"), "torch==2.9.1")
    asks("torchvision")(ward)


def flash_of_another(ward: Ward) -> None:
    with_torch(ward)
    put(ward, "flash-attn", "2.8.3", package("flash-attn", SYMBOL), "torch")
    sell(ward, "flash-attn", "2.8.3", package("flash-attn"), "torch")
    asks("flash-attn")(ward)


def xformers_of_another(ward: Ward) -> None:
    with_torch(ward)
    put(ward, "xformers", "0.0.32", package("xformers"), "torch==2.8.0")
    sell(ward, "xformers", "0.0.33", package("xformers"), "torch==2.9.1")
    asks("xformers")(ward)


def mixed(ward: Ward) -> None:
    with_torch(ward, "nvidia-nccl-cu12==2.27.3")
    for name, version in (("nvidia-nccl-cu12", "2.27.3"), ("nvidia-nccl-cu13", "2.28.9")):
        put(ward, name, version, {NCCL: f"the NCCL of {name}" + "!" * (name == "nvidia-nccl-cu13")})
    sell(ward, "nvidia-nccl-cu12", "2.27.3", {NCCL: "the NCCL of nvidia-nccl-cu12"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (another_torchvision, "torchvision-mismatch"),
        (another_build, "torchvision-mismatch"),
        (flash_of_another, "extension-torch-abi"),
        (xformers_of_another, "extension-torch-abi"),
        (mixed, "mixed-cuda-wheels"),
    ],
)
def test_what_was_built_for_another_torch(machine: Ward, make: Callable[[Ward], None], cause: str) -> None:
    make(machine)
    repair(machine, cause)
    torch_is_the_same(machine)


@pytest.mark.slow
def test_the_right_nccl_is_back(machine: Ward) -> None:
    mixed(machine)
    repair(machine, "mixed-cuda-wheels")
    assert (machine.site / NCCL).read_text() == "the NCCL of nvidia-nccl-cu12"


@pytest.mark.slow
def test_triton_follows_torch(machine: Ward) -> None:
    with_torch(machine, "triton==3.5.1")
    put(machine, "triton", "3.4.0", package("triton"))
    sell(machine, "triton", "3.5.1", package("triton"))
    repair(machine, "triton-mismatch")
    torch_is_the_same(machine)


def onnxruntimes(ward: Ward) -> None:
    asks()(ward)
    for name in ("onnxruntime-gpu", "onnxruntime"):
        files = {"onnxruntime/__init__.py": "", "onnxruntime/capi/build_and_package_info.py": f"package_name = '{name}'\n"}
        put(ward, name, "1.31.1", files)
        sell(ward, name, "1.31.1", files)
    ward.write("requirements.txt", "onnxruntime-gpu\n")


def bitsandbytes(ward: Ward) -> None:
    with_torch(ward)
    put(ward, "bitsandbytes", "0.43", {**package("bitsandbytes"), "bitsandbytes/libbitsandbytes_cuda118.so": ""}, "torch")
    sell(
        ward, "bitsandbytes", "0.50", {**package("bitsandbytes"), "bitsandbytes/libbitsandbytes_cuda128.so": ""}, "torch>=2.4,<3"
    )
    asks("bitsandbytes")(ward)


def jax(ward: Ward) -> None:
    for name, requires in (("jax", JAX), ("jaxlib", [])):
        put(ward, name, "0.12.0", package(name), *requires)
        sell(ward, name, "0.12.0", package(name), *requires)
    sell(ward, "jax-cuda13-plugin", "0.12.0", package("jax_cuda13_plugin"))
    ward.write("requirements.txt", "jax\n")


def tensorflow(ward: Ward) -> None:
    put(ward, "tensorflow", "2.21.0", package("tensorflow"), *AND_CUDA)
    sell(ward, "tensorflow", "2.21.0", package("tensorflow"), *AND_CUDA)
    for name, version in (("nvidia-cudnn-cu12", "9.10"), ("nvidia-nccl-cu12", "2.27.3")):
        sell(ward, name, version, {f"nvidia/{name}/lib/x.so": ""})
    ward.write("requirements.txt", "tensorflow\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (onnxruntimes, "onnxruntime-duplicates"),
        (bitsandbytes, "bitsandbytes-cuda"),
        (jax, "jax-cpu-only"),
        (tensorflow, "tensorflow-cpu-only"),
    ],
)
def test_what_uses_the_gpu_by_itself(machine: Ward, make: Callable[[Ward], None], cause: str) -> None:
    require("root")
    driver(machine, RTX_3060)
    make(machine)
    repair(machine, cause, "gpu", "libraries")


@pytest.mark.slow
def test_the_right_toolkit_is_named(machine: Ward) -> None:
    require("root")
    with_torch(machine)
    toolkit("11.8")(machine)
    beside("12.8")(machine)
    asks("flash-attn")(machine)
    repair(machine, "nvcc-mismatch", "gpu.toolkit")
    assert machine.environ["CUDA_HOME"] == "/usr/local/cuda-12.8"
