"""MLflow: how it is configured (Mlflow), what lies on this machine (MlflowStore) and what really answers (MlflowServer)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mlenv_doctor.api import Fact, Snapshot
from mlenv_doctor.patient import Libraries
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Mlflow(Fact):
    """Where runs would be recorded, by the configuration alone. Nothing here is a secret: only whether there is one.

    kind:   "none", "http", "file", "sqlite", "database", "databricks", "windows-path" (a letter of a drive, which MLflow
            takes for a scheme), "no-scheme" (an address without http://, or with quotes as part of it), "unreadable" or "other".
    uri:    the address without user, password, query and fragment; empty where it cannot be shown safely.
    source: what names it: "MLFLOW_TRACKING_URI", ".env", "--mlflow-uri" or "pyproject.toml"; empty for kind "none".
    scheme: such as "https" or "postgresql+psycopg2"; empty for none.
    port:   0 where the kind has none; for http the port that is really used, `named_port` says whether the address names it.
    page:   the address is one of the browser's (`/#/experiments…`), which no program can use.
    userinfo, username, password, token: whether the address holds a user, and whether the variables are set and not empty.
    plugin: a plug-in of MLflow (MLFLOW_TRACKING_AUTH, _AWS_SIGV4) makes the credentials: nobody else can send them.
    store:  what lies in the working folder: "mlruns", "mlflow.db" or both.
    """

    section: ClassVar[str] = "mlflow"
    probe: ClassVar[str] = "mlenv_checks.mlflow.probes.settings"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "mlflow.configured"
    shared: ClassVar[bool] = True

    kind: str = "none"
    uri: str = ""
    source: str = ""
    scheme: str = ""
    host: str = ""
    port: int = 0
    named_port: bool = True
    page: bool = False
    userinfo: bool = False
    username: bool = False
    password: bool = False
    token: bool = False
    plugin: bool = False
    store: tuple[str, ...] = ()

    @classmethod
    def circumstances(cls, facts: Snapshot) -> Mapping[str, str]:
        """Whether mlflow is installed in the examined environment."""
        libraries = facts.get(Libraries)
        return {"mlflow": "yes" if isinstance(libraries, Libraries) and libraries.find("mlflow") else "no"}


@dataclass(frozen=True)
class MlflowStore(Fact):
    """MLflow's store on this machine, if runs go there, and what the installed MLflow makes of it; by its files alone.

    installed: whether the target has MLflow. kind: "folder", "database" (SQLite) or "" where runs go elsewhere. path: of it.
    refuses:   this MLflow takes no folder, unless `allowed` (MLFLOW_ALLOW_FILE_STORE). runs: the folder holds experiments.
    exists:    the database is there. readable: and could be read.
    mlflow:    it has MLflow's tables. revision: of its schema, empty where that cannot be told.
    head:      the newest revision of the installed MLflow. known: it knows the database's revision, too.
    complete:  the database has all tables of the installed MLflow; one that lacks some is brought up to date when opened.
    """

    section: ClassVar[str] = "mlflow_store"
    probe: ClassVar[str] = "mlenv_checks.mlflow.probes.store"
    owner: ClassVar[str] = "mlflow.store"
    shared: ClassVar[bool] = True

    installed: bool = False
    kind: str = ""
    path: str = ""
    refuses: bool = False
    allowed: bool = False
    runs: bool = False
    exists: bool = False
    readable: bool = False
    mlflow: bool = False
    revision: str = ""
    head: str = ""
    known: bool = False
    complete: bool = False


@dataclass(frozen=True)
class MlflowServer(Fact):
    """What answers at the configured address, or on localhost:5000 where none is configured.

    configured:  whether somebody named this address; otherwise it is only the usual place to look.
    uri:         the address that was asked, without user, password and query.
    proxy:       the proxy between us and it, host and port only; empty for none.
    problem:     empty for an MLflow server that answers queries. Else, in the order of the conversation: "unreadable" (the
                 address), "token-malformed", "no-bundle" (of certificates), "dns", "refused", "unreachable", "connect-timeout",
                 "proxy", "silent", "closed", "not-http", "too-large", "needs-https", "needs-http", "untrusted", "wrong-name",
                 "expired", "tls", "auth", "login" (a page that asks for one, or the way to it), "forbidden" (to the user that was
                 sent), "blocked-host", "to-https" (a redirect that turns writing into reading), "loop", "redirect", "gateway",
                 "other-service", "prefix", "artifacts-only", "backend", "status" (an answer that proves nothing) or "internal".
    status:      of the answer that decided, 0 for none.
    server:      the name in the Server header; `service` is what it is known to belong to, such as "AirPlay".
    realm:       of a 401: "mlflow", "other" or "".
    credentials: where those that were sent come from: "environment", "token", "file", "netrc", "address" or "".
        "withheld": there are some, and they do not belong to this address.
    version:     empty where the server does not say; "1" for a server of that age.
    other_uri:   where MLflow does answer, if the configured address is off by its path.
    artifacts:   the scheme of the place where the newest experiment keeps its files, such as "mlflow-artifacts" or "s3"; "path"
                 for a folder, "" where nobody said. `artifacts_here`: whether this machine has that folder, too.
    waited:      seconds for which the server was given time to start.
    seconds:     until the first answer was complete, or until we gave up.
    """

    section: ClassVar[str] = "mlflow_server"
    probe: ClassVar[str] = "mlenv_checks.mlflow.probes.server"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = "mlflow.server"
    quick: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    configured: bool = False
    uri: str = ""
    host: str = ""
    port: int = 0
    loopback: bool = False
    proxy: str = ""
    problem: str = ""
    status: int = 0
    server: str = ""
    service: str = ""
    realm: str = ""
    credentials: str = ""
    version: str = ""
    other_uri: str = ""
    artifacts: str = ""
    artifacts_here: bool = False
    waited: float = 0.0
    seconds: float = 0.0

    @property
    def is_mlflow(self) -> bool:
        """Whether what answered proved to be MLflow, well or not."""
        known = ("", "artifacts-only", "backend", "blocked-host", "forbidden", "prefix")
        return self.problem in known or (self.problem == "auth" and self.realm == "mlflow")
