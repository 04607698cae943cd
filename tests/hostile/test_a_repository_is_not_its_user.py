"""A project that was cloned sends nothing, waits for nothing and runs nothing on its user's account."""

from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from support.servers import peer, reply

from .lair import Lair

SECRET = "T0k3nOfTh3Us3rWh1chStays"


def listening(connection: socket.socket, request: str) -> None:
    connection.sendall(reply(401, json.dumps({"error": {"message": "no"}})))


def logins(lair: Lair) -> dict[str, dict[str, str]]:
    """Where a user may keep a login for MLflow."""
    return {
        "token": {"MLFLOW_TRACKING_TOKEN": SECRET},
        "password": {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": SECRET},
        "file": {},
        "mixed": {"MLFLOW_TRACKING_USERNAME": "ada"},
    }


def log_in(lair: Lair, how: str) -> None:
    lair.environ |= logins(lair)[how]
    if how in ("file", "mixed"):
        (lair.home / ".mlflow").mkdir()
        (lair.home / ".mlflow/credentials").write_text(
            f"[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = {SECRET}\n"
        )


def heard(requests: list[str]) -> bool:
    """Whether a login was sent, or the secret itself."""
    return any("authorization" in request.lower() or SECRET in request for request in requests)


@pytest.mark.parametrize("how", ["token", "password", "file", "mixed"])
@pytest.mark.parametrize("where", ["pyproject.toml", ".env"])
def test_a_login_of_the_user_does_not_go_to_an_address_of_the_project(lair: Lair, how: str, where: str) -> None:
    lair.venv(libraries=())
    log_in(lair, how)
    with peer(listening) as here:
        if where == ".env":
            lair.write(".env", f"MLFLOW_TRACKING_URI={here.uri}\n")
        else:
            lair.write("pyproject.toml", f"[tool.mlenv-doctor]\nmlflow-uri = '{here.uri}'\n")
        lair.ask("check", "mlflow")
        assert not heard(here.heard)


def test_a_login_goes_to_the_address_of_the_same_source(lair: Lair) -> None:
    lair.venv(libraries=())
    lair.environ["MLFLOW_TRACKING_TOKEN"] = SECRET
    with peer(listening) as here:
        lair.environ["MLFLOW_TRACKING_URI"] = here.uri
        lair.ask("check", "mlflow")
        assert heard(here.heard)


def test_so_does_one_of_the_project_to_an_address_of_the_project(lair: Lair) -> None:
    lair.venv(libraries=())
    with peer(listening) as here:
        lair.write(".env", f"MLFLOW_TRACKING_URI={here.uri}\nMLFLOW_TRACKING_TOKEN={SECRET}\n")
        lair.ask("check", "mlflow")
        assert heard(here.heard)


def test_the_project_does_not_override_the_address_of_its_user(lair: Lair) -> None:
    lair.venv(libraries=())
    with peer(listening) as theirs, peer(listening) as mine:
        lair.environ |= {"MLFLOW_TRACKING_URI": mine.uri, "MLFLOW_TRACKING_TOKEN": SECRET}
        lair.write("pyproject.toml", f"[tool.mlenv-doctor]\nmlflow-uri = '{theirs.uri}'\n")
        lair.ask("check", "mlflow")
        assert mine.heard and not heard(theirs.heard)


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HF_ENDPOINT"])
def test_nor_does_a_key_go_to_an_address_of_the_project(lair: Lair, name: str) -> None:
    lair.venv(libraries=("openai", "anthropic"))
    del lair.environ["OPENAI_API_KEY"]
    key = {"OPENAI_BASE_URL": "OPENAI_API_KEY", "ANTHROPIC_BASE_URL": "ANTHROPIC_API_KEY", "HF_ENDPOINT": "HF_TOKEN"}[name]
    lair.environ[key] = f"sk-ant-api03-{SECRET}{SECRET}"
    lair.write("app.py", f"import os\nos.environ['{key}']\n")
    with peer(listening) as here:
        lair.write(".env", f"{name}={here.uri}\n")
        said = lair.ask("check", "llm", "--online", "-v")
        assert not any(SECRET in request for request in here.heard), said.out


@pytest.mark.parametrize("table", ["wait = 604800", "wait = 604800\ntimeout = 604800\nbudget = 604800"])
def test_the_project_does_not_hold_its_user(lair: Lair, table: str) -> None:
    lair.venv(libraries=())
    lair.write("pyproject.toml", f"[tool.mlenv-doctor]\n{table}\nmlflow-uri = 'http://127.0.0.1:1'\n")
    said = lair.ask("check", "mlflow", timeout=45)
    assert said.code in (0, 1, 3)


NAMES = ("random", "typing", "enum", "dataclasses", "json", "click", "rich", "packaging", "urllib3", "platform", "signal", "queue", "subprocess", "pathlib", "re", "tempfile", "__future__", "dotenv", "psutil", "yaml", "tomllib", "ctypes", "sqlite3")  # fmt: skip
SPY = """
import sys
words = getattr(sys, "orig_argv", None) or sys.argv
if ("mlenv_doctor" in " ".join(words) or sys.flags.isolated) and {target!r} not in sys.executable:
    import os
    os.close(os.open({mark!r}, os.O_CREAT))
raise ImportError("a trap")
"""


def trap(lair: Lair) -> Path:
    """Modules of the project that tell when the doctor's own process runs them."""
    mark = lair.root / "PWNED"
    for name in NAMES:
        lair.write(f"{name}.py", SPY.format(mark=str(mark), target="/.venv/"))
    return mark


@pytest.mark.parametrize("path", [".", "", "{project}", "/nowhere:.", "..:{project}"])
@pytest.mark.parametrize(
    "command", ["check", pytest.param("snapshot", marks=pytest.mark.slow), pytest.param("list", marks=pytest.mark.slow)]
)
def test_no_module_of_the_project_runs_in_the_doctor_s_own_process(lair: Lair, path: str, command: str) -> None:
    lair.venv(libraries=())
    mark = trap(lair)
    lair.environ["PYTHONPATH"] = path.format(project=lair.project)
    lair.ask(command)
    assert not mark.exists()


def test_nor_does_one_of_the_user_s_folder(lair: Lair) -> None:
    """A user site is the user's, but -I semantics leave it out: what lies there may be anybody's `pip install --user`."""
    lair.venv(libraries=())
    mark = trap(lair)
    import sys

    site = lair.home / f".local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    site.mkdir(parents=True)
    for name in NAMES:
        (lair.project / f"{name}.py").rename(site / f"{name}.py")
    lair.ask("check", "python")
    assert not mark.exists()


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "../project/bin"])
def test_no_relative_entry_of_path_is_searched(lair: Lair, entry: str) -> None:
    lair.venv(libraries=("openai",))
    mark = lair.root / "PWNED"
    for name in (
        "git",
        "nvidia-smi",
        "ldconfig",
        "uv",
        "conda",
        "uname",
        "nvcc",
        "rocminfo",
        "lspci",
        "python3",
        "python",
        "pip",
        "mlflow",
        "systemctl",
        "id",
    ):
        for folder in ("bin", "."):
            lair.script(lair.project / folder / name, f"#!/bin/sh\n: > '{mark}'\n")
    (lair.project / ".git").mkdir()
    lair.write(".env", "OPENAI_API_KEY=x\n")
    lair.environ["PATH"] = f"{entry}:{lair.environ['PATH']}" if entry else f":{lair.environ['PATH']}"
    lair.ask("check")
    assert not mark.exists()


