"""The project's own driver and login, against a real PostgreSQL of this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from lab.real import real
from lab.ward import Ward
from support.postgres import real_postgres

pytestmark = pytest.mark.slow
PASSWORD = "cAn4ry/S3cret@1"
QUOTED = "cAn4ry%2FS3cret%401"
PACKAGES = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "asyncpg": "asyncpg"}
OUTSIDER = "CREATE ROLE guest LOGIN PASSWORD '{}'; CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with real_postgres(PASSWORD) as port:
        yield port


@pytest.fixture(scope="module", params=PACKAGES)
def ward(request: pytest.FixtureRequest, port: int, tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A project whose code reads DATABASE_URL from .env, with one driver."""
    ward = Ward(tmp_path_factory.mktemp(request.param))
    real(PACKAGES[request.param], "python-dotenv")(ward)
    ward.write("app.py", f"import os, {request.param}, dotenv\ndotenv.load_dotenv()\nurl = os.environ['DATABASE_URL']\n")
    return ward


def ask(ward: Ward, url: str, *, shell: bool = False) -> dict[str, Any]:
    ward.write(".env", "" if shell else f"DATABASE_URL={url}\n")
    ward.environ.pop("DATABASE_URL", None)
    if shell:
        ward.environ["DATABASE_URL"] = url
    visit = ward.check("libraries.database")
    assert QUOTED not in visit.stdout + visit.stderr and PASSWORD not in visit.stdout + visit.stderr
    (finding,) = visit.findings()
    return finding


def test_the_login_is_tried_and_its_faults_are_named(ward: Ward, port: int) -> None:
    good = f"postgresql://postgres:{QUOTED}@localhost:{port}/postgres"
    for shell in (False, True):
        found = ask(ward, good, shell=shell)
        assert found["status"] == "pass" and "accepts the login" in found["message"], found
    for url, cause in (
        (good.replace("cAn4ry", "other"), "database-login-failed"),
        (good.replace("postgres:c", "nobody:c"), "database-login-failed"),
        (good[: -len("postgres")] + "absent", "database-missing"),
    ):
        assert ask(ward, url)["cause"] == cause


def test_a_password_of_the_user_goes_to_no_address_of_the_project(ward: Ward, port: int) -> None:
    bare = f"postgresql://postgres@localhost:{port}/postgres"
    ward.environ["PGPASSWORD"] = PASSWORD
    try:
        found = ask(ward, bare)  # the project itself logs in with it
        assert found["status"] == "unknown" and "not in the address" in found["message"]
        assert ask(ward, bare, shell=True)["status"] == "pass"
    finally:
        del ward.environ["PGPASSWORD"]


def test_the_query_of_an_address_leads_nowhere_else(ward: Ward, port: int) -> None:
    found = ask(ward, f"postgresql://postgres:{QUOTED}@localhost:{port}/postgres?host=192.0.2.1&sslmode=prefer")
    assert found["status"] == "pass"


def test_a_user_without_rights(ward: Ward, port: int) -> None:
    make_guest(port)
    found = ask(ward, f"postgresql://guest:{QUOTED}@localhost:{port}/closed")
    assert found["cause"] == "database-no-rights", found


def make_guest(port: int) -> None:
    for order in OUTSIDER.format(PASSWORD).split("; "):
        command = ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", order]
        subprocess.run(command, env={"PGPASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False)


def test_a_driver_that_does_not_load(ward: Ward, port: int) -> None:
    (package,) = [name for name in PACKAGES if (ward.site / name).is_dir()]
    start = ward.site / package / "__init__.py"
    text = start.read_text()
    start.write_text("raise ImportError('no pq wrapper available')\n")
    try:
        found = ask(ward, f"postgresql://postgres:{QUOTED}@localhost:{port}/postgres")
        assert found["cause"] == "does-not-work" and "ImportError at its import" in found["message"]
    finally:
        start.write_text(text)
