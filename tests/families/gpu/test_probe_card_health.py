"""How the probe of the cards reads their health: from an NVML that says what it is told, and from made-up /proc and /dev."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from families.gpu.test_probe_gpu import on_bus
from lab.fakes import nvml
from lab.gpu_box import A100, RTX_3060
from mlenv_checks.gpu.facts import CardHealth, Gpu, Program, Slice
from support.probing import probe

MIB = 1 << 20
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def read(root: Path, *cards: object, **env: str) -> Gpu:
    """What the probe finds on a machine with these cards."""
    environ = {"LD_LIBRARY_PATH": str(nvml()), "FAKE_NVML_GPUS": "|".join(map(str, cards)), **env}
    found = probe(Gpu, env=environ, root=str(root), patience=2.0)
    assert isinstance(found, Gpu), found
    return found


def health(root: Path, card: object = RTX_3060, **env: str) -> CardHealth:
    return read(root, card, **env).cards[0].health


def namespace(root: Path, number: int = 4026531836) -> None:
    """Let the probe count processes as the machine does."""
    (root / "proc/self/ns").mkdir(parents=True)
    (root / "proc/self/ns/pid").symlink_to(f"pid:[{number}]")


def process(root: Path, pid: int, name: str = "python3", holds: str = "", parent: int = 1, uid: int | None = None) -> None:
    """A process of this made-up machine."""
    folder = root / "proc" / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 1 1\n")
    if holds:
        (folder / "fd/3").symlink_to(holds)
    if uid is not None:
        os.chown(folder, uid, uid)


def log(root: Path, *lines: str) -> None:
    (root / "dev").mkdir(exist_ok=True)
    (root / "dev/kmsg").write_text("".join(f"4,1,1,-;{line}\n" for line in lines))


def test_everything_that_a_card_tells(tmp_path: Path) -> None:
    words = {"used": 2048, "slow": "0x48", "busy": 97, "temp": 88, "width": 8, "state": 2, "fabric": 3}
    found = health(tmp_path, A100.but(ecc=2, rows=3, pages=1, pids="7:300", mig="MIG-1,MIG-2", **words))
    assert found == CardHealth(
        free=38912 * MIB,
        used=2048 * MIB,
        programs=(Program(7, 300 * MIB),),
        slices=(Slice("MIG-1", 40960 * MIB), Slice("MIG-2", 40960 * MIB)),
        uncorrected=2,
        pages_pending=True,
        rows_pending=True,
        rows_failed=True,
        slowdown=0x48,
        busy=97,
        temperature=88,
        width=8,
        widest=16,
        power_state=2,
        fabric=3,
    )


@pytest.mark.parametrize(
    ("function", "field"),
    [
        ("nvmlDeviceGetRemappedRows", "rows_pending"),
        ("nvmlDeviceGetTotalEccErrors", "uncorrected"),
        ("nvmlDeviceGetRetiredPagesPendingStatus", "pages_pending"),
        ("nvmlDeviceGetMemoryInfo", "free"),
        ("nvmlDeviceGetComputeRunningProcesses_v3", "programs"),
        ("nvmlDeviceGetCurrentClocksEventReasons", "slowdown"),
        ("nvmlDeviceGetUtilizationRates", "busy"),
        ("nvmlDeviceGetTemperature", "temperature"),
        ("nvmlDeviceGetCurrPcieLinkWidth", "width"),
        ("nvmlDeviceGetMaxPcieLinkWidth", "widest"),
        ("nvmlDeviceGetPerformanceState", "power_state"),
        ("nvmlDeviceGetGpuFabricInfoV", "fabric"),
    ],
)
@pytest.mark.parametrize("code", [3, 13])
def test_what_is_refused_is_not_known_and_the_rest_is(tmp_path: Path, function: str, field: str, code: int) -> None:
    card = A100.but(pages=0, fabric=1)
    before, after = health(tmp_path, card), health(tmp_path, card, FAKE_NVML_FAIL=f"{function}={code}")
    changed = {name for name in CardHealth.__dataclass_fields__ if getattr(before, name) != getattr(after, name)}
    assert field in changed
    assert getattr(before, field) is not None
    assert all(getattr(after, name) is None for name in changed)


@pytest.mark.parametrize("code", [15, 16])
def test_a_card_may_be_lost_in_any_function(tmp_path: Path, code: int) -> None:
    for function in ("nvmlDeviceGetName", "nvmlDeviceGetTemperature"):
        found = read(tmp_path, A100, A100, FAKE_NVML_FAIL=f"{function}@1={code}")
        assert [card.error for card in found.cards] == [None, code]


def test_a_lost_card_is_named_by_what_the_kernel_remembers(tmp_path: Path) -> None:
    for bus in ("0000:01:00.0", "0000:02:00.0", "0000:03:00.0"):
        on_bus(tmp_path, bus, "10de", "20b0")
    on_bus(tmp_path, "0000:00:02.0", "8086", "a780")
    folder = tmp_path / "proc/driver/nvidia/gpus/0000:02:00.0"
    folder.mkdir(parents=True)
    (folder / "information").write_text("Model: \t\t NVIDIA A100\nGPU UUID: \t GPU-0123abcd-00ff\nBus Type: \t PCIe\n")
    found = read(tmp_path, A100, A100.but(lost=15), A100).cards[1]
    assert (found.error, found.bus, found.uuid, found.name) == (15, "0000:02:00.0", "GPU-0123abcd-00ff", "NVIDIA A100")
    (folder / "information").write_text("GPU UUID: \t GPU-????????-????\n")
    assert read(tmp_path, A100, A100.but(lost=15), A100).cards[1].uuid == ""


def test_a_lost_card_is_not_named_at_random(tmp_path: Path) -> None:
    for bus in ("0000:02:00.0", "0000:03:00.0"):
        on_bus(tmp_path, bus, "10de", "20b0")
    assert read(tmp_path, A100, A100.but(lost=15)).cards[1].bus == ""


@pytest.mark.parametrize("function", ["nvmlDeviceGetRemappedRows", "nvmlDeviceGetComputeRunningProcesses_v3"])
def test_a_card_that_hangs_takes_neither_the_list_nor_much_time(tmp_path: Path, function: str) -> None:
    started = time.monotonic()
    found = read(tmp_path, A100, A100, FAKE_NVML_HANG=function)
    assert (found.stuck, found.silent, [card.name for card in found.cards]) == (function, None, [A100.name] * 2)
    assert time.monotonic() - started < 10


def test_a_card_that_hangs_before_it_is_known(tmp_path: Path) -> None:
    found = read(tmp_path, A100, FAKE_NVML_HANG="nvmlDeviceGetName")
    assert (found.silent, found.stuck, found.cards) == (2.0, "", ())


def test_programs_are_named_where_their_numbers_are_those_of_the_machine(tmp_path: Path) -> None:
    namespace(tmp_path)
    process(tmp_path, 7, "python3")
    process(tmp_path, 8, "trainer", uid=12345 if os.geteuid() == 0 else None)
    found = read(tmp_path, RTX_3060.but(pids="7:100,8:200,9:300"))
    assert not found.foreign
    assert found.cards[0].health.programs == (
        Program(7, 100 * MIB, "python3", own=True),
        Program(8, 200 * MIB, "trainer", own=os.geteuid() != 0),
        Program(9, 300 * MIB),
    )


def test_in_a_container_the_numbers_are_of_other_programs(tmp_path: Path) -> None:
    namespace(tmp_path, 4026532999)
    process(tmp_path, 7)
    found = read(tmp_path, RTX_3060.but(pids="7:100"))
    assert found.foreign
    assert found.cards[0].health.programs == (Program(7, 100 * MIB),)


def test_own_programs_are_looked_for_where_it_matters(tmp_path: Path) -> None:
    process(tmp_path, 7, "trainer", holds="/dev/nvidia0")
    process(tmp_path, 8, "shell", holds="/dev/null")
    process(tmp_path, 9, "asking", holds="/dev/nvidiactl")
    process(tmp_path, 10, "probe", holds="/dev/nvidia0", parent=os.getpid())
    process(tmp_path, os.getpid(), "doctor", holds="/dev/nvidia0")
    trainer = (Program(7, None, "trainer", own=True),)
    assert read(tmp_path, RTX_3060).mine == ()
    assert read(tmp_path, RTX_3060.but(used=12000)).mine == trainer
    assert read(tmp_path, RTX_3060.but(mode=3)).mine == trainer


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a folder away")
def test_programs_of_others_are_not_own(tmp_path: Path) -> None:
    process(tmp_path, 7, "trainer", holds="/dev/nvidia0", uid=12345)
    assert read(tmp_path, RTX_3060.but(mode=3)).mine == ()


def test_a_real_program_that_holds_a_card(tmp_path: Path) -> None:
    """Through the real /proc; what it holds is only called as a card is."""
    with subprocess.Popen(SLEEP) as sleeper:
        try:
            found = read(Path("/"), RTX_3060.but(pids=f"{sleeper.pid}:100"))
            if not found.foreign:
                assert found.cards[0].health.programs == (Program(sleeper.pid, 100 * MIB, found_name(sleeper.pid), own=True),)
        finally:
            sleeper.kill()


def found_name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_the_kernel_log_is_read_by_card(tmp_path: Path) -> None:
    log(
        tmp_path,
        "Linux version 6",
        "NVRM: Xid (PCI:0000:01:00): 79, pid=1, GPU has fallen off the bus.",
        "NVRM: Xid (PCI:0000:01:00): 31, pid=1",
        "NVRM: Xid (PCI:0000:01:00): 79, pid=2",
        "NVRM: Xid (PCI:0000:02:00 GPU-I:05): 94, Contained",
        "NVRM: GPU at PCI:0000:01:00: GPU-1",
    )
    found = read(tmp_path, A100, A100, A100)
    assert ([card.health.xids for card in found.cards], found.stuck) == ([(31, 79), (94,), ()], "")


def test_a_log_that_may_not_be_read(tmp_path: Path) -> None:
    assert health(tmp_path).xids is None
    (tmp_path / "dev").mkdir()
    os.mkfifo(tmp_path / "dev/kmsg")
    assert health(tmp_path).xids is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to read the kernel log")
def test_the_real_log_has_an_end() -> None:
    started = time.monotonic()
    assert health(Path("/")).xids in (None, ())
    assert time.monotonic() - started < 10
