"""The MLflow probe and its fixes against real MLflow servers."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.heavy import heavy_venv
from mlenv_checks.mlflow.facts import MlflowServer
from mlenv_doctor.model import Fix
from mlenv_doctor.repair import CheatSheet
from support.builtin import CHEATSHEET
from support.probing import probe
from support.servers import Peer, mlflow_like, peer, real_mlflow

USER, PASSWORD = "admin", "cAn4ry%S3cret-1"
PATIENT = {"python": sys.executable, "manager": "pip", "shell": "sh", "os": "linux", "place": "machine"}


def ask(uri: str, home: Path, **env: str) -> MlflowServer:
    found = probe(MlflowServer, cwd=home, env={"MLFLOW_TRACKING_URI": uri, "NO_PROXY": "*", "HOME": str(home), **env})
    assert isinstance(found, MlflowServer), found
    assert PASSWORD not in repr(found)
    return found


@pytest.fixture(scope="module")
def python() -> Path:
    """An interpreter with a real mlflow."""
    return heavy_venv() / "bin/python"


@pytest.fixture(scope="module")
def plain(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with real_mlflow(python, tmp_path_factory.mktemp("plain")) as here:
        yield here


@pytest.fixture(scope="module")
def guarded(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    if subprocess.run([python, "-c", "import flask_wtf"], capture_output=True).returncode:
        pytest.skip("needs mlflow[auth] in the prepared environment")
    env = {"MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD, "MLFLOW_FLASK_SERVER_SECRET_KEY": "x"}
    with real_mlflow(python, tmp_path_factory.mktemp("guarded"), "--app-name", "basic-auth", env=env) as here:
        yield here


@pytest.mark.slow
def test_a_real_server(plain: Peer, python: Path, tmp_path: Path) -> None:
    version = subprocess.run([python, "-c", "import importlib.metadata as m; print(m.version('mlflow'))"], capture_output=True)
    found = ask(plain.uri, tmp_path)
    assert (found.problem, found.version, found.server) == ("", version.stdout.decode().strip(), "uvicorn")
    assert ask(f"{plain.uri}/elsewhere", tmp_path).other_uri == plain.uri


@pytest.mark.slow
def test_a_real_server_with_a_login(guarded: Peer, tmp_path: Path) -> None:
    user = {"MLFLOW_TRACKING_USERNAME": USER}
    assert ask(guarded.uri, tmp_path, **user).realm == "mlflow"
    assert ask(guarded.uri, tmp_path, **user, MLFLOW_TRACKING_PASSWORD="wrong").problem == "auth"
    assert ask(guarded.uri, tmp_path, **user, MLFLOW_TRACKING_PASSWORD=PASSWORD).problem == ""
    log_in(tmp_path)
    found = ask(guarded.uri, tmp_path)
    assert (found.problem, found.credentials) == ("", "file")


@pytest.mark.slow
def test_the_client_agrees_about_the_login_that_the_fix_makes(guarded: Peer, python: Path, tmp_path: Path) -> None:
    log_in(tmp_path)
    script = "import mlflow; print(len(mlflow.search_experiments()))"
    env = {**os.environ, "HOME": str(tmp_path), "MLFLOW_TRACKING_URI": guarded.uri, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = subprocess.run([python, "-c", script], capture_output=True, env=env, cwd=tmp_path)
    assert done.stdout.strip() == b"1", done.stderr.decode()[-600:]


def log_in(home: Path) -> None:
    """Follow the fix, as it would be pasted into a shell; without a terminal, what is asked for is read from the input."""
    made_out = CheatSheet([CHEATSHEET]).prescribe(Fix("mlflow.log-in"), PATIENT, "")
    script = "\n".join(command.text for command in made_out.commands)
    typed = f"{USER}\n{PASSWORD}\n".encode()
    subprocess.run(
        ["sh", "-ec", script],
        input=typed,
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(home)},
        start_new_session=True,
    )


def test_the_login_fix_writes_what_only_its_owner_can_read(tmp_path: Path) -> None:
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow/credentials").write_text("[other]\nkept = yes\n")
    log_in(tmp_path)
    (tmp_path / ".mlflow/credentials").unlink()
    log_in(tmp_path)
    file = tmp_path / ".mlflow/credentials"
    written = configparser.ConfigParser()
    written.read(file)
    assert dict(written["mlflow"]) == {"mlflow_tracking_username": USER, "mlflow_tracking_password": PASSWORD}
    assert file.stat().st_mode & 0o777 == 0o600
    with peer(mlflow_like("3.17.2")) as here:
        assert ask(here.uri, tmp_path).credentials == "file"


def test_the_login_fix_keeps_other_sections(tmp_path: Path) -> None:
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow/credentials").write_text("[other]\nkept = 100%\n")
    log_in(tmp_path)
    assert "kept = 100%" in (tmp_path / ".mlflow/credentials").read_text()
