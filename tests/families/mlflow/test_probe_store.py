"""What the store probe reads of folders and databases, against stand-ins of MLflow's own files."""

from __future__ import annotations

import os
import sqlite3
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.mlflow.facts import MlflowStore
from support.probing import probe

OLD, HEAD = "0584bdc529eb", "dc11669786a5"
NEW_DEFAULT = "def _has_existing_mlruns_data(): ..."
REFUSES = "if not MLFLOW_ALLOW_FILE_STORE.get(): raise"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose mlflow is the few files that the probe reads."""
    prefix = tmp_path_factory.mktemp("venv")
    venv.create(prefix, symlinks=True)
    package = next(prefix.glob("lib/python*/site-packages")) / "mlflow"
    files = {
        "store/tracking/file_store.py": REFUSES,
        "tracking/_tracking_service/utils.py": NEW_DEFAULT,
        "store/tracking/dbmodels/models.py": 'class A:\n    __tablename__ = "experiments"\nclass B:\n    __tablename__ = "runs"\n',
        "store/db_migrations/versions/a.py": f'revision = "{OLD}"\ndown_revision = None\n',
        "store/db_migrations/versions/b.py": f"revision: str = '{HEAD}'\ndown_revision: str = '{OLD}'\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    return prefix / "bin/python"


def look(python: Path, project: Path, uri: str = "", **env: str) -> MlflowStore:
    found = probe(MlflowStore, python=python, cwd=project, env={"MLFLOW_TRACKING_URI": uri, **env})
    assert isinstance(found, MlflowStore), found
    return found


def make_database(path: Path, revision: str | None = HEAD, tables: tuple[str, ...] = ("experiments", "runs")) -> None:
    base = sqlite3.connect(path)
    for table in tables:
        base.execute(f"CREATE TABLE {table} (id INTEGER)")
    if revision is not None:
        base.execute("CREATE TABLE alembic_version (version_num TEXT)")
        base.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    base.commit()
    base.close()


def make_runs(folder: Path) -> None:
    (folder / "0").mkdir(parents=True)
    (folder / "0/meta.yaml").touch()


def test_without_mlflow(tmp_path: Path) -> None:
    bare = venv.create(tmp_path / "bare", symlinks=True) or tmp_path / "bare/bin/python"
    assert not look(bare, tmp_path).installed


def test_the_default_is_a_database_unless_old_runs_are_there(python: Path, tmp_path: Path) -> None:
    assert look(python, tmp_path).kind == "database"
    make_runs(tmp_path / "mlruns")
    found = look(python, tmp_path)
    assert (found.kind, found.path, found.refuses, found.runs) == ("folder", str(tmp_path / "mlruns"), True, True)
    assert look(python, tmp_path, MLFLOW_ALLOW_FILE_STORE="true").allowed


@pytest.mark.parametrize(
    ("uri", "kind", "path"),
    [
        ("sqlite:///runs/my.db", "database", "runs/my.db"),
        ("sqlite:////data/my.db?timeout=3", "database", "/data/my.db"),
        ("./mlruns", "folder", "./mlruns"),
        ("file:///data/mlruns", "folder", "/data/mlruns"),
        ("file:mlruns", "folder", "mlruns"),
        ("http://localhost:5000", "", ""),
        ("postgresql://u:p@h/db", "", ""),
        ("databricks://x", "", ""),
        ("sqlite://", "", ""),
    ],
)
def test_where_runs_go(python: Path, tmp_path: Path, uri: str, kind: str, path: str) -> None:
    found = look(python, tmp_path, uri)
    assert (found.kind, found.path) == (kind, os.path.join(tmp_path, path) if path else "")


@pytest.mark.parametrize(
    ("revision", "tables", "expected"),
    [
        (HEAD, ("experiments", "runs"), {"revision": HEAD, "known": True, "complete": True, "mlflow": True, "head": HEAD}),
        (OLD, ("experiments", "runs"), {"revision": OLD, "known": True, "complete": True}),
        (OLD, ("experiments",), {"known": True, "complete": False, "mlflow": False}),
        ("abcdef012345", ("ab_user",), {"revision": "abcdef012345", "known": False, "mlflow": False}),
        ("x'); drop", (), {"revision": "", "known": False}),
        (None, (), {"readable": True, "revision": ""}),
    ],
)
def test_a_database_is_read(
    python: Path, tmp_path: Path, revision: str | None, tables: tuple[str, ...], expected: dict[str, Any]
) -> None:
    make_database(tmp_path / "my # %20.db", revision, tables)
    before = (tmp_path / "my # %20.db").read_bytes()
    (tmp_path / "my # %20.db").rename(tmp_path / "my %20.db")
    found = look(python, tmp_path, "sqlite:///my %20.db")
    assert found.exists and {name: getattr(found, name) for name in expected} == expected
    assert (tmp_path / "my %20.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my %20.db"]


def test_a_database_that_cannot_be_read_is_not_judged(python: Path, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 100)
    found = look(python, tmp_path)
    assert (found.exists, found.readable) == (True, False)


def test_a_pipe_in_the_place_of_a_database_is_not_opened(python: Path, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no named pipes there")
    os.mkfifo(tmp_path / "mlflow.db")
    assert not look(python, tmp_path).exists


def test_a_locked_database_is_read_without_touching_it(python: Path, tmp_path: Path) -> None:
    make_database(tmp_path / "mlflow.db")
    holder = sqlite3.connect(tmp_path / "mlflow.db")
    holder.execute("BEGIN EXCLUSIVE")
    before = sorted(file.name for file in tmp_path.iterdir())
    found = look(python, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    holder.commit()  # nobody took its lock away
    holder.close()
    assert (found.exists, found.readable) == (True, True)
