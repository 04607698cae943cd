"""vLLM against the GPU: its wheels hold code for fewer cards than those of PyTorch."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip
from mlenv_doctor.patient import Libraries, Pasted

from ..gpu.cards import capability_of, name_of, numbers
from ..gpu.facts import Gpu
from .facts import TorchBuild

LEAST = (7, 0)  # https://docs.vllm.ai/en/latest/getting_started/installation/gpu/


@check("torch.vllm", causes=("gpu-too-old-for-wheel",), pasted=True)
def vllm_has_code_for_the_card(libraries: Libraries, gpu: Gpu, build: TorchBuild, pasted: Pasted | Missing) -> Finding:
    """vLLM build.

    PyTorch may serve an older card than vLLM does: its wheels begin with Volta (compute capability 7.0).
    """
    found = libraries.find("vllm")
    version = (found.version if found else "") or ("" if isinstance(pasted, Missing) else pasted.vllm)
    if not version or not build.cuda:
        return skip("vLLM is not installed, or not for NVIDIA GPUs")
    cards = [card for card in gpu.cards if card.error is None and capability_of(card)]
    old = [card for card in cards if numbers(capability_of(card)) < LEAST]
    if not old or len(old) < len(cards):
        return ok(f"vLLM {version} supports the GPUs")
    message = f"the {name_of(old[0])} (compute capability {capability_of(old[0])}) is too old for vLLM, which needs 7.0 or newer"
    return fail("gpu-too-old-for-wheel", message, subject="vllm", fix=fix("gpu.cloud"))
