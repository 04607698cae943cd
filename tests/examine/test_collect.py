"""The collector: whatever a probe does, there is an answer in time, and nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from mlenv_doctor.examine import shipping
from mlenv_doctor.examine.answers import read_answers, signal_name, tail
from mlenv_doctor.examine.collect import Collector, Outcome, Task, first_tasks, merge
from mlenv_doctor.examine.room import File, Room
from mlenv_doctor.facts import Fact, Missing, Why
from mlenv_doctor.foreign.clean import Cleaner
from mlenv_doctor.patient import Python

NAP = f"31.{os.getpid()}"  # a nap nobody else takes


@dataclass(frozen=True)
class First(Fact):
    section: ClassVar[str] = "first"
    probe: ClassVar[str] = "made_up.probes.first"
    shared: ClassVar[bool] = True
    word: str = ""


@dataclass(frozen=True)
class Second(Fact):
    section: ClassVar[str] = "second"
    probe: ClassVar[str] = "made_up.probes.second"
    shared: ClassVar[bool] = True
    word: str = ""


@dataclass(frozen=True)
class Third(Fact):
    section: ClassVar[str] = "third"
    probe: ClassVar[str] = "made_up.probes.third"
    shared: ClassVar[bool] = True
    word: str = ""


GOOD = "def read_{0}(question): return {{'word': '{0}'}}"


class Written(dict[str, str]):
    """The probes of a test, by name: each is a module of a package that the doctor can import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setitem__(self, name: str, source: str) -> None:
        super().__setitem__(name, source)
        (self.folder / f"{name}.py").write_text(source)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Written:
    """The programs of the probes, to be written by the test; each is well as long as it is not."""
    folder = tmp_path / "made_up/probes"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_up"]:
        del sys.modules[name]
    shipping.imported.cache_clear()
    shipping.module.cache_clear()
    written = Written(folder)
    for name in ("first", "second", "third"):
        written[name] = GOOD.format(name)
    return written


@pytest.fixture(autouse=True)
def nothing_survives() -> Iterator[None]:
    yield
    left = [p.pid for p in psutil.process_iter(["cmdline"]) if NAP in " ".join(p.info["cmdline"] or ())]
    assert left == []


def run(
    *kinds: type[Fact], timeout: float | None = None, budget: float = 60.0, target: str = sys.executable
) -> dict[type[Fact], object]:
    collector = Collector((target,), {"project": "/"}, Cleaner(), time.monotonic() + budget, timeout)
    outcomes = collector.run([Task(kinds, "test", 20.0)], lambda outcome: ())
    return dict(merge(outcomes))


def test_all_is_well(programs: dict[str, str]) -> None:
    assert run(First, Second) == {First: First("first"), Second: Second("second")}


HANG = f"import subprocess; subprocess.run(['sleep', '{NAP}'])"
DAEMON = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '{NAP}'])
    os._exit(0)
