"""`check --deep --write` against real MLflow servers on this machine: what is written is deleted again, whatever goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from lab.heavy import heavy_venv
from lab.visit import Visit
from lab.ward import Ward
from support.servers import Peer, real_mlflow

pytestmark = pytest.mark.slow
PYTHON = "bin/python"
ONE_MB = 1 << 20
ADMIN, PASSWORD, GUEST = "admin", "cAn4ry-S3cret-1", "an0ther-S3cret-2"
AUTH = {"MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD, "MLFLOW_FLASK_SERVER_SECRET_KEY": "x"}


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """A project that uses MLflow, with the real one."""
    ward = Ward(tmp_path / "ward")
    prefix = heavy_venv()
    ward.environ |= {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix}/bin:{ward.bin}"}
    ward.write("requirements.txt", "mlflow\n")
    return ward


def write(ward: Ward, uri: str, *args: str, **env: str) -> Visit:
    ward.environ = {**ward.environ, "MLFLOW_TRACKING_URI": uri, **env}
    visit = ward.check("mlflow.server", "libraries.mlflow-write", "--deep", "--write", *args)
    assert PASSWORD not in visit.stdout + visit.stderr and GUEST not in visit.stdout + visit.stderr
    return visit


def of_writing(visit: Visit) -> dict[str, Any]:
    (finding,) = [finding for finding in visit.findings() if finding["id"] == "libraries.mlflow-write"]
    return finding


def api(uri: str, path: str, document: object = None, login: tuple[str, str] | None = None) -> Any:
    """What a server answers."""
    import base64

    headers = {"Content-Type": "application/json"}
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
    data = None if document is None else json.dumps(document).encode()
    with urlopen(Request(f"{uri}/api/2.0/mlflow/{path}", data, headers), timeout=20) as answer:
        return json.load(answer)


def is_empty(uri: str, folder: Path, login: tuple[str, str] | None = None) -> None:
    """Nothing of the doctor's is on the server any more, and no file of its."""
    found = api(uri, "experiments/search", {"max_results": 100}, login)
    assert [one["name"] for one in found.get("experiments", [])] in (["Default"], [])
    asked = {"max_results": 100, "experiment_ids": [str(number) for number in range(20)]}
    assert not api(uri, "runs/search", asked, login).get("runs")
    assert not api(uri, "registered-models/search?max_results=100", None, login).get("registered_models")
    assert not list(folder.rglob("mlenv-doctor*"))


def test_what_is_written_comes_back_and_is_deleted(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / PYTHON, tmp_path / "server") as here:
        visit = write(ward, here.uri)
        found = of_writing(visit)
        assert found["status"] == "pass" and "stored a run, an artifact of 2 MB and a model" in found["message"], visit
        is_empty(here.uri, tmp_path / "server")


def test_nothing_is_written_unless_it_is_asked_for_by_the_user(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / PYTHON, tmp_path / "server") as here:
        ward.environ["MLFLOW_TRACKING_URI"] = here.uri
        found = of_writing(ward.check("libraries.mlflow-write", "--deep"))
        assert found["status"] == "skip" and "--deep --write does that" in found["message"]
        del ward.environ["MLFLOW_TRACKING_URI"]
        ward.write(".env", f"MLFLOW_TRACKING_URI={here.uri}\n")
        found = of_writing(ward.check("mlflow.server", "libraries.mlflow-write", "--deep", "--write"))
        assert found["status"] == "skip" and "comes from .env" in found["message"]
        assert not api(here.uri, "experiments/search", {"max_results": 9, "view_type": "DELETED_ONLY"}).get("experiments")


def test_artifacts_in_a_folder_that_cannot_be_made_here(ward: Ward, tmp_path: Path) -> None:
    where = ("--no-serve-artifacts", "--default-artifact-root", "/proc/nowhere/artifacts")
    with real_mlflow(heavy_venv() / PYTHON, tmp_path / "server", *where) as here:
        visit = write(ward, here.uri)
        found = of_writing(visit)
        assert (found["status"], found["cause"]) == ("fail", "artifact-store-unreachable"), visit
        assert "cannot reach the artifact storage" in found["message"] and "left on the server" not in found["message"]
        is_empty(here.uri, tmp_path / "server")


