"""Healthy patients who look as if a card were lost, full, reserved, broken or slow; and drivers that know less."""

from __future__ import annotations

from collections.abc import Callable

from families.gpu.patients_health import ANY, BRAKE, FULL, HOT, SLICES, contained, eight, logged, sick, used
from lab.gpu_box import A100, RTX_3060, RTX_4090, box
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

FUNCTIONS = (
    "nvmlSystemGetDriverVersion",
    "nvmlSystemGetCudaDriverVersion_v2",
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetPciInfo_v3",
    "nvmlDeviceGetMemoryInfo",
    "nvmlDeviceGetCudaComputeCapability",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetMaxMigDeviceCount",
    "nvmlDeviceGetMigDeviceHandleByIndex",
    "nvmlDeviceGetComputeMode",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetRetiredPagesPendingStatus",
    "nvmlDeviceGetCurrPcieLinkWidth",
    "nvmlDeviceGetMaxPcieLinkWidth",
    "nvmlDeviceGetPerformanceState",
    "nvmlDeviceGetTemperature",
    "nvmlDeviceGetUtilizationRates",
    "nvmlDeviceGetTotalEccErrors",
    "nvmlDeviceGetRemappedRows",
    "nvmlDeviceGetGpuFabricInfoV",
    "nvmlDeviceGetComputeRunningProcesses_v3",
)


def remark(*words: str) -> Callable[[Visit], None]:
    """What is well, or could not be told, is said with these words."""

    def look(visit: Visit) -> None:
        said = [found["message"] for found in visit.findings("pass", "skip", "unknown")]
        assert any(all(word in text for word in words) for text in said), said

    return look


def well(id: str, make: Callable[[Ward], object], *words: str) -> Patient:
    return sick(id, make, also=remark(*words))


PATIENTS = [
    well("eight in order", eight(), "all 8 GPUs answer"),
    well("slices", box(A100.but(mig=SLICES)), "split into 3 slices"),
    well("a slice is chosen", box(A100.but(mig=SLICES), FAKE_CUDA_MIG=SLICES, CUDA_VISIBLE_DEVICES="MIG-2222-bbbb"), "3 slices"),
    well("one of eight is split", eight(A100.but(mig="MIG-1111-aaaa"), FAKE_CUDA_GPUS="8"), "split into 1 slice"),
    well("a slice is full", box(A100.but(mig=SLICES, used=40900)), "split into 3 slices"),
    well("own program has the memory", used(box(FULL.but(pids="PID:11800")), own=True), "of 12.0 GiB are free"),
    well("own program in a container has the memory", contained(own=True), "0.3 of 12.0 GiB are free"),
    well("a game has the memory", box(FULL), "0.3 of 12.0 GiB are free"),
    well("small programs beside a game", used(box(FULL.but(pids="PID:300"))), "0.3 of 12.0 GiB are free"),
    well("Windows tells no sizes", used(box(FULL.but(pids="PID"))), "0.3 of 12.0 GiB are free"),
    well("another card is taken", used(box(RTX_3060, FULL.but(pids="PID:11800"))), "11.0 of 12.0 GiB are free on GPU 0"),
    well("the taken card is not shown", used(box(FULL.but(pids="PID:11800"), RTX_3060, CUDA_VISIBLE_DEVICES="1")), "GPU 1"),
    well("which of two is first is not known", used(box(FULL.but(pids="PID:11800"), RTX_4090)), "GiB are free"),
    well("unified memory", box(FAKE_NVML_FAIL="nvmlDeviceGetMemoryInfo=3"), "does not report free memory"),
    well("exclusive and free", box(RTX_3060.but(mode=3)), "one program at a time"),
    well("exclusive and own", used(box(RTX_3060.but(mode=3, pids="PID:800")), own=True), "one program at a time"),
    well(
        "exclusive and shared", used(box(RTX_3060.but(mode=3, pids="PID:30")), "nvidia-cuda-mps-server"), "one program at a time"
    ),
    well("one of eight is exclusive and taken", used(eight(A100.but(mode=3, pids="PID:800"))), "one program at a time"),
    well("idle and slow", box(RTX_3060.but(slow=1 | HOT | BRAKE, width=4, state=8)), "no GPU is slowed down"),
    well("at its power limit", box(RTX_3060.but(slow=0x4, busy=100, state=2)), "no GPU is slowed down"),
    well("clocks change for a moment", box(RTX_3060.but(slow=ANY)), "no GPU is slowed down"),
    well("old errors were dealt with", box(A100.but(ecc=0, rows=0, pages=0)), "no hardware errors"),
    well("programs that made errors of their own", logged(13, 31, 43, 45, 63, 94), "no hardware errors"),
    well("errors of a card that is gone", logged(79, bus="41"), "no hardware errors"),
    well(
        "seven of eight are somebody else's",
        eight(FAKE_NVML_FAIL=",".join(f"nvmlDeviceGetHandleByIndex_v2@{n}=4" for n in range(7))),
        "the GPU answers",
    ),
    well("a card that says nothing clear", box(RTX_3060, RTX_3060.but(lost=999)), "NVML code 999"),
    well("the driver stops while it is asked", box(FAKE_NVML_HANG="nvmlDeviceGetRemappedRows"), "nvmlDeviceGetRemappedRows"),
    well("only the oldest functions", box(FAKE_NVML_FAIL=",".join(f"{name}=13" for name in FUNCTIONS[7:])), "the GPU answers"),
    *(well(f"{name} is not supported", box(A100, A100, FAKE_NVML_FAIL=f"{name}=3"), "all 2 GPUs answer") for name in FUNCTIONS),
]
