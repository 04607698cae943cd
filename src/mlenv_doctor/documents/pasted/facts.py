"""Turn a sorted report into facts: what it says and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from ...facts import Fact, Missing, every_fact
from ...patient import Distribution, Libraries, Pasted, Place, Project, Python, Said
from .labels import KEPT, PastedReport
from .place import by_conda, place_of, python_of, under_rosetta
from .values import said_of, version_in

Facts = dict[type[Fact], "Fact | Missing"]
TOLERATED = re.compile(  # vLLM tries the extension for CUDA first, and goes on without it on other platforms
    r"Failed to import from vllm\._\w+ with (ModuleNotFoundError|ImportError\(.?lib(cuda|cudart|torch_cuda)\b)"
)
IN_SHELL = re.compile(r"\b(shell|export\w*|environment|session)\b|\$env|\.(bash|zsh)rc|profile", re.IGNORECASE)
IN_FILE = re.compile(r"(?<![\w/])\.env\b")
LONGEST_ERROR = 200_000  # characters
BULLETS = ("transformers", "accelerate", "huggingface-hub", "tokenizers", "safetensors", "peft", "numpy")
NAMED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.*-]*?)\s*(?:==|\(|\s)\s*(?P<rest>.*)$")  # pip 10 and later; pip 9; conda
VERSION = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?:[._-]?(?:a|b|rc|post|dev)\d*)*(?:\+[\w.]+)?")


def facts_of(report: PastedReport) -> Facts:
    """The facts that a report gives."""
    place = place_of(report)
    return {
        Pasted: _pasted(report),
        Place: place,
        Python: python_of(report, place),
        Project: Project(),
        Libraries: Libraries(distributions=tuple(_distributions(report))),
        Said: Said("\n".join(line for line in report.said if not TOLERATED.search(line))[:LONGEST_ERROR]),
        **{kind: found for kind in every_fact() if (found := kind.from_pasted(report)) is not None},
    }


def _pasted(report: PastedReport) -> Pasted:
    return Pasted(
        kind=_kind(report),
        reports=report.reports,
        toolkit=version_in(said_of(report, "toolkit")),
        vllm=said_of(report, "vllm"),
        variables={name: said.rpartition("@")[2][:1000] for name, said in report.variables.items() if KEPT.match(name)},
        names=tuple(report.variables),
        told=tuple(name for name, said in report.variables.items() if IN_SHELL.search(said) and IN_FILE.search(said)),
        kernel=report.values.get("kernel", ""),
        shell=report.values.get("shell", ""),
        path=report.values.get("path", ""),
        conda=by_conda(report),
        rosetta=under_rosetta(report),
    )


def _kind(report: PastedReport) -> str:
    if "vllm" in report.values or any("vllm" in what.lower() for _, what in report.listed):
        return "vLLM"
    if "transformers" in report.values or "accelerate" in report.values:
        return "transformers"
    return "torch.utils.collect_env" if {"debug", "available", "gcc"} & report.values.keys() else "a description"


def _distributions(report: PastedReport) -> Iterable[Distribution]:
    """What the lists of packages name; of a name that stands there twice the first counts."""
    bullets = ((key, report.values.get(key, "")) for key in BULLETS)
    torch = version_in(said_of(report, "torch") or said_of(report, "torch_gpu"))
    lines = [*report.listed, *(("pip3", f"{name}=={said}") for name, said in (*bullets, ("torch", torch)) if said)]
    seen: set[str] = set()
    for by, what in lines:
        found = NAMED.match(what)
        name = canonicalize_name(found["name"]) if found else ""
        if found and name not in seen and "could not" not in what.lower():
            seen.add(name)
            version = VERSION.search(found["rest"])
            yield Distribution(name, version[0] if version else None, "", installer="conda" if by == "conda" else "pip")
