"""What a report says of graphics cards, their driver, and the torch that would use them."""

from __future__ import annotations

import re
from typing import Any

from ..facts import Card, CudaDriver, Gpu, Missing, Torch, TorchBuild
from .labels import Sorted
from .values import unsaid, value, version_in

NO, YES = ("false", "no"), ("true", "yes")
CARD = re.compile(r"^\W*GPU\s*(?P<index>\d+)\s*[:：]\s*(?P<name>.+?)\s*(?:\(UUID:\s*(?P<uuid>[\w-]+)\))?\s*(?:\.\.\.)?$")
SEVERAL = re.compile(r"^(?P<count>\d)\s*x\s+(?P<name>.*)$", re.IGNORECASE)
FOUND_VERSION = re.compile(r"found version (\d{4,6})\b")
ERROR_CODE = re.compile(r"(?:cudaGetDeviceCount|CUDA (?:initialization|driver)|cuInit)[^\n]*?\bError (\d{1,3})\b", re.IGNORECASE)
UNKNOWN_ERROR = re.compile(r"CUDA unknown error - this may be due to an incorrectly set up environment")


def build_of(report: Sorted) -> TorchBuild | Missing:
    """For what the torch was built that the report speaks of."""
    version = version_in(value(report, "torch") or value(report, "torch_gpu"))
    if not version:
        return unsaid(TorchBuild)
    cuda, hip = _cuda(report, version), value(report, "hip") or value(report, "hip_runtime")
    rocm = re.search(r"\+rocm([\d.]+)", version)
    known = bool(cuda or rocm or hip or "+cpu" in version or "cuda" in report.values)
    if not known:
        return unsaid(TorchBuild)
    return TorchBuild(
        folder="the report",
        version=version,
        cuda=None if rocm or (hip and "cuda" in report.values and not cuda) else cuda,
        hip=rocm[1] if rocm else hip or None,
        xpu="xpu" if "+xpu" in version else value(report, "xpu") or None,
        archs=tuple(re.findall(r"(?:sm|compute)_\d{2,3}[af]?", report.values.get("archs", ""))),
    )


def _cuda(report: Sorted, version: str) -> str | None:
    """The CUDA of a build: from its tag, else from the label. A label that was cut off says nothing."""
    tag = re.search(r"\+cu(\d{2,3})\b", version)
    if tag:
        return f"{tag[1][:-1]}.{tag[1][-1]}"
    said = re.match(r"\d+\.\d+", value(report, "cuda"))
    return said[0] if said and "+cpu" not in version else None


def torch_of(report: Sorted) -> Torch | Missing:
    """What torch itself said, as far as it was asked."""
    bullet = re.match(r"(\S+) \((True|False)\)", report.values.get("torch_gpu", ""))
    available = _answer(bullet[2] if bullet else report.values.get("available", ""))
    if available is None:
        return unsaid(Torch)
    return Torch(
        version=version_in(bullet[1] if bullet else value(report, "torch")),
        cuda=_cuda(report, report.values.get("torch", "")),
        available=available,
        warnings=tuple(line for line in report.said if "Warning:" in line and "CUDA" in line)[:10],
    )


def _answer(said: str) -> bool | None:
    word = said.strip().lower()
    return True if word in YES else False if word in NO else None


def cards_of(report: Sorted) -> tuple[Card, ...]:
    """The NVIDIA cards that the report names."""
    capability = re.search(r"(\d{1,2})[._]?(\d)\b", report.values.get("capability", ""))
    shown = f"{capability[1]}.{capability[2]}" if capability else ""
    lines = [report.values.get("gpus", ""), *report.further.get("gpus", ()), value(report, "gpu_type")]
    cards: list[Card] = []
    for line in lines:
        found = CARD.match(line)
        name = found["name"] if found else line if line == lines[-1] and line else ""
        several = SEVERAL.match(name)
        for _ in range(int(several["count"]) if several else 1 if name else 0):
            uuid = (found["uuid"] or "") if found and not several else ""
            cards.append(Card(len(cards), name=several["name"] if several else name, uuid=uuid, capability=shown))
    return tuple(cards)


def gpu_of(report: Sorted) -> Gpu | Missing:
    """The cards and their driver."""
    cards = cards_of(report)
    driver = re.search(r"\d{3}(?:\.\d+){0,2}", value(report, "driver"))
    if not cards and not driver:
        return unsaid(Gpu)
    return Gpu(
        driver=driver[0] if driver else "",
        cuda=version_in(value(report, "smi_cuda")),
        source="report",
        cards=cards,
        variables={name: value for name, value in report.variables.items() if "VISIBLE_DEVICES" in name},
    )


def cuda_driver_of(report: Sorted) -> CudaDriver | Missing:
    """What CUDA answered, as torch's warnings repeat it."""
    said = "\n".join(report.said)
    found = FOUND_VERSION.search(said) or re.match(r"(\d{4,6})$", report.values.get("found", ""))
    code = ERROR_CODE.search(said)
    init = int(code[1]) if code else 999 if UNKNOWN_ERROR.search(said) else None
    if not found and init is None:
        return unsaid(CudaDriver)
    speaks: dict[str, Any] = {"version": f"{int(found[1]) // 1000}.{int(found[1]) % 1000 // 10}"} if found else {}
    return CudaDriver(library="libcuda.so.1", init=init, **speaks)
