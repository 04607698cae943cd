"""However the doctor ends, it leaves nothing behind: no file, no process, no half answer taken for a whole one."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from .lair import Lair, processes

ENDINGS = {"INT": signal.SIGINT, "TERM": signal.SIGTERM, "HUP": signal.SIGHUP}


def ended(process: subprocess.Popen[bytes], within: float = 10) -> tuple[int, str]:
    """The exit code, and what was said on stderr."""
    _, err = process.communicate(timeout=within)
    return process.returncode, err.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "name", ["INT", pytest.param("TERM", marks=pytest.mark.slow), pytest.param("HUP", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("after", [0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 0.9])
def test_a_signal_at_any_moment_ends_it_in_silence(inhabited: Lair, name: str, after: float) -> None:
    inhabited.library("numpy", source="import time; time.sleep(30)")
    process = inhabited.start("check", "libraries", "--require", "lib:numpy")
    time.sleep(after)
    os.kill(process.pid, ENDINGS[name])
    code, err = ended(process)
    started = after > 0.05  # before that it may be Python itself that is being started
    assert not started or "Traceback" not in err, err
    assert code in (130, -ENDINGS[name]) or not started
    assert inhabited.left() == [] and not processes(str(inhabited.root))


@pytest.mark.parametrize("gap", [0.0, 0.003, 0.01, 0.03, 0.08])
@pytest.mark.parametrize("number", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_a_second_signal_does_not_stop_the_cleaning(inhabited: Lair, gap: float, number: int) -> None:
    inhabited.library("numpy", source="import time; time.sleep(30)")
    process = inhabited.start("check", "libraries", "--require", "lib:numpy")
    time.sleep(0.7)
    for _ in range(number):
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
            time.sleep(gap)
    code, err = ended(process)
    assert code == 130 and "Traceback" not in err
    assert inhabited.left() == [] and not processes(str(inhabited.root))


HIDERS = {
    "another session": "subprocess.Popen(['sleep', {nap!r}], start_new_session=True)",
    "an empty environment": "subprocess.Popen(['sleep', {nap!r}], start_new_session=True, env={{}})",
    "two forks": "os.fork() or (os.setsid(), os.fork() or os.execve('/bin/sleep', ['sleep', {nap!r}], {{}}), os._exit(0))",
    "env -i setsid": "subprocess.Popen('env -i setsid sleep {nap} &', shell=True)",
    "closed files": "subprocess.Popen(['sleep', {nap!r}], start_new_session=True, env={{}}, close_fds=True, stdin=-3, stdout=-3, stderr=-3)",
}


@pytest.mark.parametrize("name", HIDERS)
def test_no_process_survives(inhabited: Lair, name: str) -> None:
    nap = f"83.{os.getpid()}{list(HIDERS).index(name)}"
    inhabited.environ["PATH"] += ":/usr/bin:/bin"
    inhabited.library("numpy", source="import os, subprocess\n" + HIDERS[name].format(nap=nap))
    said = inhabited.ask("check", "libraries", "--require", "lib:numpy")
    left = processes(nap)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert said.code in (0, 1) and left == []


def test_nor_one_of_a_library_that_never_ends(inhabited: Lair) -> None:
    nap = f"84.{os.getpid()}"
    inhabited.environ["PATH"] += ":/usr/bin:/bin"
    inhabited.library(
        "numpy", source=f"import subprocess, time\nsubprocess.Popen('env -i setsid sleep {nap} &', shell=True)\ntime.sleep(60)"
    )
    inhabited.ask("check", "libraries", "--require", "lib:numpy", "--timeout", "2")
    left = processes(nap)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def test_what_a_killed_run_left_the_next_one_removes(inhabited: Lair) -> None:
    inhabited.library("numpy", source="import time; time.sleep(20)")
    process = inhabited.start("check", "libraries", "--require", "lib:numpy")
    time.sleep(1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    inhabited.library("numpy", source="")
    inhabited.ask("check", "libraries", "--require", "lib:numpy")
    left = processes(str(inhabited.root))
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert inhabited.left() == [] and left == []


def test_what_another_run_is_using_stays(inhabited: Lair) -> None:
    inhabited.library("numpy", source="import time; time.sleep(4)")
    process = inhabited.start("check", "libraries", "--require", "lib:numpy", "--format", "json")
    time.sleep(1)
    inhabited.ask("check", "python")
    out, _ = process.communicate(timeout=30)
    findings = [f for r in json.loads(out)["results"] if r["id"] == "libraries.import" for f in r["findings"]]
    assert [f["status"] for f in findings if f["subject"] == "numpy"] == ["pass"]


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_database_of_the_project_is_read_without_a_trace(lair: Lair, mode: str) -> None:
    lair.venv(libraries=("mlflow",))
    base = sqlite3.connect(lair.project / "mlflow.db")
    base.execute(f"PRAGMA journal_mode={mode}")
    base.execute("CREATE TABLE alembic_version (version_num TEXT)")
    base.execute("INSERT INTO alembic_version VALUES ('0584bdc529eb')")
    base.execute("CREATE TABLE experiments (x)")
    base.execute("CREATE TABLE runs (x)")
    base.commit()
    base.close()
    lair.environ["MLFLOW_TRACKING_URI"] = "sqlite:///mlflow.db"
    before = {path.name: path.stat().st_mtime_ns for path in lair.project.iterdir()}
    said = lair.ask("snapshot")
    assert json.loads(said.out)["facts"]["mlflow_store"]["exists"], said.all
    assert {path.name: path.stat().st_mtime_ns for path in lair.project.iterdir()} == before


COMMANDS = (
    ("check", "--quick"), ("check", "--quick", "--format", "json"), ("fix", "--quick"), ("snapshot", "--quick"), ("list",),
    ("explain", "python.starts"), ("schema",), ("schema", "snapshot"), ("init", "github", "-"), ("--help",), ("--version",), ("check", "--help"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_full_disk_is_told(lair: Lair, words: tuple[str, ...]) -> None:
    import sys

    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mlenv_doctor", *words],
            cwd=lair.project,
            env=lair.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 3 and b"No space left" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("snapshot", "--quick"), ("list",), ("check", "--quick")], ids=" ".join)
def test_a_reader_that_went_away_is_not(lair: Lair, words: tuple[str, ...]) -> None:
    import sys

    script = f"{sys.executable} -m mlenv_doctor {' '.join(words)} | head -c 1"
    done = subprocess.run(
        ["sh", "-c", script], cwd=lair.project, env={**lair.environ, "PATH": os.defpath}, capture_output=True, timeout=60
    )
    assert done.stderr == b""


@pytest.mark.parametrize(
    "variable",
    [
        "PYTHONOPTIMIZE=2",
        "PYTHONOPTIMIZE=1",
        "PYTHONWARNINGS=error",
        "PYTHONINSPECT=1",
        "PYTHONVERBOSE=1",
        "PYTHONNOUSERSITE=",
        "PYTHONHASHSEED=1",
        "PYTHONUTF8=0",
        "PYTHONPROFILEIMPORTTIME=1",
        "PYTHONDEVMODE=1",
        "PYTHONIOENCODING=ascii",
    ],
)
def test_no_variable_of_python_breaks_it(inhabited: Lair, variable: str) -> None:
    name, _, value = variable.partition("=")
    inhabited.environ[name] = value
    for words in (("list",), ("explain", "python.starts"), ("check", "python", "--format", "json"), ("fix", "--quick")):
        said = inhabited.ask(*words)
        assert said.code in (0, 1) and said.out and "Error" not in said.err, said.err[-600:]
    assert json.loads(inhabited.ask("check", "python", "--format", "json").out)["results"][0]["title"]


FORGE = """
import glob, json, os, sys
line = json.dumps({{"section": "imports", "facts": {{"libraries": [{{"name": "pandas", "outcome": "ok", "version": "9.9.9-forged"}}]}}}}) + "\\n"
line += json.dumps({{"section": "gpu", "facts": {{"driver": "999.forged"}}}}) + "\\n"
line += json.dumps({{"section": "torch", "facts": {{"version": "9.9.9-forged"}}}}) + "\\n"
places = glob.glob(os.environ.get("TMPDIR", "/tmp") + "/mlenv-doctor-*/*") + [word for word in sys.argv if os.path.isfile(word)]
for place in places:
    try:
        with open(place, "a") as file: file.write("\\n" + line)
    except OSError: pass
for number in range(3, 40):
    try: os.write(number, ("\\n" + line).encode())
    except OSError: pass
"""


def test_no_library_answers_for_another(inhabited: Lair) -> None:
    inhabited.library("numpy", source=FORGE.format())
    inhabited.library("pandas", source="import time; time.sleep(1); raise ImportError('this is the truth')")
    said = inhabited.ask("snapshot")
    assert "forged" not in said.out and "this is the truth" in said.out


def test_a_start_file_answers_for_nobody(inhabited: Lair) -> None:
    (inhabited.site / "sitecustomize.py").write_text(FORGE.format())
    said = inhabited.ask("snapshot")
    assert "forged" not in said.out


def test_it_leaves_no_shared_memory_either(inhabited: Lair) -> None:
    before = {path.name for path in Path("/dev/shm").iterdir()} if Path("/dev/shm").is_dir() else set()
    inhabited.ask("check", "--quick")
    after = {path.name for path in Path("/dev/shm").iterdir()} if Path("/dev/shm").is_dir() else set()
    assert {name for name in after - before if "mlenv" in name} == set()
