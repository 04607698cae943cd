"""The probe of services, on real files and real sockets. No user, password or query leaves it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from families.project.environments import write
from mlenv_checks.services.facts import RemoteServices, Services
from mlenv_checks.services.probes.named_addresses import described
from mlenv_checks.services.probes.services import read_remote_services, read_services
from mlenv_doctor.facts import parse


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "A_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def read(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    write(folder, files)
    said = read_services({"project": str(folder), "env_file": None})
    parse(Services, said)
    assert "pass-word" not in repr(said)
    return said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("postgresql://u:pass-word@localhost:5433/d?x=1", ("PostgreSQL", "localhost", 5433, "")),
        ("postgresql+asyncpg://db/d", ("PostgreSQL", "db", 5432, "")),
        ("'redis://[::1]:6379/0'", ("Redis", "::1", 6379, "")),
        ("mysql://u:pa@ss@host/d", ("MySQL", "host", 3306, "")),
        ("postgresql://u:pa/ss@host/d", ("PostgreSQL", "", 5432, "unreadable")),
        ("postgresql://u:p#w@host/d", ("PostgreSQL", "", 5432, "unreadable")),
        ("postgresql://u:p@host:port/d", ("PostgreSQL", "", 5432, "unreadable")),
        ("postgresql:///d?host=/var/run", ("PostgreSQL", "", 5432, "")),
        ("mongodb://a:1,b:2/d", ("MongoDB", "", 27017, "")),
        ("mongodb+srv://u:p@cluster.example.org/d", ("MongoDB", "", 27017, "srv")),
    ],
)
def test_an_address_taken_apart(value: str, said: tuple[str, str, int, str]) -> None:
    found = described("DATABASE_URL", value)
    assert found is not None and (found["kind"], found["host"], found["port"], found["problem"]) == said


@pytest.mark.parametrize(
    "value", ["", "sqlite:///a.db", "https://example.org", "${OTHER}", "postgresql://${HOST}/d", "plain", "://"]
)
def test_what_names_no_service(value: str) -> None:
    assert described("SITE_URL", value) is None


def test_a_vector_store_by_the_name_of_its_variable() -> None:
    found = described("QDRANT_URL", "http://localhost")
    assert found is not None and (found["kind"], found["port"]) == ("Qdrant", 6333)


def test_a_port_that_answers_and_one_that_does_not(tmp_path: Path, listening: int) -> None:
    env = f"DATABASE_URL=postgresql://u:pass-word@localhost:{listening}/d\nREDIS_URL=redis://:pass-word@127.0.0.1:1/0\nUNREAD_URL=redis://localhost\n"
    said = read(tmp_path, {".env": env, "app.py": "import os\nos.environ['DATABASE_URL'], os.getenv('REDIS_URL')\n"})
    assert [(each["name"], each["line"], each["state"], each["read"]) for each in said["named"]][:2] == [
        ("DATABASE_URL", 1, "open", True),
        ("REDIS_URL", 2, "refused", True),
    ]
    assert said["named"][2]["read"] is False


def test_the_shell_wins_and_counts_only_where_the_code_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/d")
    assert read(tmp_path, {"a.py": "x = 1\n"})["named"] == []
    (found,) = read(tmp_path, {"a.py": "class S:\n    database_url: str\n", ".env": "DATABASE_URL=postgresql://localhost/d\n"})[
        "named"
    ]
    assert (found["file"], found["host"], found["local"]) == ("the shell", "db.example.org", False) and "state" not in found


def test_addresses_in_the_code(tmp_path: Path) -> None:
    code = (
        "engine = create_engine('postgresql+psycopg://u:pass-word@localhost:1/d')\nx = os.getenv('A', 'redis://localhost:1')\n"
        "y = 'redis://cache.example.org:1'\n# 'redis://localhost:2'\n"
    )
    said = read(tmp_path, {"app.py": code, "tests/test_a.py": "x = 'redis://localhost:3'\n"})
    assert [(each["file"], each["line"], each["port"], each["state"]) for each in said["named"]] == [("app.py", 1, 1, "refused")]


@pytest.mark.parametrize(
    ("files", "unloaded"),
    [
        ({}, [("A_KEY", 2, "app.py", 2)]),
        ({"b.py": "from dotenv import load_dotenv\n"}, []),
        ({"compose.yaml": "services: {}\n"}, []),
        ({"Makefile": "include .env\n"}, []),
        ({"Makefile": "clean:\n\trm -r .environment\n"}, [("A_KEY", 2, "app.py", 2)]),
        ({"app.py": "import os\nprint('A_KEY')\n"}, []),
        ({".env": "B=1\n"}, []),
    ],
)
def test_variables_that_nobody_loads(files: dict[str, str], unloaded: list[tuple[str, int, str, int]], tmp_path: Path) -> None:
    usual = {".env": "B=1\nA_KEY=pass-word\n", "app.py": 'import os\nkey = os.environ["A_KEY"]\n'}
    said = read(tmp_path, {**usual, **files})
    assert [(each["name"], each["line"], each["file"], each["at"]) for each in said["unloaded"]] == unloaded


def test_schemes_that_the_code_changes(tmp_path: Path) -> None:
    assert read(tmp_path, {"a.py": "url = url.replace('postgres://', 'postgresql://')\n"})["rewrites"]
    assert not read(tmp_path / "b", {"a.py": "x = 1\n"})["rewrites"]


def test_other_machines_are_knocked_at_by_the_other_probe(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".env": "DATABASE_URL=postgresql://no-such-host.invalid/d\nREDIS_URL=redis://localhost:1\n",
            "a.py": "database_url redis_url\n",
        },
    )
    said = read_remote_services({"project": str(tmp_path), "env_file": None})
    parse(RemoteServices, said)
    assert [(each["name"], each["state"]) for each in said["named"]] == [("DATABASE_URL", "dns")]


def test_a_home_folder_has_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(tmp_path, {"a.py": "engine = f('redis://localhost:1')\n"})["named"] == []
