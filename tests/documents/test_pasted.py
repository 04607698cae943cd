"""What people paste is read as it was meant: every era, whatever pasting did to it, and nothing that it does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlenv_checks.gpu.facts import CudaDriver, Gpu
from mlenv_checks.torch.facts import Torch, TorchBuild
from mlenv_doctor.documents.pasted import decoded, read_report, words
from mlenv_doctor.facts import Missing
from mlenv_doctor.patient import Libraries, Pasted, Place, Python, Said
from support.pasted import ACCELERATE, MANGLED, OLD, TRANSFORMERS, VLLM_BANNERS, collect_env, cut_off


def read(text: str) -> dict[Any, Any]:
    found = read_report(text)
    assert found is not None
    return found


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_it_is_read_whatever_pasting_did_to_it(mangle: Callable[[str], str]) -> None:
    facts = read(mangle(collect_env(gpus=("NVIDIA GeForce RTX 3090", "Tesla T4"))))
    assert facts[Python].version == "3.11.9" and facts[Python].machine == "x86_64" and not facts[Python].conda
    assert (facts[TorchBuild].version, facts[TorchBuild].cuda) == ("2.6.0+cu124", "12.4")
    assert facts[Torch].available and facts[Pasted].toolkit == "12.1.105"
    assert [card.name for card in facts[Gpu].cards] == ["NVIDIA GeForce RTX 3090", "Tesla T4"]
    assert facts[Gpu].driver == "550.54.14" and facts[Place].os == "linux" and facts[Place].distro == "debian"
    assert facts[Libraries].find("numpy").version == "1.26.4"
    assert facts[Pasted].kind == "torch.utils.collect_env" and facts[Pasted].reports == 1


def test_an_old_one() -> None:
    facts = read(OLD)
    assert facts[Python].version == "3.7" and facts[Python].conda
    assert (facts[TorchBuild].version, facts[TorchBuild].cuda) == ("1.4.0", "10.1")
    assert facts[Torch].available and [card.name for card in facts[Gpu].cards] == ["GeForce GTX 1080"]
    assert facts[Libraries].find("numpy").version == "1.18.1" and facts[Libraries].find("mkl").version == "2020.0"
    assert facts[Pasted].conda


def test_vllm_with_banners() -> None:
    facts = read(VLLM_BANNERS.replace("{card}", "NVIDIA L4"))
    assert facts[Pasted].kind == "vLLM" and facts[Pasted].vllm == "0.11.0"
    assert facts[Pasted].variables == {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64", "NCCL_CUMEM_ENABLE": "0"}
    assert facts[Gpu].driver == "570.124.06" and len(facts[Gpu].cards) == 2
    assert facts[Libraries].find("numpy").version == "2.2.6"


def test_transformers_and_accelerate() -> None:
    facts = read(TRANSFORMERS.format(torch="2.5.1+cu124", available="False"))
    assert facts[Pasted].kind == "transformers" and not facts[Torch].available and facts[TorchBuild].cuda == "12.4"
    assert facts[Libraries].find("huggingface-hub").version == "0.26.2" and isinstance(facts[Gpu], Missing)
    facts = read(ACCELERATE)
    assert facts[Place].os == "windows" and facts[Python].platform == "win32" and facts[Python].machine == "AMD64"
    assert [card.name for card in facts[Gpu].cards] == ["NVIDIA GeForce RTX 4070"] and facts[TorchBuild].cuda is None


def test_what_it_does_not_say_is_not_known() -> None:
    facts = read(cut_off(collect_env()))
    assert facts[Gpu].driver == "" and isinstance(facts[CudaDriver], Missing)
    facts = read("PyTorch version: N/A\nIs CUDA available: N/A\nGPU models and configuration: Could not collect\n")
    assert all(isinstance(facts[kind], Missing) for kind in (Python, TorchBuild, Torch, Gpu, CudaDriver))
    facts = read("GPU models and configuration: No CUDA\nNvidia driver version: No CUDA\nPyTorch version: 2.1.0\n")
    assert isinstance(facts[TorchBuild], Missing), "for what it was built is not said"


@pytest.mark.parametrize(
    ("text", "init", "version"),
    [
        (
            "UserWarning: CUDA initialization: The NVIDIA driver on your system is too old (found version 11040). Update",
            None,
            "11.4",
        ),
        ("UserWarning: CUDA initialization: Unexpected error from cudaGetDeviceCount(). Error 803: system has", 803, ""),
        ("CUDA initialization: CUDA unknown error - this may be due to an incorrectly set up environment", 999, ""),
    ],
)
def test_the_warnings_in_it_are_evidence(text: str, init: int | None, version: str) -> None:
    facts = read(collect_env(available="False", before=f"/env/lib/python3.11/site-packages/torch/cuda/__init__.py:118: {text}\n"))
    assert (facts[CudaDriver].init, facts[CudaDriver].version) == (init, version)
    assert text in facts[Said].text and (text.startswith("CUDA") or facts[Torch].warnings)


@pytest.mark.parametrize(
    ("os", "platform", "python", "expected"),
    [
        ("macOS 14.7.3 (arm64)", "macOS-14.7.3-arm64-arm-64bit", "3.12.2 (main) (64-bit runtime)", ("macos", "arm64", False)),
        ("macOS 14.7.3 (arm64)", "macOS-14.7.3", "3.12.2 (x86_64, Rosetta)", ("macos", "x86_64", True)),
        (
            "Microsoft Windows 11 Pro",
            "Windows-10-10.0.22631-SP0",
            "3.10.11 (AMD64) (64-bit runtime)",
            ("windows", "AMD64", False),
        ),
        ("Microsoft Windows 11 Pro (ARM64)", "Windows-11-arm64", "3.12.1 (64-bit runtime)", ("windows", "ARM64", False)),
        ("Ubuntu 24.04 LTS (aarch64)", "Linux-6.8-aarch64", "3.12.3 (64-bit runtime)", ("linux", "aarch64", False)),
    ],
)
def test_where_it_was_made(os: str, platform: str, python: str, expected: tuple[str, str, bool]) -> None:
    facts = read(collect_env(os=os, platform=platform, python=python))
    assert (facts[Place].os, facts[Python].machine, facts[Pasted].rosetta) == expected


def test_wsl_and_containers() -> None:
    assert read(collect_env(platform="Linux-5.15.167.4-microsoft-standard-WSL2-x86_64"))[Place].kinds == ("wsl",)
    assert read(collect_env(torch="2.5.0a0+872d972e41.nv24.08"))[Place].kind == "container"
    assert read(collect_env())[Place].kinds == ()


def test_several_cards_slices_and_several_reports() -> None:
    facts = read(collect_env(gpus=("NVIDIA A100-SXM4-80GB (UUID: GPU-1f2e)\n  MIG 3g.40gb     Device  0:",)))
    assert [(card.name, card.uuid) for card in facts[Gpu].cards] == [("NVIDIA A100-SXM4-80GB", "GPU-1f2e")]
    assert len(read(collect_env(gpus=("4x RTX 6000 Ada",)))[Gpu].cards) == 4
    both = read(collect_env(torch="2.1.0+cu121") + "\nand now another machine\n" + collect_env(torch="2.3.0+cpu"))
    assert both[Pasted].reports == 2 and both[TorchBuild].version == "2.1.0+cu121"


def test_builds() -> None:
    assert read(collect_env(torch="2.3.0+rocm6.0", cuda="N/A", rocm="6.0.32830"))[TorchBuild].hip == "6.0"
    assert read(collect_env(torch="2.3.0", cuda="N/A", rocm="6.0.32830"))[TorchBuild].hip == "6.0.32830"
    assert read(collect_env(torch="2.3.0+cpu", cuda="Could not collect"))[TorchBuild].cuda is None
    assert read(collect_env(torch="2.8.0+xpu", cuda="None"))[TorchBuild].xpu


def test_what_vllm_says_of_itself_on_other_platforms_is_no_error() -> None:
    line = (
        """WARNING 10-07 03:01:24 _core_ext.py:180] Failed to import from vllm._C with ImportError('libtorch_cuda.so: cannot')"""
    )
    assert read(collect_env(before=line + "\n"))[Said].text.splitlines() == ["Collecting environment information..."]


@pytest.mark.parametrize(
    "text", ["", "Dear all,\nit does not work.\n", "OPENAI_API_KEY=sk-1234\nOTHER=2\n", "import torch\nprint('x')\n", "\0\0"]
)
def test_what_is_no_report(text: str) -> None:
    assert read_report(text) is None


def test_no_secret_gets_through() -> None:
    canary = "sk-proj-CANARYcanary0123456789abcdefXYZ"
    facts = read(
        collect_env(before=f"key {canary}\n", after=f"OPENAI_API_KEY={canary}\nMLFLOW_TRACKING_URI=http://u:{canary}@h:5000\n")
    )
    assert "CANARY" not in repr(facts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_whichever_program_saved_it(encoding: str) -> None:
    assert "Café: GPU" in decoded("Café: GPU".encode(encoding))


def test_the_words_of_an_error() -> None:
    assert words("> Traceback (most recent call last):\r\n>   File x\r\n> \x1b[31mRuntimeError: no\x1b[0m\n") == (
        "Traceback (most recent call last):\nFile x\nRuntimeError: no"
    )


@pytest.mark.parametrize(
    "text", ["a" * 3_000_000, "> " * 500_000, "OS: " * 300_000, "x Error: cannot\n" * 100_000, "_" * 999_999]
)
def test_masses_of_rubbish_are_read_in_no_time(text: str) -> None:
    """Patterns that take the square of a line's length would need hours here, and the test would never end."""
    read_report(text)
    assert len(words(text)) <= 200_000


@settings(max_examples=300)
@given(st.text(max_size=400), st.integers(0, 1500), st.integers(0, 1500))
def test_anything_may_stand_in_it(rubbish: str, start: int, end: int) -> None:
    """No crash, whatever is pasted into a report, and wherever it is cut."""
    text = collect_env()
    assert read_report(text[:start] + rubbish + text[end:]) is None or True
    words(rubbish)