def test_artifacts_in_a_folder_of_this_machine_leave_no_folder(ward: Ward, tmp_path: Path) -> None:
    root = tmp_path / "shared" / "artifacts"
    where = ("--no-serve-artifacts", "--default-artifact-root", str(root))
    with real_mlflow(heavy_venv() / PYTHON, tmp_path / "server", *where) as here:
        assert of_writing(write(ward, here.uri))["status"] == "pass"
        assert not root.parent.exists()
        is_empty(here.uri, tmp_path / "server")


@contextmanager
def before(behind: str, refuse: Any) -> Iterator[Peer]:
    """A proxy before a server. refuse: the status that a request is refused with, by its method, path and length; 0 for none."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            status = refuse(self.command, self.path, length)
            if status:
                self.answer(status, b"refused", "text/html")
                return
            kept = {name: value for name, value in self.headers.items() if name.lower() in ("content-type", "authorization")}
            try:
                with urlopen(Request(behind + self.path, body, kept, method=self.command), timeout=30) as found:
                    self.answer(found.status, found.read(), found.headers.get("Content-Type", ""))
            except HTTPError as why:
                self.answer(why.code, why.read(), why.headers.get("Content-Type", ""))

        do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Peer(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Peer]:
    with real_mlflow(heavy_venv() / PYTHON, folder) as here:
        yield here


REFUSALS = {
    "a limit of the body": (lambda method, path, length: 413 * (length > ONE_MB), "proxy-body-limit", "413 Payload Too Large"),
    "no right to make experiments": (
        lambda method, path, length: 403 * path.endswith("experiments/create"), "mlflow-forbidden", "creating an experiment",
    ),
    "no right to store files": (lambda method, path, length: 403 * (method == "PUT"), "mlflow-forbidden", "storing an artifact"),
    "a storage that the server cannot reach": (
        lambda method, path, length: 500 * (method == "PUT"), "artifact-store-unreachable", "cannot reach its own artifact storage",
    ),
    "no registry": (
        lambda method, path, length: 404 * path.endswith("registered-models/create"), "model-registry-missing", "no model registry",
    ),
    "a database that takes no runs": (
        lambda method, path, length: 500 * path.endswith("runs/create"), "mlflow-backend-unready", "recording a run",
    ),
    "nobody may delete": (
        lambda method, path, length: 403 * path.endswith("experiments/delete"), "mlflow-write-left-behind", "experiment mlenv-doctor-",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_proxy_that_refuses_something(name: str, server: Peer, folder: Path, ward: Ward) -> None:
    refuse, cause, words = REFUSALS[name]
    with before(server.uri, refuse) as here:
        visit = write(ward, here.uri)
    found = of_writing(visit)
    assert found["cause"] == cause and words in found["message"], visit
    if name == "nobody may delete":
        for one in api(server.uri, "experiments/search", {"max_results": 9})["experiments"]:
            if one["name"].startswith("mlenv-doctor-"):
                api(server.uri, "experiments/delete", {"experiment_id": one["experiment_id"]})
    else:
        assert "left on the server" not in found["message"]
    is_empty(server.uri, folder)


def test_a_server_with_a_login(ward: Ward, tmp_path: Path) -> None:
    """Whoever may log in may write what is theirs, also without a right to anything else."""
    config = tmp_path / "basic_auth.ini"
    config.write_text(
        f"[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///{tmp_path}/users.db\nadmin_username = {ADMIN}\n"
        f"admin_password = {PASSWORD}\nauthorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    env = {**AUTH, "MLFLOW_AUTH_CONFIG_PATH": str(config)}
    admin = (ADMIN, PASSWORD)
    with real_mlflow(heavy_venv() / PYTHON, tmp_path / "server", "--app-name", "basic-auth", env=env) as here:
        api(here.uri, "users/create", {"username": "guest", "password": GUEST}, admin)
        assert of_writing(write(ward, here.uri))["blocked_by"] == "mlflow.server"
        login = {"MLFLOW_TRACKING_USERNAME": "guest", "MLFLOW_TRACKING_PASSWORD": GUEST}
        visit = write(ward, here.uri, **login)
        assert of_writing(visit)["status"] in ("pass", "unknown"), visit  # unknown: a busy machine, every request hashes
        is_empty(here.uri, tmp_path / "server", admin)
