"""Every branch of the checks of MLflow's stores, by plain calls."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.mlflow.facts import Mlflow, MlflowServer, MlflowStore
from mlenv_checks.mlflow.store import artifacts, driver, store
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Libraries

NONE = Mlflow()
FILE = Mlflow(kind="file", uri="./mlruns", source="MLFLOW_TRACKING_URI")
FOLDER = MlflowStore(installed=True, kind="folder", path="/p/mlruns", refuses=True, runs=True)
OLD, HEAD = "0584bdc529eb", "dc11669786a5"


def database(**more: Any) -> MlflowStore:
    usual = {"exists": True, "readable": True, "mlflow": True, "revision": HEAD, "head": HEAD, "known": True, "complete": True}
    return MlflowStore(**{"installed": True, "kind": "database", "path": "/p/mlflow.db", **usual, **more})


def one(found: Any) -> Finding:
    assert isinstance(found, Finding)
    return found


def folder(**more: Any) -> MlflowStore:
    return MlflowStore(**{"installed": True, "kind": "folder", "path": "/p/mlruns", "refuses": True, "runs": True, **more})


@pytest.mark.parametrize(
    ("there", "mlflow", "status", "cause", "repair"),
    [
        (Missing("mlflow_store", "not-asked", "not checked"), NONE, "skip", "", ""),
        (Missing("mlflow_store", "timeout", "did not answer within 20 s"), NONE, "unknown", "", ""),
        (MlflowStore(installed=True), NONE, "skip", "", ""),
        (folder(), Mlflow(kind="http", source=".env"), "skip", "", ""),
        (folder(installed=False), NONE, "skip", "", ""),
        (folder(refuses=False), NONE, "pass", "", ""),
        (folder(allowed=True), NONE, "pass", "", ""),
        (folder(), NONE, "fail", "mlflow-file-store-refused", "mlflow.migrate-file-store"),
        (folder(), FILE, "fail", "mlflow-file-store-refused", "mlflow.allow-file-store"),
        (folder(runs=False), FILE, "fail", "mlflow-file-store-refused", "mlflow.set-address"),
        (database(exists=False), NONE, "pass", "", ""),
        (database(readable=False), NONE, "unknown", "", ""),
        (database(head=""), NONE, "unknown", "", ""),
        (database(revision="", mlflow=False), NONE, "pass", "", ""),
        (database(), NONE, "pass", "", ""),
        (database(revision="abcdef123456", known=False), NONE, "fail", "mlflow-db-schema-newer", "mlflow.newer"),
        (database(revision="abcdef123456", known=False, mlflow=False), NONE, "fail", "mlflow-db-schema-newer", "mlflow.newer"),
        (database(revision=OLD), NONE, "fail", "mlflow-db-schema-old", "mlflow.upgrade-sqlite"),
        (database(revision=OLD, complete=False), NONE, "warn", "mlflow-db-schema-old", "mlflow.upgrade-sqlite"),
    ],
)
def test_store(there: Any, mlflow: Mlflow, status: str, cause: str, repair: str) -> None:
    found = one(store(there, mlflow))
    assert (found.status.value, found.cause, found.fix.id if found.fix else "") == (status, cause, repair)


def test_the_copy_of_a_database_is_named_after_its_schema() -> None:
    found = one(store(database(revision=OLD), NONE))
    assert found.fix
    assert found.fix.values == {"path": "/p/mlflow.db", "backup": f"/p/mlflow.db.{OLD}", "uri": "sqlite:////p/mlflow.db"}


def installed(**versions: str | None) -> Libraries:
    return Libraries(tuple(Distribution(name.replace("_", "-"), version, "/site") for name, version in versions.items()))


def at(scheme: str, kind: str = "database") -> Mlflow:
    return Mlflow(kind=kind, uri=f"{scheme}://db/x", scheme=scheme, source="MLFLOW_TRACKING_URI")


@pytest.mark.parametrize(
    ("mlflow", "libraries", "cause", "package"),
    [
        (at("postgresql"), installed(mlflow="3.17.2", sqlalchemy="2.1.0"), "mlflow-db-driver-missing", "psycopg[binary]"),
        (at("postgresql"), installed(mlflow="3.17.2", sqlalchemy="2.0.40"), "mlflow-db-driver-missing", "psycopg2-binary"),
        (at("postgresql"), installed(mlflow="3.17.2"), "mlflow-db-driver-missing", "psycopg2-binary"),
        (at("postgresql"), installed(mlflow="3.17.2", sqlalchemy="2.0.40", psycopg2="2.9"), "", ""),
        (at("postgresql"), installed(mlflow="3.17.2", sqlalchemy="2.1.0", psycopg="3.2"), "", ""),
        (at("postgresql"), installed(mlflow="3.17.2", sqlalchemy="2.1.0", psycopg2="2.9"), "mlflow-db-driver-missing", "psycopg[binary]"),
        (at("mysql+pymysql"), installed(mlflow="3.17.2"), "mlflow-db-driver-missing", "pymysql"),
        (at("oracle+somebody"), installed(mlflow="3.17.2"), "", ""),
        (at("sqlite", "sqlite"), installed(mlflow="3.17.2", sqlalchemy="2.1.0"), "", ""),
        (at("sqlite", "sqlite"), installed(mlflow="2.22.5", sqlalchemy="2.1.0"), "mlflow-sqlalchemy-2.1", "sqlalchemy<2.1"),
        (at("sqlite", "sqlite"), installed(mlflow="2.22.5", sqlalchemy="2.0.40"), "", ""),
        (at("sqlite", "sqlite"), installed(mlflow=None, sqlalchemy="2.1.0"), "", ""),
    ],
)  # fmt: skip
def test_driver(mlflow: Mlflow, libraries: Libraries, cause: str, package: str) -> None:
    found = one(driver(mlflow, libraries))
    assert (found.status.value, found.cause) == ("fail" if cause else "pass", cause)
    assert (found.fix.values if found.fix else {}) == ({"packages": (package,)} if package else {})


def test_no_driver_is_needed_where_mlflow_opens_nothing() -> None:
    assert one(driver(at("http", "http"), installed(mlflow="3.17.2"))).status.value == "skip"
    assert one(driver(at("mysql"), installed())).status.value == "skip"


def serving(place: str, here: bool = False, problem: str = "") -> MlflowServer:
    return MlflowServer(configured=True, uri="http://far:5000", artifacts=place, artifacts_here=here, problem=problem)


@pytest.mark.parametrize(
    ("server", "libraries", "status", "cause"),
    [
        (serving("", problem="refused"), installed(), "skip", ""),
        (serving(""), installed(), "skip", ""),
        (serving("mlflow-artifacts"), installed(), "pass", ""),
        (serving("s3"), installed(), "warn", "mlflow-artifacts-client-missing"),
        (serving("s3"), installed(boto3="1.40"), "pass", ""),
        (serving("path"), installed(), "warn", "mlflow-artifacts-on-client"),
        (serving("path", here=True), installed(), "pass", ""),
    ],
)
def test_artifacts(server: MlflowServer, libraries: Libraries, status: str, cause: str) -> None:
    found = one(artifacts(server, libraries))
    assert (found.status.value, found.cause) == (status, cause)
    assert found.blocked_by == ("mlflow.server" if server.problem else None)
