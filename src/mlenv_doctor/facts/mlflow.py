"""MLflow: how it is configured (Mlflow) and what really answers there (MlflowServer)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Mlflow(Fact):
    """Where runs would be recorded, by the configuration alone. Nothing here is a secret: only whether there is one.

    kind:   "none", "http", "file", "sqlite", "database", "databricks", "no-scheme" (an address without http://, or with
            quotes as part of it), "unreadable" or "other".
    uri:    the address without user, password, query and fragment; empty where it cannot be shown safely.
    source: what names it, such as "MLFLOW_TRACKING_URI"; empty for kind "none".
    port:   0 where the kind has none; for http the port that is really used, `named_port` says whether the address names it.
    page:   the address is one of the browser's (`/#/experiments…`), which no program can use.
    userinfo, username, password, token: whether the address holds a user, and whether the variables are set and not empty.
    plugin: a plug-in of MLflow (MLFLOW_TRACKING_AUTH, _AWS_SIGV4) makes the credentials: nobody else can send them.
    store:  what lies in the working folder: "mlruns", "mlflow.db" or both.
    """

    section: ClassVar[str] = "mlflow"
    probe: ClassVar[str] = "mlflow"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "mlflow.configured"
    shared: ClassVar[bool] = True

    kind: str = "none"
    uri: str = ""
    source: str = ""
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


@dataclass(frozen=True)
class MlflowServer(Fact):
    """What answers at the configured address, or on localhost:5000 where none is configured.

    configured:  whether somebody named this address; otherwise it is only the usual place to look.
    uri:         the address that was asked, without user, password and query.
    proxy:       the proxy between us and it, host and port only; empty for none.
    problem:     empty for an MLflow server that answers queries. Else, in the order of the conversation: "unreadable" (the
                 address), "token-malformed", "no-bundle" (of certificates), "dns", "refused", "unreachable", "connect-timeout",
                 "proxy", "silent", "closed", "not-http", "too-large", "needs-https", "needs-http", "untrusted", "wrong-name",
                 "expired", "tls", "auth", "blocked-host", "redirect", "gateway", "other-service", "prefix", "backend",
                 "status" (an answer that proves nothing) or "internal".
    status:      of the answer that decided, 0 for none.
    server:      the name in the Server header; `service` is what it is known to belong to, such as "AirPlay".
    realm:       of a 401: "mlflow", "other" or "".
    credentials: where those that were sent come from: "environment", "token", "file", "netrc", "address" or "".
    version:     empty where the server does not say; "1" for a server of that age.
    other_uri:   where MLflow does answer, if the configured address is off by its path.
    seconds:     until the first answer was complete, or until we gave up.
    """

    section: ClassVar[str] = "mlflow_server"
    probe: ClassVar[str] = "mlflow_client mlflow_line mlflow_server"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 15.0
    owner: ClassVar[str] = "mlflow.server"
    quick: ClassVar[bool] = False

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
    seconds: float = 0.0

    @property
    def is_mlflow(self) -> bool:
        """Whether what answered proved to be MLflow, well or not."""
        known = ("", "backend", "blocked-host", "prefix")
        return self.problem in known or (self.problem == "auth" and self.realm == "mlflow")
