"""The program as people call it: good input, bad input, and circumstances that would trip a lesser one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lab.ward import DOCTOR, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv(libraries=("numpy",))
    return made


BAD = [
    (["check", "libaries"], "'libaries'; did you mean 'libraries'?"),
    (["check", "zzz"], "`mlenv-doctor list` shows them all"),
    (["chekc"], "did you mean"),
    (["check", "--skip", "gpuu"], "did you mean 'gpu'?"),
    (["check", "--nope"], "No such option"),
    (["check", "--format", "yaml"], "choose from text, short, json"),
    (["check", "--output", "report.json"], "write FORMAT:PATH"),
    (["check", "--output", "json:/nowhere/report.json"], "cannot be written"),
    (["check", "--output", "json:."], "cannot be written"),
    (["check", "--python", "/nowhere/python"], "there is no such file or command"),
    (["check", "--python", "pyproject.toml"], "not executable"),
    (["check", "--python", "."], "holds no bin/python"),
    (["check", "--python", "/bin/ls"], "is not a Python interpreter"),
    (["check", "--from", "nowhere.json"], "cannot be read"),
    (["check", "--from", "."], "not a regular file"),
    (["check", "--from", "pyproject.toml"], "not JSON"),
    (["check", "--from", "other.json"], "not a snapshot"),
    (["check", "--from", "newer.json"], "its schema is '9.0'"),
    (["check", "--from", "damaged.json"], "damaged"),
    (["check", "--profile", "wizard"], "choose from foundations"),
    (["check", "--require", "tpu"], "possible are gpu, mlflow"),
    (["check", "--require", "lib:torch>=two"], "not a requirement"),
    (["check", "--require", "lib:torch>=3,<2"], "no version can satisfy this"),
    (["check", "--require", "key:NOT A NAME"], "named as its variable"),
    (["check", "--timeout", "0"], "'--timeout': '0' is not a number of seconds above 0"),
    (["check", "--timeout", "nan"], "'nan' is not a number of seconds"),
    (["check", "--budget", "inf"], "at most a week"),
    (["--quick", "check"], "options come after the command: mlenv-doctor check --quick"),
    (["-v", "list"], "options come after the command: mlenv-doctor list -v"),
    (["check", ""], "called ''"),
    (["check", "--python", "~nobody-of-this-name"], "there is no such file or command"),
    (["check", "--python", "/bin/cat"], "is not a Python interpreter"),
    (["check", "--from", "orders.json"], "damaged"),
    (["explain"], "Missing argument"),
    (["schema", "weather"], "'weather' is not one of 'report', 'snapshot'"),
    (["check", "--budget", "soon"], "--budget"),
    (["explain", "driver-to-old"], "did you mean 'driver-too-old'?"),
    (["fix", "nonsense"], "`mlenv-doctor list` shows them all"),
]


@pytest.mark.parametrize(("words", "says"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_gets_one_clear_sentence(ward: Ward, words: list[str], says: str) -> None:
    ward.write("pyproject.toml", "[project]\nname = 'x'\n")
    ward.write("other.json", '{"some": "thing"}')
    ward.write("newer.json", '{"kind": "mlenv-doctor snapshot", "schema_version": "9.0"}')
    ward.write("damaged.json", '{"kind": "mlenv-doctor snapshot", "schema_version": "1.0", "facts": {"python": 3}}')
    ward.write(
        "orders.json", '{"kind": "mlenv-doctor snapshot", "schema_version": "1.0", "facts": [], "target": {}, "project": ""}'
    )
    visit = ward.doctor(*words)
    assert visit.code == 2, visit.stderr
    assert says in visit.stderr
    assert visit.stdout == ""
    assert visit.stderr.count("\n") == 1 and "Traceback" not in visit.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.mlenv-doctor]\nprofle = 'llm'\n", "unknown key tool.mlenv-doctor.profle"),
        ("[tool.mlenv-doctor]\nstrict = 'yes'\n", "tool.mlenv-doctor.strict must be true or false"),
        ("[tool.mlenv-doctor]\ntimeout = -1\n", "tool.mlenv-doctor.timeout must be a number"),
        ("[tool.mlenv-doctor]\nskip = [1]\n", "tool.mlenv-doctor.skip must be a list of words"),
        ("[tool.mlenv-doctor\n", "not valid TOML"),
        ("[tool]\nmlenv-doctor = 3\n", "tool.mlenv-doctor must be a table"),
        (
            "[tool.mlenv-doctor]\nprofile = ['wizard']\n",
            "pyproject.toml: tool.mlenv-doctor.profile: --profile wizard: there is no",
        ),
        ("[tool.mlenv-doctor]\nrequire = ['gpu', 'tpu']\n", "pyproject.toml: tool.mlenv-doctor.require: --require tpu: "),
        (
            "[tool.mlenv-doctor]\nskip = 'gpuu'\n",
            "pyproject.toml: tool.mlenv-doctor.skip: there is no check or family called 'gpuu'",
        ),
    ],
)
def test_broken_configuration_is_named(ward: Ward, text: str, says: str) -> None:
    ward.write("pyproject.toml", text)
    visit = ward.doctor("check", "--quick")
    assert visit.code == 2
    assert says in visit.stderr and "Traceback" not in visit.stderr


def test_configuration_counts(ward: Ward) -> None:
    ward.write("pyproject.toml", "[tool.mlenv-doctor]\nskip = ['libraries', 'torch', 'mlflow']\nrequire = ['gpu']\n")
    visit = ward.check("--quick")
    assert visit.causes("fail") == {"container-without-gpu"} or visit.findings("fail")[0]["id"].startswith("gpu.")
    assert {f["message"] for f in visit.findings() if f["id"].startswith("libraries.")} == {
        "turned off with --skip or in the configuration"
    }


def test_without_a_command_it_checks(ward: Ward) -> None:
    bare, named = ward.doctor("--quick", "--format", "json"), ward.doctor("check", "--quick", "--format", "json")
    assert [r["id"] for r in bare.report["results"]] == [r["id"] for r in named.report["results"]]


def test_a_family_can_be_named(ward: Ward) -> None:
    assert {r["family"] for r in ward.check("python", "venv.intact").report["results"]} == {"python", "venv"}


def test_help_version_list_and_schema(ward: Ward) -> None:
    assert "check" in ward.doctor("--help").stdout
    assert ward.doctor("--version").stdout.startswith("mlenv-doctor, version ")
    listed = ward.doctor("list").stdout
    assert "libraries.import" in listed and "python.starts" in listed
    assert ward.doctor("schema").stdout == ward.doctor("schema", "report").stdout
    assert json.loads(ward.doctor("schema").stdout)["title"] == "Report of mlenv-doctor"
    assert json.loads(ward.doctor("schema", "snapshot").stdout)["title"] == "Snapshot of mlenv-doctor"
    assert "driver" in ward.doctor("explain", "driver-too-old").stdout
    assert "ModuleNotFoundError" in ward.doctor("explain", "venv.pip").stdout


def test_a_snapshot_is_judged_elsewhere_as_here(ward: Ward) -> None:
    ward.library("torch", source="raise ImportError('libcudart.so.12: cannot open shared object file')")
    here = ward.check()
    ward.write("patient.json", ward.doctor("snapshot").stdout)
    there = ward.check("--from", "patient.json")
    tell = lambda visit: [(f["id"], f["status"], f["cause"], f["subject"]) for f in visit.findings()]  # noqa: E731
    assert tell(here) == tell(there)
    assert "cuda-library-missing" in there.causes("fail")
    assert there.report["target"] == here.report["target"]


def test_output_files_are_whole(ward: Ward) -> None:
    visit = ward.doctor("check", "--quick", "--output", "json:a.json", "--output", "text:b.txt")
    assert json.loads((ward.project / "a.json").read_text())["verdict"] == "not-ready"
    assert (ward.project / "b.txt").read_text() == visit.stdout
    assert sorted(p.name for p in ward.project.iterdir()) == [".venv", "a.json", "b.txt"]


def test_advice_without_a_verdict_is_no_failure(ward: Ward) -> None:
    visit = ward.doctor("fix", "--gpu", "--quick")
    assert (
        visit.code == 0
        and "Google Colab" in visit.stdout
        and "30 free GPU hours" in visit.stdout
        and "Lightning.ai" in visit.stdout
    )


@pytest.mark.parametrize(
    ("topic", "family"), [("--libs", "libraries"), ("--llm", "llm"), ("--mlflow", "mlflow"), ("--venv", "venv")]
)
def test_a_topic_gives_only_its_own_advice(ward: Ward, topic: str, family: str) -> None:
    ward.environ.pop("OPENAI_API_KEY")
    said = ward.doctor("fix", topic, "--skip", "gpu", "-v").stdout
    verifying = [line.split()[3] for line in said.splitlines() if line.strip().startswith("Then:")]
    assert all(id.partition(".")[0] == family for id in verifying) and (verifying or "Nothing to repair" in said)


def test_exit_codes(ward: Ward) -> None:
    ward.venv()
    assert ward.doctor("check", "--quick", "--skip", "mlflow").code == 0
    assert ward.doctor("check", "--quick", "--require", "gpu").code == 1
    assert ward.doctor("check", "gpu", "--quick").code == 3  # nothing was verified: no verdict
    ward.environ.pop("OPENAI_API_KEY")
    assert ward.doctor("check", "llm", "--quick").code == 0
    assert ward.doctor("check", "llm", "--quick", "--strict").code == 1


@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": ""},
        {"HOME": "/nowhere"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "latin-1"},
        {"TERM": "dumb", "COLUMNS": "1"},
        {"PATH": ""},
        {"TMPDIR": "/nowhere"},
        {"PYTHONPATH": ":"},
        {"PYTHONWARNINGS": "error"},
        {"FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_it_works_in_odd_circumstances(ward: Ward, environ: dict[str, str]) -> None:
    ward.environ |= environ
    visit = ward.doctor("check", "--quick", "python", "venv", "system")
    assert visit.code in (0, 1), visit.stderr
    assert "Traceback" not in visit.stderr and "Python 3" in visit.stdout


def test_it_survives_a_working_directory_that_is_gone(ward: Ward) -> None:
    gone = ward.root / "gone"
    gone.mkdir()
    script = f"cd {gone} && /bin/rmdir {gone} && exec {DOCTOR} check --quick python"
    done = subprocess.run(["sh", "-c", script], env=ward.environ, capture_output=True, text=True)
    assert done.returncode in (0, 2, 3) and "Traceback" not in done.stderr and done.stderr.count("\n") <= 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_it_survives_closed_streams(ward: Ward, closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{DOCTOR} check --quick python {closed}"],
        cwd=ward.project,
        env=ward.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_an_output_that_cannot_be_written_is_said(ward: Ward) -> None:
    script = f"{DOCTOR} check --quick python > /dev/full"
    done = subprocess.run(["sh", "-c", script], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1) and "could not be written" in done.stderr


def test_a_reader_that_goes_away_is_no_error(ward: Ward) -> None:
    script = f"{DOCTOR} check --quick -v | head -n 1"
    done = subprocess.run(
        ["sh", "-c", script], cwd=ward.project, env={**ward.environ, "PATH": os.defpath}, capture_output=True, text=True
    )
    assert done.stdout.startswith("mlenv-doctor") and done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_at_once_and_leaves_nothing(ward: Ward, number: int) -> None:
    ward.library("numpy", source="import time; time.sleep(27.1828)")
    temporary = ward.root / "tmp"
    temporary.mkdir()
    ward.environ["TMPDIR"] = str(temporary)
    with subprocess.Popen([DOCTOR, "check"], cwd=ward.project, env=ward.environ, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not psutil.Process(process.pid).children():
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 130 and "Traceback" not in errors
    assert list(temporary.iterdir()) == []


def test_it_is_not_fooled_by_files_of_the_project(ward: Ward) -> None:
    for name in ("json", "click", "types", "queue", "mlenv_doctor", "random"):
        ward.write(f"{name}.py", "raise RuntimeError('not me')")
    assert ward.check("python").code == 0
    done = subprocess.run(
        [sys.executable, "-m", "mlenv_doctor", "--version"], cwd=ward.home, env=ward.environ, capture_output=True
    )
    assert done.returncode == 0


def test_a_snapshot_is_not_blamed_for_what_it_was_not_asked(ward: Ward) -> None:
    ward.write("patient.json", ward.doctor("snapshot", "--quick").stdout)
    visit = ward.check("llm", "--from", "patient.json", "--require", "key:MY_OWN_KEY")
    assert visit.causes("fail") == set() and [f["subject"] for f in visit.findings("unknown")] == ["MY_OWN_KEY"]
    assert ward.check("llm", "--require", "key:MY_OWN_KEY").causes("fail") == {"key-missing"}


def test_a_python_that_does_not_start_is_told_once(ward: Ward) -> None:
    ward.python.unlink()
    ward.script(ward.python, "#!/bin/sh\nexit 3\n")
    visit = ward.check("python", "torch", "--quick")
    assert [f["id"] for f in visit.findings("fail", "warn", "unknown")] == ["python.starts"]
