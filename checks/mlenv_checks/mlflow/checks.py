"""MLflow: where runs are recorded, what answers there, and whether client and server fit together."""

from __future__ import annotations

import re
from dataclasses import replace

from mlenv_doctor.api import Finding, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Wanted

from ..llm.facts import KeyUses
from .facts import Mlflow, MlflowServer
from .server_errors import STARTING, USUAL_PORT, elsewhere, evidence, judge, restart

PLACEHOLDER = re.compile(r"^your[-_.]|[<>{}]|^hostname$", re.I)
SILENT_MODELS = 3  # a client of this major version loses models on an older server without an error


@check("mlflow.configured", causes=(
    "mlflow-store-local", "mlflow-uri-no-scheme", "mlflow-uri-browser", "mlflow-uri-placeholder", "mlflow-uri-unsupported",
    "mlflow-windows-path-uri",
))  # fmt: skip
def configured(mlflow: Mlflow | Missing) -> Finding:
    """MLflow tracking address.

    Without MLFLOW_TRACKING_URI runs are recorded in the folder in which a script happens to be started. An address that is
    slightly wrong is worse: some versions of MLflow take it for the name of a folder and record there, without a word.
    """
    if isinstance(mlflow, Missing):
        return _not_read(mlflow, "MLflow's configuration")
    if mlflow.kind == "no-scheme":
        return _fail_address(
            "mlflow-uri-no-scheme", mlflow, "is not an address that MLflow understands: it must begin with http://"
        )
    if mlflow.page:
        return _fail_address("mlflow-uri-browser", mlflow, "is the address of a browser page, not of the server")
    if PLACEHOLDER.search(mlflow.host or mlflow.uri * (mlflow.kind == "unreadable")):
        text = f"{mlflow.source} still contains the example host {mlflow.host}"
        return fail("mlflow-uri-placeholder", text, evidence={"address": mlflow.uri}, fix=elsewhere(USUAL_PORT))
    if mlflow.scheme.partition("+")[0] == "postgres":
        text = f"{mlflow.source} begins with postgres://, which SQLAlchemy no longer supports; use postgresql://"
        return fail("mlflow-uri-unsupported", text, fix=fix("mlflow.correct-scheme", where=mlflow.source))
    if mlflow.kind == "windows-path":
        text = f"{mlflow.source} is a Windows path: MLflow reads the drive letter as a URL scheme"
        better = "file:///" + mlflow.uri.replace("\\", "/")
        return fail("mlflow-windows-path-uri", text, evidence={"address": mlflow.uri}, fix=fix("mlflow.set-address", uri=better))
    if mlflow.kind in ("unreadable", "other"):
        return unknown(f"{mlflow.source} is an address that cannot be checked here{_said(mlflow.uri)}")
    if mlflow.kind in ("none", "file", "sqlite"):
        return _recorded_locally(mlflow)
    return ok(f"{mlflow.source} names {mlflow.uri}", evidence={"address": mlflow.uri})


def _not_read(missing: Missing, what: str) -> Finding:
    """A fact that is missing for a reason that is nobody's fault."""
    return skip(f"{what} was {missing.reason}") if missing.kind == Why.NOT_ASKED else unknown(f"{what} {missing.reason}")


def _said(uri: str) -> str:
    return f": {uri}" if uri else ""


def _fail_address(cause: str, mlflow: Mlflow, what: str) -> Finding:
    """An address that needs only to be written differently."""
    better = (mlflow.uri if "://" in mlflow.uri else f"http://{mlflow.uri}").rstrip("/")
    return fail(cause, f"{mlflow.source} {what}", evidence={"address": mlflow.uri}, fix=fix("mlflow.set-address", uri=better))


def _recorded_locally(mlflow: Mlflow) -> Finding:
    """Healthy, but worth knowing: the cause stands on a pass."""
    if mlflow.kind == "none":
        where = f" ({' and '.join(mlflow.store)})" if mlflow.store else ""
        found = ok(f"MLFLOW_TRACKING_URI is not set: runs are recorded in the script's folder{where}")
    else:
        found = ok(f"{mlflow.source} keeps runs on this machine, in {mlflow.uri}", evidence={"address": mlflow.uri})
    return replace(found, cause="mlflow-store-local")


@check("mlflow.dotenv", causes=("mlflow-uri-in-dotenv",))
def dotenv(mlflow: Mlflow, uses: KeyUses) -> Finding:
    """MLflow address in .env.

    MLflow's library does not read that file: where no program calls load_dotenv() first, runs are recorded elsewhere.
    """
    if mlflow.source != ".env":
        return skip("MLflow's address is not in .env")
    if uses.loads or uses.other_file:
        return ok("this project's programs load .env, which has MLflow's address")
    text = f"MLflow's address ({mlflow.uri}) is only in .env, which MLflow does not read"
    return warn("mlflow-uri-in-dotenv", text, evidence={"address": mlflow.uri}, fix=fix("mlflow.load-dotenv"))


