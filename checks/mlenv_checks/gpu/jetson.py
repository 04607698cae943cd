"""NVIDIA's Jetson boards: which chip is on them, and which PyTorch is made for it."""

from __future__ import annotations

from mlenv_doctor.api import Fix, fix
from mlenv_doctor.patient import Libraries, Python, Wanted

from .cards import bus_cards, numbers
from .facts import Accelerators, Gpu
from .torch_wheels import FAMILY, install

# The compute capability by a word in the model that the firmware tells; "Nano" and "NX" alone are of several generations.
CHIPS = (("thor", "11.0"), ("orin", "8.7"), ("xavier", "7.2"), ("tx2", "6.2"), ("tx1", "5.3"), ("jetson nano", "5.3"))
THOR, ORIN = "11.0", "8.7"
INDEX = "https://pypi.jetson-ai-lab.io/jp6/cu126"  # NVIDIA's wheels for JetPack 6: torch 2.8.0 for Python 3.10
LIFTED = (13, 2)  # torch for this CUDA and later no longer refuses the chips of boards: torch/cuda/__init__.py of torch 2.15


def board(gpu: Gpu) -> str:
    """The compute capability of the board's chip; empty where this is no such board, or a GPU of its own sits on it.

    A server with a processor of NVIDIA's (GH200, GB10) describes itself otherwise, and runs what is made for servers.
    """
    model = gpu.jetson.lower()
    return "" if bus_cards(gpu) else next((chip for word, chip in CHIPS if word in model), "")


def remedy(chip: str, accelerators: Accelerators, python: Python, libraries: Libraries, wanted: Wanted) -> Fix:
    """How to get the PyTorch for this chip: Thor runs what PyTorch itself builds, older ones need NVIDIA's wheels."""
    if chip == THOR:
        return install("13.0", (chip,), python, libraries, wanted)
    if chip == ORIN and numbers(accelerators.l4t)[:1] == (36,) and python.minor == (3, 10):
        known = {"torchvision": "torchvision==0.23.0", "torchaudio": "torchaudio==2.8.0"}
        family = tuple(known[name] for name in FAMILY if libraries.find(name))
        return fix("torch.install-jetson", packages=("torch==2.8.0", *family), options=("--index-url", INDEX))
    return fix("torch.jetson", release=accelerators.l4t or "unknown", python=python.version)
