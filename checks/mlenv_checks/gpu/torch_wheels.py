"""Choose the build of PyTorch that suits a driver and all cards, and say with what it is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mlenv_doctor.api import Fix, fix, rows
from mlenv_doctor.patient import Libraries, Project, Python, Wanted
from mlenv_doctor.records import dataclass

from ..libraries.dependencies import parsed
from .cards import numbers

INDEX = "https://download.pytorch.org/whl/cu{}"
# Kernels for these chips of Jetson and Drive boards fit no other card of the same generation, nor the reverse:
# DEVICE_REQUIREMENT in torch/cuda/__init__.py of torch 2.15.
BOARDS = {(5, 3), (6, 2), (7, 2), (8, 7), (10, 1), (11, 0)}
FAMILY = ("torchvision", "torchaudio")


@dataclass(frozen=True)
class Wheel:
    """A build of torch.

    index:  where it comes from; empty for the one that a plain install brings.
    pinned: the version must be named to get it.
    """

    torch: str
    cuda: str
    index: str = ""
    pinned: bool = False


def covers(archs: Iterable[str], capability: str) -> bool:
    """Whether kernels for these architectures run on a card.

    Machine code (sm_86) runs on the same generation from its number up; PTX (compute_90) on everything from its number up;
    the forms with a letter only on that very chip (a) or generation (f).
    """
    card = numbers(capability)
    return any(_runs(*_parts(arch), card) for arch in archs)


def _parts(arch: str) -> tuple[str, tuple[int, ...], str]:
    """ "sm_120a" becomes ("sm", (12, 0), "a")."""
    found = re.fullmatch(r"(sm|compute)_(\d+)(\d)([af]?)", arch)
    return (found[1], (int(found[2]), int(found[3])), found[4]) if found else ("", (0, 0), "")


def _runs(kind: str, made_for: tuple[int, ...], letter: str, card: tuple[int, ...]) -> bool:
    if made_for == card:
        return True
    if letter == "a" or card < made_for or not kind:
        return False
    if kind == "compute" and not letter:
        return True
    return made_for[0] == card[0] and not {made_for, card} & BOARDS


def choose(cuda: str, capabilities: Iterable[str], python: Python, specifier: str = "") -> Wheel | None:
    """The newest build whose CUDA the driver speaks (its major version decides) and that has code for every card.

    https://docs.nvidia.com/deploy/cuda-compatibility/: since CUDA 11 a driver runs all of its major version, and all before.
    """
    cards = tuple(capabilities)
    possible = [row for row in _for(python) if numbers(row["cuda"])[0] <= numbers(cuda)[0] and _has_code(row, cards)]
    fitting = [row for row in possible if _satisfies(row["torch"], specifier)]
    return _wheel(max(fitting, key=_preference), python, specifier) if fitting else None


def _for(python: Python) -> list[Mapping[str, str]]:
    """The builds for this platform and Python. A Python newer than the tables is not held against any."""
    system = "windows" if python.platform == "win32" else f"linux-{python.machine}"
    here = [row for row in rows(__package__, "torch_builds") if row["platform"] == system]
    newest = max((numbers(row["python_max"]) for row in here), default=(0, 0))
    minor = min(python.minor, newest)
    return [row for row in here if numbers(row["python_min"]) <= minor <= numbers(row["python_max"])]


def _has_code(row: Mapping[str, str], cards: Iterable[str]) -> bool:
    archs = ["sm_" + capability.replace(".", "") for capability in row["capabilities"].split()]
    return all(covers(archs, card) for card in cards)


def _satisfies(version: str, specifier: str) -> bool:
    if not specifier:
        return True
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(re.sub(r"\+[\w.]+", "", specifier)).contains(version)


def _preference(row: Mapping[str, str]) -> tuple[object, ...]:
    """The newest torch; of its builds the one that needs no index; else the newest CUDA major in its oldest, widest minor."""
    major, minor = numbers(row["cuda"])
    return numbers(row["torch"]), row["on_pypi"] == "yes", major, -minor


def _wheel(row: Mapping[str, str], python: Python, specifier: str) -> Wheel:
    plain = row["on_pypi"] == "yes"
    rivals = [r for r in _for(python) if (r["on_pypi"] == "yes" if plain else r["cuda"] == row["cuda"])]
    newest = max(numbers(rival["torch"]) for rival in rivals)
    pinned = bool(specifier) or numbers(row["torch"]) < newest
    return Wheel(row["torch"], row["cuda"], "" if plain else INDEX.format(row["cuda"].replace(".", "")), pinned)


def install(cuda: str, capabilities: Iterable[str], python: Python, libraries: Libraries, wanted: Wanted) -> Fix:
    """The one install command for this driver, these cards and this Python; an honest note where no build can serve them."""
    cards = tuple(dict.fromkeys(capability for capability in capabilities if capability))
    wish = wanted.library("torch")
    asked = wish.specifier if wish else ""
    built_for = ",".join(filter(None, (asked, *pins(libraries))))
    wheel = choose(cuda, cards, python, built_for) or choose(cuda, cards, python, asked) or choose(cuda, cards, python)
    described = ", ".join(cards) or "unknown"
    if wheel is None:
        return fix("torch.no-build", cuda=cuda, cards=described)
    options = ("--index-url", wheel.index) if wheel.index else ()
    return fix("torch.install-gpu", packages=packages(wheel, libraries), options=options, cuda=wheel.cuda, cards=described)


def pins(libraries: Libraries) -> list[str]:
    """The one torch that other libraries ask for, as vLLM does: another build of that version leaves them whole."""
    needs = (parsed(text) for found in libraries.distributions if found.name not in FAMILY for text in found.requires)
    return [str(need.specifier) for need in needs if need and need.name == "torch" and str(need.specifier).startswith("==")]


def packages(wheel: Wheel, libraries: Libraries) -> tuple[str, ...]:
    """torch and those of its family that are installed, which must come from the same build."""
    if not wheel.pinned:
        return ("torch", *(name for name in FAMILY if libraries.find(name)))
    known = {row["package"]: row["version"] for row in rows(__package__, "torch_family") if row["torch"] == wheel.torch}
    family = (f"{name}=={known[name]}" if name in known else name for name in FAMILY if libraries.find(name))
    return (f"torch=={wheel.torch}", *family)


def cpu_on_purpose(project: Project) -> str:
    """The file, or the variable, that asks for the CPU build of torch; empty where none does."""
    for_the_cpu = re.compile(r"torch\b(?!-).*((\+|%2B)cpu\b|/whl/cpu/)")
    return next((declared.file for declared in project.requirements if for_the_cpu.match(declared.text)), project.cpu_index)
