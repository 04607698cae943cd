"""The doctor against real MLflow servers, of today and of yesterday, also behind nginx; and repairs of real stores."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.heavy import heavy_venv, old_mlflow_venv
from lab.repairing import repair
from lab.visit import Visit
from lab.ward import Ward
from support.servers import free_port, real_mlflow, self_signed

pytestmark = pytest.mark.slow
BASIC = "mlflow.server.auth:authenticate_request_basic_auth"
USER, PASSWORD = "admin", "cAn4ry-S3cret-1"
LOGIN = {"MLFLOW_TRACKING_USERNAME": USER, "MLFLOW_TRACKING_PASSWORD": PASSWORD}
AUTH = {"MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD, "MLFLOW_FLASK_SERVER_SECRET_KEY": "x"}


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """A machine with stand-ins of the libraries, MLflow 3.17.2 among them."""
    made = Ward(tmp_path / "ward")
    made.venv()
    return made


def look(ward: Ward, uri: str, **env: str) -> Visit:
    ward.environ = {**ward.environ, "MLFLOW_TRACKING_URI": uri, **env}
    visit = ward.check("mlflow")
    assert PASSWORD not in visit.stdout + visit.stderr
    return visit


def is_healthy(visit: Visit) -> None:
    statuses = {finding["id"]: finding["status"] for finding in visit.findings()}
    assert statuses["mlflow.server"] == "pass" and not visit.causes("fail", "warn"), f"\n{visit}"


def names(visit: Visit, *causes: str) -> None:
    assert visit.causes("fail", "warn") == set(causes), f"\n{visit}"


def test_a_plain_server(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server") as here:
        is_healthy(look(ward, here.uri))
        names(look(ward, f"{here.uri}/team"), "mlflow-prefix-wrong")
        names(look(ward, f"{here.uri}/#/experiments/0"), "mlflow-uri-browser")
        names(look(ward, here.uri.replace("http", "https")), "mlflow-tls-mismatch")


def test_a_server_with_a_login(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server", "--app-name", "basic-auth", env=AUTH) as here:
        names(look(ward, here.uri), "mlflow-auth-missing")
        names(look(ward, here.uri, **{**LOGIN, "MLFLOW_TRACKING_PASSWORD": "another-" + PASSWORD[::-1]}), "mlflow-auth-wrong")
        is_healthy(look(ward, here.uri, **LOGIN))


def test_a_server_under_a_prefix(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server", "--static-prefix", "/mlflow", health="/mlflow") as here:
        is_healthy(look(ward, f"{here.uri}/mlflow"))
        ward.environ["MLFLOW_TRACKING_URI"] = here.uri
        repair(ward, "mlflow-prefix-wrong", "mlflow")
        assert ward.environ["MLFLOW_TRACKING_URI"] == f"{here.uri}/mlflow"


def test_a_server_that_knows_itself_by_another_name(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server", "--allowed-hosts", "ml.example.com") as here:
        names(look(ward, here.uri), "mlflow-allowed-hosts")


def test_a_server_for_files_only(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server", "--artifacts-only") as here:
        names(look(ward, here.uri), "mlflow-artifacts-only")


def test_a_server_of_yesterday(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(old_mlflow_venv() / "bin/python", tmp_path / "server") as here:
        names(look(ward, here.uri), "mlflow-version-mismatch")
        ward.library("mlflow", "2.22.5")
        is_healthy(look(ward, here.uri))


def test_a_server_of_yesterday_with_a_login(ward: Ward, tmp_path: Path) -> None:
    ward.library("mlflow", "2.22.5")
    config = tmp_path / "basic_auth.ini"
    users = f"database_uri = sqlite:///{tmp_path}/users.db\nadmin_username = {USER}\nadmin_password = {PASSWORD}\n"
    config.write_text(f"[mlflow]\ndefault_permission = READ\n{users}authorization_function = {BASIC}\n")
    env = {"MLFLOW_AUTH_CONFIG_PATH": str(config), **AUTH}
    with real_mlflow(old_mlflow_venv() / "bin/python", tmp_path / "server", "--app-name", "basic-auth", env=env) as here:
        names(look(ward, here.uri), "mlflow-auth-missing")
        is_healthy(look(ward, here.uri, **LOGIN))


def test_the_prefix_of_yesterday_is_for_people_only(ward: Ward, tmp_path: Path) -> None:
    ward.library("mlflow", "2.22.5")
    with real_mlflow(old_mlflow_venv() / "bin/python", tmp_path / "server", "--static-prefix", "/mlflow") as here:
        names(look(ward, f"{here.uri}/mlflow"), "mlflow-prefix-wrong")
        is_healthy(look(ward, here.uri))


def test_a_server_that_is_starting_is_waited_for(ward: Ward, tmp_path: Path) -> None:
    port = free_port()
    command = [heavy_venv() / "bin/python", "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
        try:
            ward.environ["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{port}"
            names(ward.check("mlflow"), "mlflow-refused")
            is_healthy(ward.check("mlflow", "--wait", "120"))
        finally:
            subprocess.run(["pkill", "-KILL", "-s", str(server.pid)], check=False)
            server.wait()


@contextmanager
def nginx(folder: Path, behind: str, name: str) -> Iterator[tuple[int, int, Path]]:
    """A real nginx before a server: the port that speaks TLS, one that sends on to it, and the certificate to trust."""
    if not shutil.which("nginx"):
        pytest.skip("needs the command nginx")
    _, certificate = self_signed(folder, name)
    secure, plain = free_port(), free_port()
    (folder / "nginx.conf").write_text(f"""
daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{secure} ssl; ssl_certificate {certificate}; ssl_certificate_key {folder}/key.pem;
    location / {{ proxy_pass {behind}; proxy_set_header Host localhost; }} }}
  server {{ listen 127.0.0.1:{plain}; return 301 https://localhost:{secure}$request_uri; }}
}}""")
    server = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"])
    time.sleep(1)
    assert server.poll() is None, (folder / "error.log").read_text()
    try:
        yield secure, plain, certificate
    finally:
        server.terminate()
        server.wait()


def test_a_server_behind_nginx(ward: Ward, tmp_path: Path) -> None:
    with real_mlflow(heavy_venv() / "bin/python", tmp_path / "server") as here, nginx(tmp_path, here.uri, "localhost") as front:
        secure, plain, certificate = front
        trust = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificate)}
        names(look(ward, f"https://localhost:{secure}"), "mlflow-tls-untrusted")
        names(look(ward, f"http://localhost:{secure}"), "mlflow-tls-mismatch")
        names(look(ward, f"http://localhost:{plain}", **trust), "mlflow-redirects-writes")
        names(look(ward, f"https://127.0.0.1:{secure}", **trust), "mlflow-tls-untrusted")
        ward.environ["MLFLOW_TRACKING_URI"] = f"http://localhost:{plain}"
        repair(ward, "mlflow-redirects-writes", "mlflow")
        is_healthy(ward.check("mlflow"))


def test_nginx_with_nothing_behind_it(ward: Ward, tmp_path: Path) -> None:
    with nginx(tmp_path, f"http://127.0.0.1:{free_port()}", "localhost") as (secure, _, certificate):
        trust = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificate)}
        names(look(ward, f"https://localhost:{secure}", **trust), "mlflow-gateway-error")


def mlflow(python: Path, folder: Path, script: str) -> str:
    """Run a few lines with a real MLflow, and return what they print."""
    environ = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "GIT_PYTHON_REFRESH": "quiet"}
    done = subprocess.run([python, "-c", f"import mlflow\n{script}"], cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def real_ward(tmp_path: Path) -> Ward:
    """A machine with the real libraries."""
    ward = Ward(tmp_path / "real")
    prefix = heavy_venv()
    ward.environ |= {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix}/bin:{ward.bin}"}
    return ward


def test_old_runs_are_taken_over_into_a_database(tmp_path: Path) -> None:
    ward = real_ward(tmp_path)
    mlflow(old_mlflow_venv() / "bin/python", ward.project, "with mlflow.start_run(): mlflow.log_param('a', 17)")
    repair(ward, "mlflow-file-store-refused", "mlflow", "--skip", "mlflow.server")
    found = mlflow(
        heavy_venv() / "bin/python", ward.project, "print(mlflow.search_runs(search_all_experiments=True)['params.a'][0])"
    )
    assert found == "17"


def test_an_old_database_is_copied_and_upgraded(tmp_path: Path) -> None:
    ward = real_ward(tmp_path)
    address = f"sqlite:///{ward.project}/mlflow.db"
    script = f"mlflow.set_tracking_uri({address!r})\nwith mlflow.start_run(): mlflow.log_param('a', 17)"
    mlflow(old_mlflow_venv() / "bin/python", ward.project, script)
    before = (ward.project / "mlflow.db").read_bytes()
    visit = ward.check("mlflow", "--skip", "mlflow.server")
    names(visit, "mlflow-db-schema-old")
    assert (ward.project / "mlflow.db").read_bytes() == before
    repair(ward, "mlflow-db-schema-old", "mlflow", "--skip", "mlflow.server")
    assert len(list(ward.project.glob("mlflow.db.*"))) == 1
    script = f"mlflow.set_tracking_uri({address!r})\nprint(mlflow.search_runs(search_all_experiments=True)['params.a'][0])"
    assert mlflow(heavy_venv() / "bin/python", ward.project, script) == "17"


def test_a_database_of_today_is_too_new_for_yesterday(tmp_path: Path) -> None:
    ward, old = Ward(tmp_path / "old"), old_mlflow_venv()
    ward.environ |= {"VIRTUAL_ENV": str(old), "PATH": f"{old}/bin:{ward.bin}", "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    mlflow(
        heavy_venv() / "bin/python", ward.project, "mlflow.set_tracking_uri('sqlite:///mlflow.db'); mlflow.search_experiments()"
    )
    assert "mlflow-db-schema-newer" in ward.check("mlflow").causes("fail")
