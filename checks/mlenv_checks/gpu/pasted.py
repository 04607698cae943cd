"""What a pasted report says of graphics cards and their driver."""

from __future__ import annotations

import re
from typing import Any

from mlenv_doctor.api import Missing, PastedReport, said_of, unsaid, version_in

from .facts import Card, CudaDriver, Gpu

CARD = re.compile(r"^\W*GPU\s*(?P<index>\d+)\s*[:：]\s*(?P<name>.+?)\s*(?:\(UUID:\s*(?P<uuid>[\w-]+)\))?\s*(?:\.\.\.)?$")
SEVERAL = re.compile(r"^(?P<count>\d)\s*x\s+(?P<name>.*)$", re.IGNORECASE)
FOUND_VERSION = re.compile(r"found version (\d{4,6})\b")
ERROR_CODE = re.compile(r"(?:cudaGetDeviceCount|CUDA (?:initialization|driver)|cuInit)[^\n]*?\bError (\d{1,3})\b", re.IGNORECASE)
UNKNOWN_ERROR = re.compile(r"CUDA unknown error - this may be due to an incorrectly set up environment")


def cards_of(report: PastedReport) -> tuple[Card, ...]:
    """The NVIDIA cards that the report names."""
    capability = re.search(r"(\d{1,2})[._]?(\d)\b", report.values.get("capability", ""))
    shown = f"{capability[1]}.{capability[2]}" if capability else ""
    lines = [report.values.get("gpus", ""), *report.further.get("gpus", ()), said_of(report, "gpu_type")]
    cards: list[Card] = []
    for line in lines:
        found = CARD.match(line)
        name = found["name"] if found else line if line == lines[-1] and line else ""
        several = SEVERAL.match(name)
        for _ in range(int(several["count"]) if several else 1 if name else 0):
            uuid = (found["uuid"] or "") if found and not several else ""
            cards.append(Card(len(cards), name=several["name"] if several else name, uuid=uuid, capability=shown))
    return tuple(cards)


def gpu_of(report: PastedReport) -> Gpu | Missing:
    """The cards and their driver."""
    cards = cards_of(report)
    driver = re.search(r"\d{3}(?:\.\d+){0,2}", said_of(report, "driver"))
    if not cards and not driver:
        return unsaid(Gpu)
    return Gpu(
        driver=driver[0] if driver else "",
        cuda=version_in(said_of(report, "smi_cuda")),
        source="report",
        cards=cards,
        variables={name: value for name, value in report.variables.items() if "VISIBLE_DEVICES" in name},
    )


def cuda_driver_of(report: PastedReport) -> CudaDriver | Missing:
    """What CUDA answered, as torch's warnings repeat it."""
    said = "\n".join(report.said)
    found = FOUND_VERSION.search(said) or re.match(r"(\d{4,6})$", report.values.get("found", ""))
    code = ERROR_CODE.search(said)
    init = int(code[1]) if code else 999 if UNKNOWN_ERROR.search(said) else None
    if not found and init is None:
        return unsaid(CudaDriver)
    speaks: dict[str, Any] = {"version": f"{int(found[1]) // 1000}.{int(found[1]) % 1000 // 10}"} if found else {}
    return CudaDriver(library="libcuda.so.1", init=init, **speaks)
