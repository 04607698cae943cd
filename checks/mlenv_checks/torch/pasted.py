"""What a pasted report says of PyTorch."""

from __future__ import annotations

import re

from mlenv_doctor.api import Missing, PastedReport, said_of, unsaid, version_in

from .facts import Torch, TorchBuild

NO, YES = ("false", "no"), ("true", "yes")


def build_of(report: PastedReport) -> TorchBuild | Missing:
    """For what the torch was built that the report speaks of."""
    version = version_in(said_of(report, "torch") or said_of(report, "torch_gpu"))
    if not version:
        return unsaid(TorchBuild)
    cuda, hip = _cuda(report, version), said_of(report, "hip") or said_of(report, "hip_runtime")
    rocm = re.search(r"\+rocm([\d.]+)", version)
    known = bool(cuda or rocm or hip or "+cpu" in version or "cuda" in report.values)
    if not known:
        return unsaid(TorchBuild)
    return TorchBuild(
        folder="the report",
        version=version,
        cuda=None if rocm or (hip and "cuda" in report.values and not cuda) else cuda,
        hip=rocm[1] if rocm else hip or None,
        xpu="xpu" if "+xpu" in version else said_of(report, "xpu") or None,
        archs=tuple(re.findall(r"(?:sm|compute)_\d{2,3}[af]?", report.values.get("archs", ""))),
    )


def _cuda(report: PastedReport, version: str) -> str | None:
    """The CUDA of a build: from its tag, else from the label. A label that was cut off says nothing."""
    tag = re.search(r"\+cu(\d{2,3})\b", version)
    if tag:
        return f"{tag[1][:-1]}.{tag[1][-1]}"
    said = re.match(r"\d+\.\d+", said_of(report, "cuda"))
    return said[0] if said and "+cpu" not in version else None


def torch_of(report: PastedReport) -> Torch | Missing:
    """What torch itself said, as far as it was asked."""
    bullet = re.match(r"(\S+) \((True|False)\)", report.values.get("torch_gpu", ""))
    available = _answer(bullet[2] if bullet else report.values.get("available", ""))
    if available is None:
        return unsaid(Torch)
    return Torch(
        version=version_in(bullet[1] if bullet else said_of(report, "torch")),
        cuda=_cuda(report, report.values.get("torch", "")),
        available=available,
        warnings=tuple(line for line in report.said if "Warning:" in line and "CUDA" in line)[:10],
    )


def _answer(said: str) -> bool | None:
    word = said.strip().lower()
    return True if word in YES else False if word in NO else None