time.sleep(0.3)
"""
FAULTS = {
    "hangs": (f"import time; time.sleep({NAP})", Why.TIMEOUT, "within 2 s"),
    "hangs in a grandchild": (HANG, Why.TIMEOUT, "within 2 s"),
    "ignores SIGTERM": (f"import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep({NAP})", Why.TIMEOUT, "within 2 s"),
    "is killed": ("import os; os.kill(os.getpid(), 11)", Why.KILLED, "SIGSEGV"),
    "ends itself": ("import os; os._exit(7)", Why.NO_ANSWER, "exit code 7"),
    "raises": ("raise ValueError('hm')", Why.ERROR, "could not be read"),
    "calls sys.exit": ("import sys; sys.exit(0)", Why.ERROR, "could not be read"),
    "answers nonsense": ("return {'word': 3}", Why.ERROR, "an invalid answer"),
    "leaves a daemon": (DAEMON + "\nos._exit(3)", Why.NO_ANSWER, "exit code 3"),
}


def body(code: str) -> str:
    return "def read_first(question):\n" + "\n".join("    " + line for line in code.splitlines())


@pytest.mark.parametrize(("code", "kind", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_becomes_a_reason_in_time(programs: dict[str, str], code: str, kind: str, says: str) -> None:
    programs["first"] = body(code)
    started = time.monotonic()
    missing = run(First, timeout=2.0)[First]
    assert isinstance(missing, Missing) and missing.kind == kind and says in missing.reason + missing.detail, missing
    assert time.monotonic() - started < 5


NOISES = {
    "300 kB": "import sys; sys.stdout.write('x' * 300000); sys.stderr.write('y' * 300000)",
    "what looks like an answer": 'print(\'{"section": "first", "facts": {"word": "lie"}}\')',
    "bytes that are no text": "import os; os.write(1, bytes(range(256)))",
    "closed streams": "import os; [os.close(n) for n in (0, 1, 2)]",
}


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES.keys())
def test_noise_spoils_nothing(programs: dict[str, str], noise: str) -> None:
    programs["first"] = body(noise + "\nreturn {'word': 'truth'}")
    assert run(First)[First] == First("truth")


@pytest.mark.parametrize(
    ("code", "kind"), [("import os; os._exit(9)", Why.NO_ANSWER), (HANG, Why.TIMEOUT)], ids=["crash", "hang"]
)
def test_what_breaks_a_shared_process_takes_nobody_with_it(programs: dict[str, str], code: str, kind: str) -> None:
    programs["second"] = body(code).replace("first", "second")
    found = run(First, Second, Third, timeout=2.0)
    assert found[First] == First("first") and found[Third] == Third("third")
    assert isinstance(found[Second], Missing) and found[Second].kind == kind


def test_a_target_that_does_not_start_is_asked_once(programs: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    shim = tmp_path / "python"
    shim.write_text(f"#!/bin/sh\necho started >> {log}\nexit 3\n")
    shim.chmod(0o755)
    found = run(First, Second, target=str(shim))
    assert {fact.kind for fact in found.values()} == {Why.NO_ANSWER}  # type: ignore[attr-defined]
    assert log.read_text() == "started\n"


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    missing = run(Python, target=str(tmp_path / "nowhere"))[Python]
    assert isinstance(missing, Missing) and missing.kind == Why.NOT_STARTED and missing.detail == "No such file or directory"


def test_the_budget_ends_everything(programs: dict[str, str]) -> None:
    programs["first"] = body(HANG)
    collector = Collector((sys.executable,), {"project": "/"}, Cleaner(), time.monotonic() + 1.5)
    started = time.monotonic()
    late = Task((Second,), "late", 20.0, heavy=True)
    first = Task((First,), "first", 20.0, heavy=True, weight=9)
    outcomes = merge(collector.run([first], lambda outcome: [late] if outcome.task is first else ()))
    assert time.monotonic() - started < 3.5
    assert outcomes[First].kind == Why.BUDGET  # type: ignore[union-attr]
    assert outcomes[Second].kind == Why.BUDGET  # type: ignore[union-attr]


@dataclass(frozen=True)
class Errand(Fact):
    section: ClassVar[str] = "deed"
    probe: ClassVar[str] = "made_up.probes.deed"
    deep: ClassVar[bool] = True
    word: str = ""


def test_real_work_has_a_folder_of_its_own_that_is_gone_afterwards(
    programs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    write = "import os; open(os.path.join(question['work'], 'left'), 'w').close()"
    for end in ("return {'word': question['work']}", "os._exit(3)"):
        programs["deed"] = f"def read_deed(question):\n    {write}\n    {end}"
        found = run(Errand)[Errand]
        assert isinstance(found, Missing) or found.word.startswith(str(place))  # type: ignore[attr-defined]
        assert list(place.iterdir()) == []
    programs["first"] = body("return {'word': question['work']}")
    assert run(First)[First] == First("")


def test_real_work_ends_in_its_own_time_and_nothing_else_does(programs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlenv_doctor.examine.collect.DEEP", 1.0)
    programs["deed"] = f"def read_deed(question):\n    import time; time.sleep({NAP})"
    programs["first"] = body("import time; time.sleep(1.6); return {'word': 'first'}")
    collector = Collector((sys.executable,), {"project": "/"}, Cleaner(), time.monotonic() + 60)
    tasks = [Task((Errand,), f"deed {n}", 20.0, heavy=True) for n in range(9)] + [Task((First,), "first", 20.0)]
    outcomes = collector.run(tasks, lambda outcome: ())
    assert merge(outcomes)[First] == First("first")
    said = {outcome.facts[Errand].reason for outcome in outcomes if Errand in outcome.facts}  # type: ignore[union-attr]
    assert said == {"did not end within the time budget", "was not reached within the 1 s for real work"}


def test_a_killed_process_that_ends_late_confuses_nobody(programs: dict[str, str]) -> None:
    programs["first"] = body(HANG)
    collector = Collector((sys.executable,), {"project": "/"}, Cleaner(), time.monotonic() + 60, 1.0)

    def follow(outcome: Outcome) -> list[Task]:
        return [Task((Second,), "second", 20.0)] if First in outcome.facts else []

    assert merge(collector.run([Task((First,), "first", 20.0)], follow))[Second] == Second("second")


def test_no_file_of_ours_has_a_name(programs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path = tmp_path / "temporary"
    tmp_path.mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    seen: list[list[Path]] = []
    programs["first"] = body("return {'word': 'x'}")
    collector = Collector((sys.executable,), {"project": "/"}, Cleaner(), time.monotonic() + 60)
    collector.waiting = lambda labels: seen.append(list(tmp_path.iterdir()))
    collector.run([Task((First,), "test", 20.0)], lambda outcome: ())
    assert seen and all(there == [] for there in seen) and list(tmp_path.iterdir()) == []


def test_the_room_is_never_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(*, dir: str, buffering: int) -> str:
        tried.append(dir)
        raise OSError(30, "Read-only file system")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OSError, match="no folder for temporary files"):
        Room()
    assert tried[0] == "/nowhere" and tried[-3:] == ["/tmp", "/var/tmp", "/dev/shm"] and str(tmp_path) not in tried


def test_a_folder_on_a_full_disk_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, other = tmp_path / "full", tmp_path / "other"
    full.mkdir(), other.mkdir()
    monkeypatch.setenv("TMPDIR", str(full))
    monkeypatch.setenv("TEMP", str(other))
    make = tempfile.TemporaryFile

    def refuse(*, dir: str, buffering: int) -> object:
        return open("/dev/full", "wb", buffering=0) if dir == str(full) else make(dir=dir, buffering=buffering)

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with Room() as room:
        assert room.folder == str(other) and list(full.iterdir()) == []


def test_without_any_room_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OSError, match="no folder for temporary files"):
        run(First)


def test_who_talks_without_end_does_not_fill_the_disk(
    programs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("mlenv_doctor.examine.collect.LOUDEST", 1 << 20)
    loud = "import sys, time\nfor _ in range(40): sys.stdout.write('x' * 100000 + '\\n'); sys.stdout.flush(); time.sleep(0.03)"
    programs["first"] = body(loud + "\nimport os; print('last words'); sys.stdout.flush(); time.sleep(0.6); os._exit(3)")
    sizes: list[int] = []
    empty = File.empty

    def watch(self: File) -> None:
        empty(self)
        sizes.append(self.disk())

    monkeypatch.setattr(File, "empty", watch)
    missing = run(First)[First]
    assert isinstance(missing, Missing) and missing.detail.endswith("last words")
    assert sizes and max(sizes) <= 1 << 20


def test_it_tells_what_it_waits_for(programs: dict[str, str]) -> None:
    told: list[tuple[str, ...]] = []
    collector = Collector((sys.executable,), {"project": "/"}, Cleaner(), time.monotonic() + 60, waiting=told.append)
    collector.run([Task((First,), "first thing", 20.0)], lambda outcome: ())
    assert ("first thing",) in told


@pytest.mark.parametrize("where", ["target", "host"])
def test_no_bytecode_is_written(programs: dict[str, str], monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(First, "where", where)
    programs["first"] = body("import sys\nreturn {'word': str(sys.dont_write_bytecode)}")
    assert run(First)[First] == First("True")


def test_an_answer_nested_without_end_is_none() -> None:
    good = '{"section": "first", "token": "t", "facts": {}}\n'
    assert read_answers(("[" * 100_000 + "\n" + good + '"cut of').encode(), Cleaner(), {"first": "t"}) == {
        "first": {"section": "first", "facts": {}}
    }


@pytest.mark.parametrize("token", ['"token": "another", ', "", '"token": null, ', '"token": ["t"], '])
def test_an_answer_without_its_token_is_none(token: str) -> None:
    line = f'{{"section": "first", {token}"facts": {{}}}}'
    assert read_answers(line.encode(), Cleaner(), {"first": "t", "second": "another"}) == {}


def test_an_old_python_knows_no_token_and_can_say_nothing_but_that() -> None:
    old = b'{"section": "*", "kind": "too-old", "reason": "is Python 2.7"}\n{"section": "*", "facts": {"word": "forged"}}'
    assert read_answers(old, Cleaner(), {"first": "t"})["*"]["reason"] == "is Python 2.7"
    assert read_answers(old.splitlines()[1], Cleaner(), {"first": "t"}) == {}


def test_a_library_writes_no_file_without_end(programs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlenv_doctor.examine.processes.LARGEST_FILE", 1 << 20)
    flood = "import os, sys\nfor _ in range(64): os.write(int(sys.argv[1]), b'x' * (1 << 16))\nreturn {'word': 'x'}"
    programs["first"] = body(flood)
    missing = run(First)[First]
    assert isinstance(missing, Missing)


def test_the_end_of_what_was_said_begins_with_a_whole_line() -> None:
    log = b"secret-in-two\n" + b"x" * 10
    assert tail(log, 15) == "x" * 10 and tail(log).startswith("secret") and tail(b"") == ""


def test_shared_sections_go_together_and_the_risky_ones_last() -> None:
    @dataclass(frozen=True)
    class Risky(Fact):
        section: ClassVar[str] = "risky"
        probe: ClassVar[str] = "risky"
        timeout: ClassVar[float] = 3.0
        shared: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Alone(Fact):
        section: ClassVar[str] = "alone"
        probe: ClassVar[str] = "alone"

    tasks = first_tasks([Risky, First, Alone, Second])
    assert [task.kinds for task in tasks] == [(First, Second, Risky), (Alone,)]
    hasty = first_tasks([Alone, Risky, First, Second], quick=True)
    assert [task.kinds for task in hasty] == [(First, Second, Risky, Alone)] and hasty[0].timeout == Fact.timeout


def test_signals_have_names() -> None:
    assert signal_name(11) == "SIGSEGV" and signal_name(99) == "signal 99"


def test_the_doctor_does_not_kill_itself() -> None:
    from mlenv_doctor.examine.processes import MARK, clear_away

    os.environ[MARK] = "mine"
    try:
        clear_away("mine")
    finally:
        del os.environ[MARK]


def test_a_doctor_in_another_container_is_not_gone() -> None:
    """What it started is seen from outside, under a number that is not its own there; only who is gone is tidied up after."""
    from mlenv_doctor.examine.processes import MARK, clear_away, new_mark

    where = new_mark().partition("-")[0]
    marks = {"1-1.1.ab": None, f"{where}-{os.getpid()}.1.ab": -9, new_mark(): None, "nonsense": None}
    started = {m: subprocess.Popen(["sleep", "30"], env={"PATH": os.environ["PATH"], MARK: m}) for m in marks}
    try:
        clear_away("mine")
        assert started[f"{where}-{os.getpid()}.1.ab"].wait(10) == -9
        assert {mark: process.poll() for mark, process in started.items()} == marks
    finally:
        for process in started.values():
            process.kill()
            process.wait()
