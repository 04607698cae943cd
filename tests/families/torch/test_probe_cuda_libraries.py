"""What was compiled for torch and CUDA, the toolkit, and a second try without LD_LIBRARY_PATH: read for real."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlenv_checks.imports.facts import Unshadowed
from mlenv_checks.torch.facts import Built, Toolkit, Torch, TorchFamily
from mlenv_doctor.examine.collect import Task
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Imported, Imports
from support.probing import probe


def extension(site: Path, name: str, version: str, tag: str = "", file: str = "_C.so", loads: bytes = b"", url: str = "") -> None:
    """A library with a compiled file, in a folder that is put on PYTHONPATH."""
    package = site / name
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    target = package / file
    target.parent.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("")
    if tag:
        (package / "version.py").write_text(f"__version__ = '{version}+{tag}'\ngit_version = 'a+cpu'\r\n")
    if loads:
        target.write_bytes(b"\x7fELF" + loads + b"\0")
    if url:
        (info / "direct_url.json").write_text(url)


def family(site: Path, **env: str) -> TorchFamily:
    found = probe(TorchFamily, env={"PYTHONPATH": str(site), **env})
    assert isinstance(found, TorchFamily), found
    return found


WHEEL = "flash_attn-2.8.3%2Bcu12torch2.8cxx11abiTRUE-cp311-cp311-linux_x86_64.whl"


@pytest.mark.parametrize(
    ("name", "version", "more", "built"),
    [
        ("torchvision", "0.28.0", {"tag": "cu130", "loads": b"libcudart.faf08d9a.so.13"}, Built("torchvision", "cu130", "13")),
        ("torchvision", "0.28.0", {"tag": "cpu"}, Built("torchvision", "cpu")),
        ("torchvision", "0.28.0", {"tag": "cu126"}, Built("torchvision", "cu126", "12.6")),
        ("torchvision", "0.28.0+cu118", {}, Built("torchvision", "cu118", "11.8")),
        ("torchvision", "0.28.0", {}, None),
        (
            "torchaudio",
            "2.11.0",
            {"file": "lib/libtorchaudio.abi3.so", "loads": b"libcudart.so.13"},
            Built("torchaudio", "", "13"),
        ),
        ("xformers", "0.0.35", {"loads": b"x" * (3 << 20) + b"libcudart-1b67fb1a.so.12"}, Built("xformers", "", "12")),
        ("torch_scatter", "2.1.2+pt28cu126", {}, Built("torch-scatter", "cu126", "12.6", "2.8")),
        ("flash_attn", "2.8.3", {"url": f'{{"url": "https://x/{WHEEL}#sha=1"}}'}, Built("flash-attn", "cu12", "12", "2.8")),
        ("flash_attn", "2.8.3", {"url": '{"url": 3'}, None),
        ("deepspeed", "0.18.0", {}, None),
        ("numpy", "2.0+cu130", {}, None),
    ],
)
def test_for_which_torch(tmp_path: Path, name: str, version: str, more: dict[str, object], built: Built | None) -> None:
    extension(tmp_path, name, version, **more)  # type: ignore[arg-type]
    assert family(tmp_path).find(name.replace("_", "-")) == built


def test_what_others_bring(tmp_path: Path) -> None:
    extension(tmp_path, "bitsandbytes", "0.50", file="libbitsandbytes_cuda130.so", loads=b"1")
    (tmp_path / "bitsandbytes/libbitsandbytes_cpu.so").touch()
    (tmp_path / "bitsandbytes/cextension.py").write_text("def get_cuda_bnb_library_path(): ...\n")
    extension(
        tmp_path, "onnxruntime", "1.31", file="capi/libonnxruntime_providers_cuda.so", loads=b"libcublasLt.so.12\0libcudnn.so.9\0"
    )
    (tmp_path / "onnxruntime/capi/build_and_package_info.py").write_text("package_name = 'onnxruntime-gpu'\n")
    for path in (
        "nvidia/cudnn/lib/libcudnn.so.9",
        "torch/lib/libcudart.so.12",
        "nvidia/cudnn/lib/libother.so.1",
        "far/libnccl.so.2",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    found = family(tmp_path, LD_LIBRARY_PATH=f"{tmp_path}/far:/nowhere", BNB_CUDA_VERSION="130")
    assert (found.bitsandbytes, found.bitsandbytes_exact, found.onnxruntime) == (("130",), True, "onnxruntime-gpu")
    assert found.wanting == ("libcublasLt.so.12", "libcudnn.so.9")
    assert {"libcudnn.so.9", "libcudart.so.12"} <= set(found.inside) and "libnccl.so.2" in found.outside
    assert found.variables == {"BNB_CUDA_VERSION": "130"}
    (tmp_path / "bitsandbytes/cextension.py").write_text("get_cuda_bnb_library_path\ndef _find_cuda_libs(): ...\n")
    assert not family(tmp_path).bitsandbytes_exact


def test_nothing_is_there(tmp_path: Path) -> None:
    found = family(tmp_path)
    assert (found.built, found.bitsandbytes, found.onnxruntime, found.wanting, found.bitsandbytes_exact) == (
        (),
        (),
        "",
        (),
        False,
    )


def toolkit(**env: str) -> Toolkit:
    found = probe(Toolkit, env={"CUDA_HOME": "", "CUDA_PATH": "", **env})
    assert isinstance(found, Toolkit), found
    return found


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        ("version.json", '{\n "cuda" : {\n  "name" : "CUDA SDK",\n  "version" : "12.4.1"\n }}', "12.4"),
        ("version.txt", "CUDA Version 10.2.89", "10.2"),
        ("include/cuda.h", "#define CUDA_VERSION 13000\n", "13.0"),
        ("targets/x86_64-linux/include/cuda.h", "#define CUDA_VERSION 12080", "12.8"),
        ("README", "12.8", ""),
    ],
)
def test_the_version_of_a_toolkit(tmp_path: Path, file: str, text: str, version: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert toolkit(CUDA_PATH=str(tmp_path)).version == version
    found = toolkit(CUDA_HOME=str(tmp_path), CUDA_PATH="/elsewhere")
    assert (found.folder, found.version, found.by) == (str(tmp_path), version, "CUDA_HOME")


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_the_toolkit_of_the_nvcc_on_path(tmp_path: Path) -> None:
    nvcc = tmp_path / "cuda/bin/nvcc"
    nvcc.parent.mkdir(parents=True)
    nvcc.write_text("#!/bin/sh\nexit 1\n")
    nvcc.chmod(0o755)
    (tmp_path / "cuda/version.txt").write_text("CUDA Version 11.8.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/nvcc").symlink_to(nvcc)
    found = toolkit(PATH=f"{tmp_path}/bin")
    assert (found.folder, found.version, found.by) == (str(tmp_path), "11.8", "PATH")


def torch(site: Path, source: str) -> None:
    (site / "torch").mkdir(parents=True)
    (site / "torch/__init__.py").write_text(source)


@pytest.mark.parametrize(
    ("source", "loads"),
    [("import os\nif 'cuda' in os.environ.get('LD_LIBRARY_PATH', ''): raise ImportError", True), ("raise ImportError", False)],
)
def test_torch_without_the_variable(tmp_path: Path, source: str, loads: bool) -> None:
    torch(tmp_path, source)
    (tmp_path / "cuda").mkdir()
    (tmp_path / "cuda/libcudnn_ops.so.9").touch()
    (tmp_path / "cuda/libcudadebugger.so.1").touch()
    paths = f"{tmp_path}/other:{tmp_path}/cuda"
    found = probe(Unshadowed, env={"PYTHONPATH": str(tmp_path), "LD_LIBRARY_PATH": paths})
    assert found == Unshadowed((f"{tmp_path}/cuda/libcudnn_ops.so.9",), f"{tmp_path}/other", loads)


def test_a_variable_without_cuda_needs_no_second_try(tmp_path: Path) -> None:
    assert probe(Unshadowed, env={"LD_LIBRARY_PATH": str(tmp_path)}) == Unshadowed(rest=str(tmp_path))


def test_when_there_is_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(came: str, label: str = "torch") -> list[Task] | None:
        return Unshadowed.tasks({Imports: Imports((Imported(label, came),))})

    monkeypatch.setenv("LD_LIBRARY_PATH", "/cuda")
    assert [task.kinds for task in tried("error") or ()] == [task.kinds for task in tried("crash") or ()] == [(Unshadowed,)]
    assert tried("ok") == tried("error", "numpy") == []
    assert Unshadowed.tasks({Imports: Missing("imports", Why.ERROR, "could not be read")}) is None
    monkeypatch.setenv("LD_LIBRARY_PATH", "")
    assert tried("error") == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_what_is_in_memory_is_read(tmp_path: Path) -> None:
    from families.imports.patients_native import compiled
    from lab.patient import require
    from lab.ward import Ward

    require("gcc")
    compiled(Ward(tmp_path / "ward"), tmp_path / "libcudart.so.12", "int x;")
    torch(tmp_path, f"import ctypes\nctypes.CDLL({str(tmp_path / 'libcudart.so.12')!r})\n")
    found = probe(Torch, env={"PYTHONPATH": str(tmp_path)})
    assert isinstance(found, Torch) and found.mapped == (str(tmp_path / "libcudart.so.12"),)
