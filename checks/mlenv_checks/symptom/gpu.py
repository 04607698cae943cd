"""What words of CUDA and of extensions of torch mean depends on cards and builds: functions that answers.py names."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Missing, fix

from ..gpu.cards import numbers
from ..gpu.torch_wheels import covers
from ..torch.known_builds import archs_of, last_capability
from .speaker import UNNAMED, Meaning, Patient, Words, fitting_torch, torch_of

FIRST_OF_TODAY = (7, 0)  # cards below are what builds leave out first
FIRST_OF_BLACKWELL = (10, 0)  # and these are what older builds do not know yet


def kernels(words: Words, text: str, patient: Patient) -> Meaning | None:
    """No code for the card: which of both is too old, where the words or the card tell.

    Where torch has the code, it is a library that was built with torch that lacks it.
    """
    capability = _capability(words, patient)
    if capability is None:
        return None
    shown = ".".join(map(str, capability))
    served = covers(_archs(patient), shown)
    whose = "a library that this program uses" if served or {"gone", "above"} & words.keys() else torch_of(patient)
    least = FIRST_OF_TODAY if served else _least(patient)
    if {"gone", "least", "above"} & words.keys() or capability < least:
        says = f"the GPU (compute capability {shown}) is too old for {whose}, which does not support it"
        return Meaning("gpu-too-old-for-wheel", says, fitting_torch(patient))
    says = f"the GPU (compute capability {shown}) is too new for {whose}, which does not support it"
    return Meaning("gpu-too-new-for-wheel", says, fitting_torch(patient))


def _archs(patient: Patient) -> tuple[str, ...]:
    return () if isinstance(patient.build, Missing) else archs_of(patient.build, patient.python)


def _least(patient: Patient) -> tuple[int, ...]:
    """Cards below are too old for a build, those above too new."""
    known = [int(arch.partition("_")[2].rstrip("af")) for arch in _archs(patient)]
    return divmod(min(known), 10) if known else FIRST_OF_TODAY


def _capability(words: Words, patient: Patient) -> tuple[int, ...] | None:
    """The compute capability of the card that is meant: as the words say, else that of the machine's cards, if it decides."""
    named = re.search(r"(\d{1,2})(\d)a?$", words.get("sm", words.get("new", "")))
    if named:
        return int(named[1]), int(named[2])
    if "cc" in words:
        return numbers(words["cc"])
    if {"gone", "least", "above"} & words.keys():
        return min(patient.capabilities, default=None)
    return min((card for card in patient.capabilities if _strange(card, patient)), default=None)


def _strange(card: tuple[int, ...], patient: Patient) -> bool:
    """Whether a build, or what was built with it, may lack code for a card: a very old or new one, or one after its CUDA."""
    archs, cuda = _archs(patient), numbers(patient.torch_cuda or "")
    lacking = not covers(archs, "{}.{}".format(*card)) if archs else bool(cuda) and card > last_capability(cuda)
    return lacking or card < FIRST_OF_TODAY or card >= FIRST_OF_BLACKWELL


def cpu(words: Words, text: str, patient: Patient) -> Meaning | None:
    """Somebody asked a build without CUDA for a GPU. A Mac has no CUDA: there the program is at fault."""
    if patient.place.os == "macos" or patient.torch_cuda:
        return None
    says = f"{torch_of(patient)} is a CPU-only build, but the program uses a GPU"
    return Meaning("cpu-only-torch", says, fitting_torch(patient), "torch")


def other_cuda(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A library looks for the CUDA libraries of another major version than torch's, or of a torch that has none."""
    cuda = patient.torch_cuda
    if cuda is None:
        return None
    name = _library_of(text, words["library"])
    if not cuda:
        says = f"{name} was built for CUDA ({words['library']}), but {torch_of(patient)} is a CPU-only build"
        return Meaning("cpu-only-torch", says, fitting_torch(patient), "torch")
    if not words["library"].startswith("libcudart") or int(words["major"]) == numbers(cuda)[0]:
        return None
    says = f"{name} was built for CUDA {words['major']}, but {torch_of(patient)} for CUDA {cuda}"
    return Meaning("extension-torch-abi", says, fix("libs.extension", torch=patient.torch, cuda=cuda), name)


def xformers(words: Words, text: str, patient: Patient) -> Meaning | None:
    """xFormers was built for another torch, or for one with CUDA where this one has none."""
    if patient.torch_cuda == "" and patient.place.os != "macos":
        says = f"xformers was built for CUDA, but {torch_of(patient)} is a CPU-only build"
        return Meaning("cpu-only-torch", says, fitting_torch(patient), "torch")
    says = f"xformers was built for another torch than {patient.torch or 'the installed one'}"
    cure = fix("libs.extension", torch=patient.torch or "of this machine", cuda=patient.torch_cuda or "of this machine")
    return Meaning("extension-torch-abi", says, cure, "xformers")


def extension(words: Words, text: str, patient: Patient) -> Meaning:
    """A library built for torch looks for something in torch that is not there."""
    end = text.index(words.get("gone", words.get("file", "")))
    name = _library_of(text[: end + 1], words.get("gone", "undefined symbol"))
    named = canonicalize_name(words.get("file", "").partition(".")[0].rpartition("/")[2])
    library = name if name != UNNAMED else re.sub(r"-2-cuda.*|-cuda$", "", named) or UNNAMED
    says = f"{library} was built for another torch than {patient.torch or 'the installed one'}"
    cure = fix("libs.extension", torch=patient.torch or "of this machine", cuda=patient.torch_cuda or "of this machine")
    return Meaning("extension-torch-abi", says, cure, "" if library == UNNAMED else library)


def _library_of(text: str, lacking: str) -> str:
    """The library in whose files something was missed: the last that is named before it."""
    before = text[: text.index(lacking)] if lacking in text else text
    named = re.findall(r"-packages[\\/](\w+)", before)
    return canonicalize_name(named[-1]) if named else UNNAMED


def mixed_cuda(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A symbol of NCCL is missing where the wheels of NVIDIA are installed for two versions of CUDA: one overwrote the other."""
    found = set() if isinstance(patient.libraries, Missing) else {d.name for d in patient.libraries.distributions}
    majors = sorted({name[-2:] for name in found if re.fullmatch(r"nvidia-.+-cu1\d", name)})
    if len(majors) < 2:
        return None
    keep = str(numbers(patient.torch_cuda)[0]) if patient.torch_cuda else majors[-1]
    strange = tuple(sorted(name for name in found if re.fullmatch(r"nvidia-[\w-]+-cu1\d", name) and not name.endswith(keep)))
    both = " and ".join(majors)
    says = f"the libraries of CUDA {both} are both installed, and the wrong version is loaded: it lacks {words['gone']}"
    return Meaning("mixed-cuda-wheels", says, fix("libs.uninstall-cuda", packages=strange or ("nvidia-nccl-cu11",)), "torch")
