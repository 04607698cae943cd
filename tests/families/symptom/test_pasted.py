"""What a pasted report gives away besides, vLLM against the card, builds and names of cards."""

from __future__ import annotations

import pytest

from mlenv_checks.gpu.capability_by_name import capability_of_name
from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.symptom.pasted import python_of_the_report_is_sound, report_is_understood, variables_are_spelt_right
from mlenv_checks.torch.facts import Torch, TorchBuild
from mlenv_checks.torch.known_builds import archs_of, last_capability, newest_python
from mlenv_checks.torch.vllm import vllm_has_code_for_the_card
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries, Pasted, Python

GONE = Missing("x", "not-asked", "the report does not say")
CU = TorchBuild("/t", "2.6.0+cu124", "12.4")
VLLM = Libraries((Distribution("vllm", "0.6.3", ""),))


def one(found: object) -> Finding:
    assert isinstance(found, Finding)
    return found


def test_what_was_understood() -> None:
    whole = one(
        report_is_understood(Pasted("vLLM", 2, "12.1"), CU, Gpu(driver="550.1", cards=(Card(name="L4"), Card(1, "L4"))), Torch())
    )
    assert whole.message == (
        "vLLM reports torch 2.6.0+cu124, 2 x L4, driver 550.1, CUDA cannot be used; only the first of 2 reports is checked"
    )
    assert whole.evidence == {"toolkit": "12.1"}
    assert "CUDA can be used" in one(report_is_understood(Pasted("x"), CU, Gpu(), Torch(available=True))).message
    assert "no torch build, no GPU, no driver, unknown whether" in one(report_is_understood(Pasted(), GONE, GONE, GONE)).message


def test_a_variable_with_two_letters_swapped() -> None:
    found = list(variables_are_spelt_right(Pasted(names=("HTTP_PORXY", "HTTP_PROXY", "http_proxy", "PATH"))))  # type: ignore[call-overload]
    assert [(f.cause, f.subject) for f in found] == [("key-name-typo", "HTTP_PORXY")] and "did you mean HTTP_PROXY?" in found[
        0
    ].message
    assert next(iter(variables_are_spelt_right(Pasted(names=("HOME",))))).status.value == "pass"  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("pasted", "cause"),
    [
        (Pasted(rosetta=True), "rosetta-x86-python"),
        (
            Pasted(conda=True, path="~/.local/lib/python3.9/site-packages before /opt/conda/lib/python3.9/site-packages"),
            "user-site-leak",
        ),
        (Pasted(conda=True, path="['', '/home/me/.local/lib/python3.9/site-packages', '/opt/conda']"), "user-site-leak"),
        (Pasted(path="~/.local/lib/python3.9/site-packages"), ""),
        (Pasted(conda=True, path="/opt/conda/lib/python3.9/site-packages:~/.local/lib/python3.9/site-packages"), ""),
        (Pasted(), ""),
    ],
)
def test_the_python_of_a_report(pasted: Pasted, cause: str) -> None:
    assert one(python_of_the_report_is_sound(pasted)).cause == cause


@pytest.mark.parametrize(
    ("libraries", "capabilities", "build", "pasted", "status"),
    [
        (VLLM, ("6.1",), CU, GONE, "fail"),
        (Libraries(), ("6.0", "6.0"), CU, Pasted(vllm="0.5"), "fail"),
        (VLLM, ("6.1", "8.6"), CU, GONE, "pass"),
        (VLLM, ("",), CU, GONE, "pass"),
        (VLLM, ("7.0",), CU, GONE, "pass"),
        (VLLM, ("6.1",), TorchBuild("/t", "2.6.0+cpu"), GONE, "skip"),
        (Libraries(), ("6.1",), CU, GONE, "skip"),
    ],
)
def test_vllm(
    libraries: Libraries, capabilities: tuple[str, ...], build: TorchBuild, pasted: Pasted | Missing, status: str
) -> None:
    gpu = Gpu(cards=tuple(Card(n, "a card", capability=c) for n, c in enumerate(capabilities)))
    assert one(vllm_has_code_for_the_card(libraries, gpu, build, pasted)).status.value == status


def test_builds() -> None:
    assert archs_of(TorchBuild("/t", "2.14.1+cu130", "13.0"), Python(machine="x86_64"))[0] == "sm_75"
    assert archs_of(TorchBuild("/t", "2.14.1+cu130", "13.0"), GONE) == archs_of(
        TorchBuild("/t", "2.14.1+cu130", "13.0"), Python(machine="x86_64")
    )
    assert archs_of(TorchBuild("/t", "2.14.1+cu130", "13.0", archs=("sm_99",)), GONE) == ("sm_99",)
    assert archs_of(TorchBuild("/t", "2.6.0+cu124", "12.4"), Python(platform="win32"))
    assert not archs_of(TorchBuild("/t", "0.4.0", "9.0"), GONE) and not archs_of(TorchBuild("/t", "2.6.0+cpu"), GONE)
    assert last_capability((10, 1)) == (7, 5) and last_capability((12, 6)) == (9, 0) and last_capability((7,)) == (0, 0)
    assert newest_python("1.10.1") == (3, 9) and newest_python("0.3") is None
    assert newest_python("2.6.0") == (3, 13) and (newest_python("") or (0, 0)) >= (3, 14)


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA GeForce RTX 3090", "8.6"), ("Tesla V100-SXM2-32GB", "7.0"), ("A100-SXM4-40GB", "8.0"), ("GRID A100-40C", "8.0"),
        ("NVIDIA H100 80GB HBM3", "9.0"), ("L40S-48C", "8.9"), ("Quadro RTX 6000", "7.5"), ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("GeForce GTX TITAN X", "5.2"), ("TITAN Xp", "6.1"), ("TITAN X", ""), ("GeForce RTX 2080 SUPER", "7.5"), ("NVIDIA GB10", "12.1"),
        ("NVIDIA GeForce RTX 5090 Laptop GPU", "12.0"), ("GeForce GTX 1070 with Max-Q Design", "6.1"), ("Tesla K80", "3.7"),
        ("NVIDIA RTX 4000 Ada Gener...", ""), ("A card of tomorrow", ""), ("", ""), ("NVIDIA", ""),
    ],
)  # fmt: skip
def test_names_of_cards(name: str, capability: str) -> None:
    assert capability_of_name(name) == capability
