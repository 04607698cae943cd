"""Libraries that use the GPU by themselves: plain calls, facts built by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.libraries.installed import stand_in
from mlenv_checks.torch.facts import TorchBuild, TorchFamily
from mlenv_checks.torch.gpu_libraries import (
    bitsandbytes_serves_torch,
    jax_uses_the_gpu,
    onnxruntime_uses_the_gpu,
    tensorflow_uses_the_gpu,
)
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Distribution, Libraries, Place, Project, Python, Wanted, WantedLibrary

CUDA = Missing("cuda", "not-asked", "not checked with --quick")
GPU = Gpu(nvml=0, library="/l", driver="580.65.06", module="580.65.06", cuda="13.0", cards=(Card(0, "RTX", capability="8.6"),))
OLDER = Gpu(nvml=0, library="/l", driver="535.1", module="535.1", cuda="12.2", cards=(Card(0, "RTX", capability="8.6"),))
MUTE = Gpu(nvml=0, library="/l", cards=(Card(0, "RTX", capability="8.6"),))
LINUX = Python(version="3.11.7", machine="x86_64")
WINDOWS = Python(version="3.11.7", machine="AMD64", platform="win32")
MAC = Python(version="3.11.7", machine="arm64", platform="darwin")
FOR_THE_CPU = Project(requirements=(Declared("torch==2.15.0+cpu", "requirements.txt"),))
CU130 = TorchBuild("/t", "2.14.1+cu130", "13.0")
JAX = ("jaxlib", "jax-cuda12-plugin; extra == 'cuda12'", "jax-cuda13-plugin; extra == 'cuda13'")
AND_CUDA = ("nvidia-cudnn-cu12; extra == 'and-cuda'", "numpy", "??? ; extra == 'and-cuda'")


def dist(name: str, version: str | None = "1.0", *requires: str, installer: str = "pip") -> Distribution:
    return Distribution(name, version, "/s", f"/s/{name}.dist-info", installer, requires)


def wanted(*names: str, extras: tuple[str, ...] = (), declared: bool = True) -> Wanted:
    return Wanted(tuple(WantedLibrary(name, extras=extras, source="requirements.txt") for name in names), declared=declared)


def said(finding: Finding) -> tuple[str, str]:
    return finding.status.value, finding.fix.id if finding.fix else ""


def judge(check: Any, *found: Distribution, **more: Any) -> Finding:
    """One check, with what it asks for out of what is usual here."""
    usual = {
        "family": TorchFamily(), "build": CU130, "libraries": Libraries(found), "python": LINUX, "gpu": GPU, "place": Place(),
        "cuda": CUDA, "wanted": wanted("bitsandbytes", "onnxruntime", "jax", "tensorflow"), "project": Project(),
    }  # fmt: skip
    facts = {**usual, **more}
    result: Finding = check(**{name: facts[name] for name in check.needs})
    return result


EVERY = [
    (bitsandbytes_serves_torch, (dist("bitsandbytes"),)),
    (onnxruntime_uses_the_gpu, (dist("onnxruntime-gpu"), dist("onnxruntime"))),
    (jax_uses_the_gpu, (dist("jax"), dist("jaxlib"))),
    (tensorflow_uses_the_gpu, (dist("tensorflow", "2.21", *AND_CUDA),)),
]


@pytest.mark.parametrize(("check", "found"), EVERY, ids=["bitsandbytes", "onnxruntime", "jax", "tensorflow"])
@pytest.mark.parametrize(
    "more", [{"gpu": Gpu()}, {"place": Place(kind="ci")}, {"project": FOR_THE_CPU}], ids=["no card", "ci", "for the cpu"]
)
def test_only_where_a_gpu_works(check: Any, found: tuple[Distribution, ...], more: dict[str, Any]) -> None:
    assert said(judge(check, *found, **more)) == ("skip", "")
    assert said(judge(check)) == ("skip", "")


def bnb(*numbers: str, exact: bool = False, **variables: str) -> TorchFamily:
    return TorchFamily(bitsandbytes=numbers, bitsandbytes_exact=exact, variables=variables)


@pytest.mark.parametrize(
    ("family", "build", "expected"),
    [
        (bnb("126", "130"), CU130, ("pass", "")),
        (bnb("132"), CU130, ("pass", "")),
        (bnb("132", exact=True), CU130, ("fail", "gpu.newer-library")),
        (bnb("130", exact=True), CU130, ("pass", "")),
        (bnb("126"), CU130, ("fail", "gpu.newer-library")),
        (bnb("126", BNB_CUDA_VERSION="117"), CU130, ("fail", "gpu.unset-bnb")),
        (bnb("126", BNB_CUDA_VERSION="126"), CU130, ("pass", "")),
        (bnb("126"), TorchBuild("/t", "2.14.1+cpu"), ("skip", "")),
        (bnb(), CU130, ("skip", "")),
    ],
)
def test_bitsandbytes(family: TorchFamily, build: TorchBuild, expected: tuple[str, str]) -> None:
    assert said(judge(bitsandbytes_serves_torch, dist("bitsandbytes"), family=family, build=build)) == expected


def test_bitsandbytes_that_nobody_asked_for() -> None:
    found = judge(bitsandbytes_serves_torch, dist("bitsandbytes"), family=bnb("126"), wanted=wanted("numpy"))
    assert said(found) == ("warn", "gpu.newer-library")


TWO = (dist("onnxruntime", "1.30"), dist("onnxruntime-gpu", "1.31"))


@pytest.mark.parametrize(
    ("found", "family", "asked", "expected"),
    [
        (TWO, TorchFamily(onnxruntime="onnxruntime"), wanted("onnxruntime"), ("fail", "gpu.one-onnxruntime")),
        (TWO, TorchFamily(onnxruntime="onnxruntime"), wanted("numpy"), ("warn", "gpu.one-onnxruntime")),
        (TWO, TorchFamily(onnxruntime="onnxruntime-gpu"), wanted("onnxruntime"), ("warn", "gpu.one-onnxruntime")),
        (TWO[1:], TorchFamily(), wanted("onnxruntime"), ("pass", "")),
        (TWO[:1], TorchFamily(), wanted("onnxruntime"), ("skip", "")),
        (TWO[1:], TorchFamily(wanting=("libcudnn.so.9",), outside=("libcudnn.so.9",)), wanted(), ("pass", "")),
        (TWO[1:], TorchFamily(wanting=("libcudnn.so.9",), inside=("libcudnn.so.9",)), wanted(), ("pass", "")),
        (TWO[1:], TorchFamily(wanting=("libcudnn.so.9",)), wanted(), ("warn", "gpu.with-cuda")),
        ((dist("onnxruntime-rocm"),), TorchFamily(wanting=("libcudnn.so.9",)), wanted(), ("pass", "")),
    ],
)
def test_onnxruntime(found: tuple[Distribution, ...], family: TorchFamily, asked: Wanted, expected: tuple[str, str]) -> None:
    assert said(judge(onnxruntime_uses_the_gpu, *found, family=family, wanted=asked)) == expected


@pytest.mark.parametrize(
    ("found", "package"),
    [
        (dist("onnxruntime-gpu", "1.31", "x; extra == 'cuda'", 'y; extra == "cudnn"'), "onnxruntime-gpu[cuda,cudnn]==1.31"),
        (dist("onnxruntime-gpu", None), "onnxruntime-gpu"),
    ],
)
def test_onnxruntime_with_cuda(found: Distribution, package: str) -> None:
    finding = judge(onnxruntime_uses_the_gpu, found, family=TorchFamily(wanting=("libcudnn.so.9",)))
    assert finding.fix and finding.fix.values["packages"] == (package,)


def test_the_onnxruntime_for_the_gpu_is_one() -> None:
    assert stand_in("onnxruntime", Libraries(TWO[1:])) == TWO[1]
    assert stand_in("onnxruntime", Libraries()) is None
    finding = judge(onnxruntime_uses_the_gpu, TWO[0], dist("onnxruntime-gpu", None))
    assert finding.fix and finding.fix.values["keep"] == ("onnxruntime-gpu",)


LIB = dist("jaxlib", "0.12")


@pytest.mark.parametrize(
    ("found", "more", "expected", "words"),
    [
        ((dist("jax", "0.12", *JAX), LIB), {}, ("warn", "gpu.with-cuda"), "no plugin for CUDA"),
        ((dist("jax", "0.12", *JAX), LIB, dist("jax-cuda12-plugin", "0.11")), {}, ("warn", "gpu.with-cuda"), "plugin is 0.11"),
        ((dist("jax", "0.12", *JAX), LIB, dist("jax-cuda12-plugin", "0.12")), {}, ("pass", ""), "jax-cuda12-plugin"),
        ((dist("jax", "0.4"), dist("jaxlib", "0.4+cuda12.cudnn89")), {}, ("pass", ""), "built for CUDA"),
        ((dist("jax"), LIB), {"python": WINDOWS}, ("skip", ""), "no CUDA builds"),
        ((dist("jax"), LIB), {"wanted": wanted("jax", extras=("cpu",))}, ("skip", ""), "requirements.txt requires jax[cpu]"),
        ((dist("jax"), LIB), {"wanted": wanted("numpy")}, ("skip", ""), "does not use JAX"),
        ((dist("jax"), LIB), {"wanted": wanted("numpy", declared=False)}, ("warn", "gpu.with-cuda"), "uses only the CPU"),
        ((dist("jax"), LIB), {"family": bnb(JAX_PLATFORMS="cpu,cuda")}, ("skip", ""), "JAX_PLATFORMS says cpu"),
        ((dist("jax"),), {}, ("skip", ""), "not installed"),
    ],
)
def test_jax(found: tuple[Distribution, ...], more: dict[str, Any], expected: tuple[str, str], words: str) -> None:
    finding = judge(jax_uses_the_gpu, *found, **more)
    assert said(finding) == expected and words in finding.message


@pytest.mark.parametrize(
    ("version", "requires", "gpu", "package"),
    [
        ("0.12", JAX, GPU, "jax[cuda13]==0.12"),
        ("0.12", JAX, OLDER, "jax[cuda12]==0.12"),
        ("0.12", JAX, MUTE, "jax[cuda13]==0.12"),
        (None, (), GPU, "jax[cuda12]"),
    ],
)
def test_which_jax(version: str | None, requires: tuple[str, ...], gpu: Gpu, package: str) -> None:
    finding = judge(jax_uses_the_gpu, dist("jax", version, *requires), LIB, gpu=gpu)
    assert finding.fix and finding.fix.values["packages"] == (package,)


TF = dist("tensorflow", "2.21", *AND_CUDA)


@pytest.mark.parametrize(
    ("found", "more", "expected", "words"),
    [
        ((TF,), {}, ("warn", "gpu.with-cuda"), "nvidia-cudnn-cu12 is missing"),
        ((TF, dist("nvidia-cudnn-cu12")), {}, ("pass", ""), "finds the CUDA libraries"),
        ((TF,), {"family": TorchFamily(outside=("libcudart.so.12", "libcudnn.so.9"))}, ("pass", ""), "finds the CUDA libraries"),
        ((TF,), {"wanted": wanted("numpy")}, ("skip", ""), "does not use"),
        ((TF,), {"python": WINDOWS}, ("warn", "gpu.tensorflow-windows"), "TensorFlow 2.11"),
        ((dist("tensorflow", "2.10.1"),), {"python": WINDOWS}, ("pass", ""), "can use the GPU on Windows"),
        ((TF,), {"python": MAC}, ("skip", ""), "not the official"),
        ((dist("tensorflow", "2.21", installer="conda"),), {}, ("skip", ""), "not the official"),
        ((dist("tensorflow", "2.12"),), {}, ("unknown", ""), "does not list"),
        ((dist("tensorflow-cpu"),), {}, ("skip", ""), "is for the CPU"),
        ((dist("tensorflow", None, *AND_CUDA),), {}, ("warn", "gpu.with-cuda"), "uses only the CPU"),
    ],
)
def test_tensorflow(found: tuple[Distribution, ...], more: dict[str, Any], expected: tuple[str, str], words: str) -> None:
    finding = judge(tensorflow_uses_the_gpu, *found, **more)
    assert said(finding) == expected and words in finding.message
