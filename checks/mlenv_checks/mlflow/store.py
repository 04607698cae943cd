"""MLflow's stores: the folder, database and artifact store that runs go to, and whether the installed MLflow can use them."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries

from ..libraries.dependencies import satisfies
from .facts import Mlflow, MlflowServer, MlflowStore

DRIVERS = {  # a dialect of SQLAlchemy's, and the distributions that bring its driver: https://docs.sqlalchemy.org/dialects
    "postgresql+psycopg2": ("psycopg2-binary", "psycopg2"),
    "postgresql+psycopg": ("psycopg[binary]", "psycopg"),
    "postgresql+pg8000": ("pg8000",),
    "mysql": ("mysqlclient",),
    "mysql+mysqldb": ("mysqlclient",),
    "mysql+pymysql": ("pymysql",),
    "mysql+mysqlconnector": ("mysql-connector-python",),
    "mssql": ("pyodbc",),
    "mssql+pyodbc": ("pyodbc",),
    "mssql+pymssql": ("pymssql",),
}
CLIENTS = {  # a scheme of an artifact store, and the distribution that MLflow uses for it: mlflow/store/artifact
    "s3": "boto3",
    "gs": "google-cloud-storage",
    "wasbs": "azure-storage-blob",
    "abfss": "azure-storage-file-datalake",
    "hdfs": "pyarrow",
    "sftp": "pysftp",
}
PSYCOPG_3 = ">=2.1"  # from this SQLAlchemy on plain postgresql:// means psycopg 3
LOST_POOL = (">=2.9,<=3.0.1", ">=2.1")  # MLflow and SQLAlchemy: an import of what SQLAlchemy no longer has


@check("mlflow.store", causes=("mlflow-file-store-refused", "mlflow-db-schema-old", "mlflow-db-schema-newer"))
def store(store: MlflowStore | Missing, mlflow: Mlflow) -> Finding:
    """MLflow run storage.

    MLflow 3 refuses the folder `mlruns` that older versions made, and a database works only with an MLflow that knows its
    schema. Some versions bring an old database up to date as soon as it is opened, and no older one can use it any more.
    """
    if isinstance(store, Missing):
        what = "MLflow's store on this machine"
        return skip(f"{what}: {store.reason}") if store.kind == Why.NOT_ASKED else unknown(f"{what} {store.reason}")
    if mlflow.source == ".env" or not store.kind:
        return skip("runs are not stored on this machine")
    if not store.installed:
        return skip("mlflow is not installed in this environment")
    return _folder(store, mlflow) if store.kind == "folder" else _database(store)


def _folder(store: MlflowStore, mlflow: Mlflow) -> Finding:
    if not store.refuses or store.allowed:
        return ok(f"runs are stored in {store.path}", brief=f"runs in {store.path}")
    if mlflow.kind == "none":
        text = f"the installed MLflow no longer supports the folder {store.path}: it needs a database"
        return fail("mlflow-file-store-refused", text, fix=fix("mlflow.migrate-file-store"))
    repair = fix("mlflow.allow-file-store") if store.runs else fix("mlflow.set-address", uri="sqlite:///mlflow.db")
    text = f"{mlflow.source} names the folder {mlflow.uri}, but the installed MLflow needs a database"
    return fail("mlflow-file-store-refused", text, fix=repair)


def _database(store: MlflowStore) -> Finding:
    if not store.exists:
        return ok(f"MLflow creates its database at first use: {store.path}")
    if not store.readable or not store.head:
        return unknown(f"could not tell the schema of the database {store.path}")
    if not store.revision:
        return ok(f"MLflow creates its tables in {store.path} at first use")
    if not store.known:
        whose = "was last used by a newer MLflow" if store.mlflow else "belongs to another program, not to MLflow"
        text = f"the database {store.path} {whose}: the installed MLflow cannot read it"
        return fail("mlflow-db-schema-newer", text, fix=fix("mlflow.newer"))
    if store.revision == store.head:
        return ok(f"the database {store.path} matches the installed MLflow")
    repair = fix("mlflow.upgrade-sqlite", path=store.path, backup=f"{store.path}.{store.revision}", uri=f"sqlite:///{store.path}")
    if store.complete:
        text = f"the database {store.path} is from an older MLflow and must be upgraded"
        return fail("mlflow-db-schema-old", text, fix=repair)
    text = f"the database {store.path} is from an older MLflow: the first program that opens it upgrades it permanently"
    return warn("mlflow-db-schema-old", text, fix=repair)


@check("mlflow.driver", causes=("mlflow-db-driver-missing", "mlflow-sqlalchemy-2.1"))
def driver(mlflow: Mlflow, libraries: Libraries) -> Finding:
    """MLflow database driver.

    MLflow brings no driver for a database server; which one is needed follows from the address and SQLAlchemy's version.
    """
    if mlflow.kind not in ("sqlite", "database"):
        return skip("MLflow opens no database itself")
    client, alchemy = libraries.find("mlflow"), libraries.find("sqlalchemy")
    if client is None:
        return skip("mlflow is not installed in this environment")
    if alchemy and alchemy.version and client.version and all(map(satisfies, (client.version, alchemy.version), LOST_POOL)):
        text = f"MLflow {client.version} does not work with SQLAlchemy {alchemy.version}, which is too new"
        return fail("mlflow-sqlalchemy-2.1", text, fix=fix("libs.satisfy", packages=("sqlalchemy<2.1",)))
    newer = bool(alchemy and satisfies(alchemy.version, PSYCOPG_3))
    scheme = f"postgresql+psycopg{'' if newer else '2'}" if mlflow.scheme == "postgresql" else mlflow.scheme
    wanted = DRIVERS.get(scheme, ())
    if not wanted or any(libraries.find(name.partition("[")[0]) for name in wanted):
        return ok("MLflow's database driver is installed")
    text = f"{mlflow.source} names a database ({mlflow.scheme}), but its driver {wanted[0]} is not installed"
    return fail("mlflow-db-driver-missing", text, fix=fix("libs.install", packages=(wanted[0],)))


@check("mlflow.artifacts", causes=("mlflow-artifacts-client-missing", "mlflow-artifacts-on-client"))
def artifacts(server: MlflowServer, libraries: Libraries) -> Finding:
    """MLflow artifact storage.

    Metrics go to the server; files may go straight to a bucket, which needs its own library, or into a folder that each
    machine takes for its own, so that nobody else finds them.
    """
    if server.problem or not server.artifacts:
        return skip("no MLflow server reported where files are stored", blocked_by="mlflow.server" if server.problem else None)
    library = CLIENTS.get(server.artifacts)
    if library and not libraries.find(library):
        text = f"the server keeps files at {server.artifacts}://, but {library}, which is needed for that, is not installed"
        return warn("mlflow-artifacts-client-missing", text, fix=fix("libs.install", packages=(library,)))
    if server.artifacts == "path" and not server.artifacts_here:
        text = "the newest experiment stores files in a server folder that is not here: files would stay on this machine"
        return warn("mlflow-artifacts-on-client", text, fix=fix("mlflow.serve-artifacts"))
    return ok("run files reach the server's storage")