@pytest.mark.parametrize("path", [".", "{project}"])
def test_a_plug_in_of_the_project_is_not_loaded(lair: Lair, path: str) -> None:
    lair.venv(libraries=())
    mark = lair.root / "PWNED"
    lair.write("evil_checks.py", f"open({str(mark)!r}, 'w')\n")
    lair.write("evil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    lair.write("evil-1.0.dist-info/entry_points.txt", "[mlenv_doctor.checks]\nevil = evil_checks\n")
    lair.environ["PYTHONPATH"] = path.format(project=lair.project)
    said = lair.ask("list")
    assert not mark.exists() and "evil" not in said.all


def committed(lair: Lair, folder: str, kind: str) -> Path:
    """An environment that came with the repository, whose interpreter is a program of its author."""
    mark = lair.root / "PWNED"
    binary = lair.write(f"{folder}/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n").parent / "bin"
    shell = f"#!/bin/sh\n: > '{mark}'\n"
    program = binary / "python"
    if kind == "script":
        lair.script(program, shell)
    elif kind == "python3":
        lair.script(binary / "python3", shell)
    elif kind == "link":
        lair.script(lair.project / "tools/run", shell)
        binary.mkdir()
        program.symlink_to("../../tools/run")
    elif kind == "two links":
        lair.script(lair.project / "tools/run", shell)
        binary.mkdir()
        (binary / "python3").symlink_to("../../tools/run")
        program.symlink_to("python3")
    else:
        lair.script(program, shell.replace("#!/bin/sh\n", ""))
    return mark


@pytest.mark.parametrize("kind", ["script", "python3", "link", "two links", "no first line"])
@pytest.mark.parametrize("words", [("check",), ("check", "--quick"), ("snapshot", "--quick"), ("fix",)], ids=" ".join)
def test_an_interpreter_that_is_a_script_of_the_project_is_not_started(lair: Lair, kind: str, words: tuple[str, ...]) -> None:
    mark = committed(lair, ".venv", kind)
    said = lair.ask(*words)
    assert not mark.exists()
    assert said.code in (0, 1, 3) and "Traceback" not in said.err
    assert words[0] != "check" or "not started" in said.out, said.out


@pytest.mark.parametrize("folder", ["venv", "env", "ml_env"])
def test_whatever_its_folder_is_called(lair: Lair, folder: str) -> None:
    mark = committed(lair, folder, "script")
    lair.ask("check")
    assert not mark.exists()


def test_nor_is_one_of_the_folder_above_in_the_same_repository(lair: Lair) -> None:
    mark = committed(lair, ".venv", "script")
    (lair.project / ".git").mkdir()
    below = lair.project / "below"
    below.mkdir()
    lair.ask("check", cwd=below)
    assert not mark.exists()


@pytest.mark.parametrize("how", ["activated", "named", "environment named"])
def test_it_is_started_when_its_user_says_so(lair: Lair, how: str) -> None:
    mark = committed(lair, ".venv", "script")
    if how == "activated":
        lair.environ["VIRTUAL_ENV"] = str(lair.project / ".venv")
        lair.ask("check")
    else:
        lair.ask("check", "--python", ".venv/bin/python" if how == "named" else ".venv")
    assert mark.exists()


def test_a_real_environment_of_the_project_is_examined(lair: Lair) -> None:
    lair.venv(libraries=("numpy",), activate=False)
    assert stat.S_ISLNK(os.lstat(lair.project / ".venv/bin/python").st_mode)
    said = lair.ask("check", "python", "--format", "json")
    assert json.loads(said.out)["target"]["chosen_by"] == "project" and json.loads(said.out)["target"]["version"]
