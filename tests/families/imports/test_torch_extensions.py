"""What was compiled for torch: plain calls, facts built by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.imports.checks import libraries_import
from mlenv_checks.imports.dependency_conflicts import libraries_fit_together
from mlenv_checks.imports.facts import Unshadowed
from mlenv_checks.imports.torch_extensions import built_for_this_torch
from mlenv_checks.libraries.facts import Flaw, Integrity, Overlap
from mlenv_checks.libraries.integrity import library_files_are_whole
from mlenv_checks.libraries.nvidia_wheels import nvidia_wheels_are_whole
from mlenv_checks.torch.cuda_toolkit import toolkit_suits_torch
from mlenv_checks.torch.extensions import beside
from mlenv_checks.torch.facts import Built, Toolkit, Torch, TorchBuild, TorchFamily
from mlenv_checks.torch.loaded_libraries import torch_loaded_its_own
from mlenv_doctor import Finding, Fix, Missing
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Place, Python, Wanted, WantedLibrary

SITE = "/v/lib/python3.11/site-packages"
PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr", purelib=SITE)
CPU = TorchBuild(f"{SITE}/torch", "2.13.0+cpu")
CU130 = TorchBuild(f"{SITE}/torch", "2.13.0+cu130", "13.0")
UNTOLD = TorchBuild(f"{SITE}/torch", "2.13.0a0+git1", "13.0")
GPU = Gpu(nvml=0, library="/l", driver="580.65.06", module="580.65.06", cuda="13.0", cards=(Card(0, "RTX", capability="8.6"),))
NOT_RUN = Missing("imports", "not-asked", "not checked with --quick")
SLOW = Missing("x", "timeout", "did not answer within 15 s")
NMS = "RuntimeError: operator torchvision::nms does not exist"


def dist(name: str, version: str | None = "1.0", *requires: str) -> Distribution:
    return Distribution(name, version, SITE, f"{SITE}/{name}-{version}.dist-info", "pip", requires)


def installed(*more: Distribution, torch: str = "2.13.0") -> Libraries:
    return Libraries((dist("torch", torch), *more))


def wanted(*names: str) -> Wanted:
    return Wanted(tuple(WantedLibrary(name, imports=(name,)) for name in names))


def failure(name: str, message: str = NMS, file: str = "") -> Imported:
    return Imported(name, "error", name, reason="RuntimeError", message=message, detail=message, file=file)


def judge(
    *built: Built,
    build: TorchBuild = CPU,
    libraries: Libraries | None = None,
    imports: Imports | Missing = NOT_RUN,
    gpu: Gpu | Missing = SLOW,
) -> list[Finding]:
    libraries = libraries or installed(*(dist(b.name) for b in built))
    return list(built_for_this_torch(TorchFamily(built), build, libraries, imports, wanted(), PYTHON, gpu, Place(), SLOW))


VISION = Built("torchvision", "cu130", "13")
AUDIO = Built("torchaudio", "cu126", "12.6")


@pytest.mark.parametrize(
    ("built", "build", "status", "words"),
    [
        (VISION, CPU, "warn", "torchvision 1.0 was built for CUDA 13, but torch 2.13.0+cpu is a CPU-only build"),
        (VISION, CU130, "pass", "built for torch 2.13.0+cu130: torchvision"),
        (VISION, TorchBuild("/t", "", "13.0"), "pass", "built for torch"),
        (Built("torchvision", "cu128", "12"), CU130, "warn", "torchvision 1.0 was built for CUDA 12"),
        (Built("torchaudio", "cu128", "13"), CU130, "warn", "torchaudio 1.0 was built for CUDA 12.8"),
        (Built("torchaudio", "cpu"), CU130, "pass", "torchaudio"),
        (Built("torchaudio", "", "13"), CU130, "pass", "torchaudio"),
        (AUDIO, TorchBuild("/t", "2.13.0", "12.6"), "pass", "torchaudio"),
        (Built("flash-attn", torch="2.8"), CU130, "warn", "flash-attn 1.0 was built for torch 2.8, but torch 2.13.0+cu130 is installed"),
        (Built("flash-attn", torch="2.13"), CU130, "pass", "flash-attn"),
        (Built("torchao", cuda="13"), CPU, "pass", "torchao 1.0 was built for CUDA 13"),
        (Built("torchao", cuda="13"), TorchBuild("/t", "2.13.0+cu126", "12.6"), "warn", "torchao 1.0 was built for CUDA 13"),
        (Built("torchao", cuda="13"), TorchBuild("/t", "2.13.0+rocm6.4", None, "6.4"), "warn", "is built for AMD GPUs"),
        (Built("torchao", cuda="13"), TorchBuild("/t", "2.13.0+xpu", None, None, "1"), "warn", "is built for Intel GPUs"),
    ],
)  # fmt: skip
def test_for_which_torch(built: Built, build: TorchBuild, status: str, words: str) -> None:
    [finding] = judge(built, build=build)
    assert finding.status.value == status and words in finding.message


def test_nothing_was_compiled_for_torch() -> None:
    [finding] = judge()
    assert finding.status.value == "skip"
    [finding] = built_for_this_torch(SLOW, CPU, installed(), NOT_RUN, wanted(), PYTHON, GPU, Place(), SLOW)
    assert (finding.status.value, finding.message.endswith("within 15 s")) == ("unknown", True)


@pytest.mark.parametrize(
    ("imported", "status", "blocked"),
    [
        (failure("torchvision"), "fail", None),
        (failure("torchvision", "something else"), "fail", None),
        (failure("torchvision", "libGL.so.1: cannot open shared object file"), "skip", "libraries.import:torchvision"),
        (Imported("torchvision", "ok"), "pass", None),
        (Imported("torchvision", "not-run"), "warn", None),
    ],
)
def test_a_failed_import_makes_it_red(imported: Imported, status: str, blocked: str | None) -> None:
    [finding] = judge(VISION, imports=Imports((imported,)))
    assert (finding.status.value, finding.blocked_by) == (status, blocked)


def test_what_the_metadata_says_already_is_not_said_twice() -> None:
    [finding] = judge(VISION, libraries=installed(dist("torchvision", "0.27.0", "torch==2.12.0")))
    assert finding.blocked_by == "libraries.dependencies:torch"


def test_torchvision_for_the_cpu_beside_a_card() -> None:
    vision = Built("torchvision", "cpu")
    assert [f.status.value for f in judge(vision, build=CU130)] == ["pass"]
    assert [f.status.value for f in judge(vision, build=CU130, gpu=Gpu())] == ["pass"]
    assert [f.status.value for f in judge(AUDIO, vision, build=CU130, gpu=GPU)] == ["warn"]
    assert [f.status.value for f in judge(Built("torchcodec", "cpu"), build=CU130, gpu=GPU)] == ["pass"]
    assert [f.status.value for f in judge(vision, gpu=GPU)] == ["pass"]
    [finding] = judge(vision, build=CU130, gpu=GPU)
    assert finding.cause == "torchvision-mismatch" and finding.fix and finding.fix.id == "torch.together"


INDEX = ("--index-url", "https://download.pytorch.org/whl/cpu")


@pytest.mark.parametrize(
    ("name", "torch", "build", "version", "asked", "packages", "options"),
    [
        ("torchvision", "2.13.0+cpu", CPU, "0.27.0", "", ("torch==2.13.0", "torchvision==0.28.0"), INDEX),
        ("torchvision", "2.13.0", CU130, "0.27.0", "", ("torch==2.13.0", "torchvision==0.28.0"), ()),
        ("torchvision", "2.13.0+cpu", SLOW, "0.27.0", "", ("torch==2.13.0", "torchvision==0.28.0"), INDEX),
        ("torchvision", "2.13.0", TorchBuild("/t", "2.13.0"), "0.27.0", "", ("torch==2.13.0", "torchvision==0.28.0"), ()),
        ("torchvision", "2.16.0", TorchBuild("/t", "2.16.0"), "0.27.0", "", ("torch==2.16.0", "torchvision"), ()),
        ("torchvision", "2.13.0+cpu", CPU, "0.27.0", "==0.27.0", ("torch==2.12.0", "torchvision==0.27.0"), INDEX),
        ("torchvision", "2.13.0+cpu", CPU, "0.99", "==0.99", ("torch==2.13.0", "torchvision==0.28.0"), INDEX),
        ("torchaudio", "2.13.0+cpu", CPU, "2.10.0", "", ("torch==2.13.0", "torchaudio"), INDEX),
    ],
)  # fmt: skip
def test_the_pair_from_one_index(
    name: str,
    torch: str,
    build: TorchBuild | Missing,
    version: str,
    asked: str,
    packages: tuple[str, ...],
    options: tuple[str, ...],
) -> None:
    made = beside(name, installed(dist(name, version), torch=torch), build, [WantedLibrary(name, asked)])
    assert made == Fix("torch.together", {"others": (name,), "packages": packages, "options": options})


def test_a_torch_that_nobody_released() -> None:
    made = beside("torchvision", installed(dist("torchvision", "0.20.0")), UNTOLD)
    assert made == Fix("torch.build-beside", {"name": "torchvision", "torch": "2.13.0a0"})
    assert beside("torchvision", Libraries(), SLOW).values["torch"] == "unknown"
    assert beside("torchvision", Libraries(), CU130).values["others"] == ("torchvision",)
    assert beside("torchvision", Libraries(), CPU, [WantedLibrary("torchvision", "==1")]).values["options"] == INDEX


def test_the_same_extension_once_more() -> None:
    assert beside("flash-attn", installed(dist("flash-attn", "2.8.3+cu12")), CU130).values["packages"] == ("flash-attn==2.8.3",)
    assert beside("flash-attn", installed(), CU130).values["packages"] == ("flash-attn",)
    made = beside("xformers", installed(dist("xformers", "0.0.35")), CU130)
    assert (made.id, made.values["packages"]) == ("torch.together", ("torch==2.13.0", "xformers==0.0.35"))
    assert made.values["options"] == ("--index-url", "https://download.pytorch.org/whl/cu130")
    assert beside("xformers", installed(dist("xformers", "0.0.35")), UNTOLD).id == "torch.rebuild"
    assert beside("xformers", installed(torch="2.13.0.dev3+cu130"), SLOW).id == "torch.rebuild"


@pytest.mark.parametrize(
    ("libraries", "asked", "cause", "status", "fix", "packages"),
    [
        (installed(dist("torchvision", "0.27.0", "torch==2.12.0")), wanted("torchvision"), "torchvision-mismatch", "fail",
         "torch.together", ("torch==2.13.0", "torchvision==0.28.0")),
        (installed(dist("vllm", "0.13", "torch==2.9.0")), wanted("vllm"), "extension-torch-abi", "fail",
         "torch.fitting", ("torch==2.13.0", "vllm")),
        (installed(dist("vllm", "0.13", "torch==2.9.0")), Wanted((WantedLibrary("vllm", "==0.13"),)), "extension-torch-abi", "fail",
         "libs.satisfy", ("torch==2.9.0",)),
        (Libraries((dist("torch", "2.13.0", "triton==3.5"), dist("triton", "3.4"))), wanted("torch"), "triton-mismatch", "warn",
         "libs.satisfy", ("triton==3.5",)),
    ],
)  # fmt: skip
def test_contradictions_with_torch(
    libraries: Libraries, asked: Wanted, cause: str, status: str, fix: str, packages: tuple[str, ...]
) -> None:
    finding = next(f for f in libraries_fit_together(asked, libraries, PYTHON, NOT_RUN, CPU) if f.cause)
    assert (finding.cause, finding.status.value) == (cause, status)
    assert finding.fix and (finding.fix.id, finding.fix.values["packages"]) == (fix, packages)


NCCL = "nvidia/nccl/lib/libnccl.so.2"
PAIR = Overlap("nvidia-nccl-cu12", "nvidia-nccl-cu13", 1, (NCCL,))
REPLACED = Flaw("nvidia-nccl-cu12", "2.27.3", files=1, changed=(NCCL,), changed_count=1)
LOST = Flaw("nvidia-nccl-cu12", "2.27.3", files=2, lost=(NCCL,), lost_count=1)
SEVERAL = (dist("nvidia-nccl-cu12", "2.27.3"), dist("nvidia-nccl-cu13", "2.28.9"))
MIXED = Libraries((dist("torch", "2.9.1", "nvidia-nccl-cu12==2.27.3"), *SEVERAL))


@pytest.mark.parametrize(
    ("flaws", "overlaps", "libraries", "asked", "said", "fix"),
    [
        ((REPLACED,), (PAIR,), MIXED, wanted("torch"), ("fail", "is the one of nvidia-nccl-cu13"), "torch.unmix"),
        ((LOST,), (PAIR,), MIXED, wanted("torch"), ("fail", "is missing"), "torch.unmix"),
        ((REPLACED,), (Overlap("nvidia-nccl-cu13", "nvidia-nccl-cu12", 1, (NCCL,)),), MIXED, wanted(), ("warn", "is the one"), "torch.unmix"),
        ((REPLACED,), (PAIR,), Libraries((*MIXED.distributions, dist("vllm", "1", "nvidia-nccl-cu13"))), wanted("torch"),
         ("fail", "is the one"), "libs.reinstall"),
        ((REPLACED,), (PAIR,), Libraries((dist("torch"), *SEVERAL)), wanted("torch"), ("pass", "the needed ones are in place"), ""),
        ((REPLACED,), (), MIXED, wanted("torch"), ("pass", "no NVIDIA packages"), ""),
        ((REPLACED,), (Overlap("numpy", "pandas", 1, (NCCL,)), Overlap("nvidia-a", "pandas", 1, (NCCL,))), MIXED, wanted("torch"),
         ("pass", "no NVIDIA packages"), ""),
        ((REPLACED,), (Overlap("nvidia-a", "nvidia-b", 1, (NCCL,)),), MIXED, wanted("torch"), ("pass", "nvidia-a and nvidia-b"), ""),
        ((REPLACED,), (Overlap(PAIR.first, PAIR.second, 1, ("nvidia/__init__.py",)),), MIXED, wanted("torch"), ("pass", "needed"), ""),
    ],
)  # fmt: skip
def test_mixed_wheels(
    flaws: tuple[Flaw, ...], overlaps: tuple[Overlap, ...], libraries: Libraries, asked: Wanted, said: tuple[str, str], fix: str
) -> None:
    [finding] = nvidia_wheels_are_whole(Integrity(3, flaws, overlaps), libraries, asked)
    assert finding.status.value == said[0] and said[1] in finding.message
    assert (finding.fix.id if finding.fix else "") == fix


def test_mixed_wheels_are_one_fault() -> None:
    files = Integrity(3, (LOST,), (PAIR,))
    found = list(library_files_are_whole(files, wanted("torch"), MIXED, NOT_RUN, PYTHON))
    assert [f.blocked_by for f in found] == ["libraries.nvidia:nvidia-nccl-cu12"] * 2
    assert importing(failure("torch", "x"), MIXED, SLOW)[0].cause == "import-error"
    files = Integrity(3, (REPLACED,), (PAIR,))
    words = "undefined symbol: ncclCommResume"
    [finding] = importing(failure("torch", words), libraries=MIXED, integrity=files)
    assert finding.blocked_by == "libraries.nvidia:nvidia-nccl-cu12"
    [finding] = importing(failure("torch", "its own fault"), libraries=MIXED, integrity=files)
    assert finding.cause == "import-error"


def importing(
    imported: Imported,
    libraries: Libraries,
    integrity: Integrity | Missing | None = None,
    family: TorchFamily | Missing = SLOW,
    unshadowed: Unshadowed | Missing = SLOW,
) -> list[Finding]:
    files = integrity or Integrity()
    return list(libraries_import(Imports((imported,)), wanted(), libraries, files, PYTHON, SLOW, CPU, family, unshadowed))


def test_a_stranger_is_told_elsewhere() -> None:
    libraries, family = installed(dist("torchvision", "0.28.0")), TorchFamily((VISION,))
    [finding] = importing(failure("torchvision"), libraries, family=family)
    assert finding.blocked_by == "libraries.torch-family:torchvision"
    [finding] = importing(failure("torchvision", "nothing known"), libraries, family=family)
    assert finding.blocked_by == "libraries.torch-family:torchvision"
    [finding] = importing(failure("torchvision", "libGL.so.1: cannot open shared object file"), libraries, family=family)
    assert finding.cause == "libgl-missing"


@pytest.mark.parametrize(
    ("unshadowed", "cause", "fix"),
    [
        (Unshadowed(("/cuda/libcudart.so.12",), "", True), "cuda-library-shadowed", "libs.own-cuda"),
        (Unshadowed(("/cuda/libcudart.so.12",), "/other", True), "cuda-library-shadowed", "torch.keep-path"),
        (Unshadowed(("/cuda/libcudart.so.12",), "", False), "import-error", "errors.look-closer"),
        (Unshadowed(), "import-error", "errors.look-closer"),
    ],
)
def test_with_and_without_the_variable(unshadowed: Unshadowed, cause: str, fix: str) -> None:
    [finding] = importing(failure("torch", "strange"), installed(), unshadowed=unshadowed)
    assert finding.fix and (finding.cause, finding.fix.id) == (cause, fix)


KIT = Toolkit("/usr/local/cuda", "12.4", "CUDA_HOME")


@pytest.mark.parametrize(
    ("toolkit", "build", "asked", "status", "words", "fix"),
    [
        (SLOW, CU130, (), "unknown", "within 15 s", ""),
        (Toolkit(), CU130, (), "skip", "and none is needed", ""),
        (Toolkit(), CU130, ("flash-attn",), "skip", "to compile flash-attn", ""),
        (KIT, CPU, ("flash-attn",), "skip", "torch does not use it", ""),
        (Toolkit("/usr"), CU130, ("flash-attn",), "skip", "torch does not use it", ""),
        (Toolkit("/usr", "13.2"), CU130, ("flash-attn",), "pass", "can compile for torch", ""),
        (KIT, CU130, (), "skip", "nothing has to be compiled", ""),
        (KIT, CU130, ("torchvision",), "skip", "nothing has to be compiled", ""),
        (KIT, CU130, ("flash-attn", "mamba-ssm"), "fail", "flash-attn and mamba-ssm must be compiled", "gpu.install-toolkit"),
        (Toolkit("/usr", "12.4"), CU130, ("flash-attn",), "fail", "the toolkit found is CUDA 12.4 in /usr", "gpu.install-toolkit"),
        (Toolkit("/usr", "12.4", others={"/a": "13.2", "/b": "12.9"}), CU130, ("flash-attn",), "fail", "CUDA 13.0", "gpu.name-toolkit"),
        (Toolkit("/usr", "12.4", others={"/b": "13.0", "/a": "13.2"}), CU130, ("flash-attn",), "fail", "CUDA 13.0", "gpu.name-toolkit"),
    ],
)  # fmt: skip
def test_the_toolkit(toolkit: Any, build: TorchBuild, asked: tuple[str, ...], status: str, words: str, fix: str) -> None:
    finding = toolkit_suits_torch(toolkit, build, wanted(*asked), installed())
    assert finding.status.value == status and words in finding.message
    assert (finding.fix.id if finding.fix else "") == fix
    if "/b" in getattr(toolkit, "others", {}) and finding.fix:
        assert finding.fix.values["folder"] == ("/b" if toolkit.others["/b"] == "13.0" else "/a")


def test_what_is_there_already_is_not_to_be_compiled() -> None:
    assert toolkit_suits_torch(KIT, CU130, wanted("flash-attn"), installed(dist("flash-attn"))).status.value == "skip"


def test_what_torch_loaded() -> None:
    def said(*mapped: str) -> list[str]:
        return [f.message for f in torch_loaded_its_own(Torch(mapped=mapped), CU130, PYTHON)]

    assert said() == ["torch loaded no CUDA libraries"]
    own = (f"{SITE}/torch/lib/libcudart-1.so.12", "/v/lib/libcudnn.so.9", "/x/site-packages/nvidia/libnccl.so.2")
    assert said(*own) == ["torch uses its own CUDA libraries"]
    assert said(*own, "/cuda/libcudart.so.12") == ["torch uses /cuda/libcudart.so.12 instead of its own library"]