@check(
    "mlflow.server",
    causes=(
        "mlflow-not-running", "mlflow-refused", "mlflow-wrong-port", "mlflow-dns", "mlflow-timeout", "mlflow-auth-missing",
        "mlflow-auth-wrong", "mlflow-tls-mismatch", "mlflow-tls-untrusted", "mlflow-proxy-in-the-way", "mlflow-allowed-hosts",
        "mlflow-prefix-wrong", "mlflow-gateway-error", "mlflow-backend-unready", "mlflow-forbidden", "mlflow-redirects-writes",
        "mlflow-redirect-loop", "mlflow-artifacts-only",
    ),
)  # fmt: skip
def server(server: MlflowServer | Missing, mlflow: Mlflow, wanted: Wanted) -> Finding:
    """MLflow server.

    MLflow's own client waits four minutes for a dead server and twenty for a silent one before it says so, and it takes
    some other programs for an empty MLflow.
    """
    return replace(_answer(server, mlflow, wanted), subject="server")


def _answer(server: MlflowServer | Missing, mlflow: Mlflow, wanted: Wanted) -> Finding:
    if mlflow.kind in ("no-scheme", "unreadable", "windows-path") or PLACEHOLDER.search(mlflow.host):
        return skip("no usable address", blocked_by="mlflow.configured")
    if mlflow.kind in ("database", "databricks", "other"):
        return skip(f"no server: {mlflow.source} is a {mlflow.kind.replace('other', 'plug-in')}")
    if isinstance(server, Missing):
        return _no_answer(server, mlflow)
    if not server.problem:
        return _healthy(server)
    if not server.configured and not server.is_mlflow:
        return _not_running(server, mlflow, wanted)
    return judge(server, mlflow)


def _no_answer(missing: Missing, mlflow: Mlflow) -> Finding:
    if missing.kind == Why.TIMEOUT and mlflow.kind == "http":
        text = f"{mlflow.uri} {missing.reason}; {STARTING}"
        return fail("mlflow-timeout", text, evidence={"address": mlflow.uri}, fix=restart(mlflow.port, False))
    return _not_read(missing, "The MLflow server")


def _healthy(server: MlflowServer) -> Finding:
    name = f"MLflow {server.version}" if server.version else "MLflow"
    return ok(f"{name} at {server.uri}", evidence=evidence(server), brief=f"server at {server.uri}")


def _not_running(server: MlflowServer, mlflow: Mlflow, wanted: Wanted) -> Finding:
    """Nobody named a server, and none is at the usual place. What else may be there is no fault."""
    start = fix("mlflow.start-with-mlruns" if "mlruns" in mlflow.store else "mlflow.start")
    text = "no MLflow server is configured, and none is running on localhost:5000"
    if server.problem == "silent":
        text += f" yet: something there accepts connections but does not answer; {STARTING}"
    elif server.problem not in ("refused", "unreachable", "connect-timeout", "internal"):
        text += f"; the port is used by {server.service or 'another program'}, so choose another one"
        start = elsewhere(USUAL_PORT + 1)
    if wanted.mlflow:
        return fail("mlflow-not-running", text, evidence=evidence(server), fix=start)
    if mlflow.kind != "none":
        return skip(f"no server needed: runs are recorded in {mlflow.uri}", fix=start)
    if wanted.declared and not wanted.library("mlflow"):
        return skip(f"{text}; this project does not require one", fix=start)
    return warn("mlflow-not-running", text, evidence=evidence(server), fix=start)


@check("mlflow.version", causes=("mlflow-version-mismatch",))
def version(server: MlflowServer, libraries: Libraries) -> Finding:
    """MLflow versions.

    A client of version 3 records no models on a server of version 2, and `mlflow.autolog()` then records nothing at all:
    one warning, exit code 0.
    """
    client = libraries.find("mlflow") or libraries.find("mlflow-skinny")
    if client is None or not client.version:
        return skip("mlflow is not installed in this environment")
    if not server.is_mlflow:
        return skip("no MLflow server answered", blocked_by="mlflow.server")
    if not server.version:
        return skip("the server does not report its version")
    seen = {"client": client.version, "server": server.version, "address": server.uri}
    if _major(client.version) <= _major(server.version):
        return ok(f"{client.name} {client.version} and the server's {server.version} are compatible", evidence=seen)
    text = f"{client.name} {client.version} is newer than the server's MLflow {server.version}"
    fitting = "<2" if server.version == "1" else f"=={server.version}"
    repair = fix("mlflow.match-server", requirement=f"{client.name}{fitting}")
    if _major(client.version) >= SILENT_MODELS:
        return fail("mlflow-version-mismatch", f"{text}: logging models and autologging fail", evidence=seen, fix=repair)
    return warn("mlflow-version-mismatch", f"{text}: new features do not work there", evidence=seen, fix=repair)


def _major(version: str) -> int:
    return int(version.partition(".")[0]) if version.partition(".")[0].isdigit() else 0
