"""Patients with a tracking server that is not there, is not MLflow, or does not let them in."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import ExitStack

from support import servers
from support.servers import Handler, always, mlflow_like, reply

from .patient import Patient
from .visit import Visit
from .ward import Ward

OPEN = ExitStack()  # the peers of all patients answer until the tests end
atexit.register(OPEN.close)
CANARY = "cAn4ry-S3cret"
LOGIN = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": CANARY}
OTHER_LOGIN = {**LOGIN, "MLFLOW_TRACKING_USERNAME": "bob"}
HERE = "http://127.0.0.1:{port}"
WITH_LOGIN = f"http://ada:{CANARY}@127.0.0.1:{{port}}"
PROXY = {"http_proxy": "http://127.0.0.1:1"}
MLFLOW = mlflow_like("3.17.2")
AIRPLAY = always(reply(403, Server="AirTunes/935.7.1"))
REGISTRY = always(reply(404, "404 page not found", Docker_Distribution_Api_Version="registry/2.0"))
GUARDED = always(reply(401, "You are not authenticated.", WWW_Authenticate='Basic realm="mlflow"'))
FOREIGN = always(reply(401, WWW_Authenticate='Basic realm="x"'))
TEAM = mlflow_like("3.17.2", prefix="/team")
EMPTY = mlflow_like("3.17.2", search=reply(200, "{}"))
ONLY_MLFLOW = ("mlflow",)


def asking(uri: str, **env: str) -> Callable[[Ward], None]:
    """A healthy environment whose runs go to this address."""

    def make(ward: Ward) -> None:
        ward.venv()
        ward.environ |= {"MLFLOW_TRACKING_URI": uri, **env}

    return make


def served(handler: Handler, address: str = HERE, **env: str) -> Callable[[Ward], None]:
    """The same, with somebody who answers there."""

    def make(ward: Ward) -> None:
        here = OPEN.enter_context(servers.peer(handler))
        asking(address.format(port=here.port), **env)(ward)

    return make


def guarded(connection: servers.socket.socket, request: str) -> None:
    """MLflow with a login that ada has."""
    known = "Authorization: Basic YWRhOmNBbjRyeS1TM2NyZXQ=" in request
    (MLFLOW if known else GUARDED)(connection, request)


def old_client(ward: Ward) -> None:
    served(MLFLOW)(ward)
    ward.library("mlflow", "2.22.5")


def off(ward: Ward) -> None:
    """A machine that takes no connections."""
    here = OPEN.enter_context(servers.dead())
    asking(here.uri)(ward)


def tells_no_secret(visit: Visit) -> None:
    assert CANARY not in visit.stdout + visit.stderr


def ends_in_time(visit: Visit) -> None:
    assert visit.seconds < 7


def is_healthy(visit: Visit) -> None:
    statuses = {finding["id"]: finding["status"] for finding in visit.findings()}
    assert statuses["mlflow.server"] == "pass", f"\n{visit}"
    tells_no_secret(visit)


def keeps_runs_here(visit: Visit) -> None:
    assert "mlflow-store-local" in visit.causes("pass"), f"\n{visit}"


def patient(
    id: str, make: Callable[[Ward], object], *red: str, also: Callable[[Visit], object] | None = None, **more: bool
) -> Patient:
    return Patient(id, make, red=red, args=ONLY_MLFLOW, also=also, **more)


PATIENTS = [
    Patient("nothing is configured", red=(), args=ONLY_MLFLOW, also=keeps_runs_here),
    patient("a store in a file", asking("sqlite:///mlflow.db"), also=keeps_runs_here),
    patient("nobody listens", asking("http://localhost:1"), "mlflow-refused"),
    patient("nobody listens to a password", asking(f"http://ada:{CANARY}@localhost:1"), "mlflow-refused", also=tells_no_secret),
    patient("an address without a port", asking("http://localhost:9"), "mlflow-refused"),
    patient("a name that leads nowhere", asking("http://mlflow-server.invalid:5000"), "mlflow-dns"),
    patient("AirPlay", served(AIRPLAY), "mlflow-wrong-port"),
    patient("a Docker registry", served(REGISTRY), "mlflow-wrong-port"),
    patient("an API that says {} to everything", served(always(reply(200, "{}"))), "mlflow-wrong-port"),
    patient("a page of HTML", served(always(reply(200, "<html>Sign in</html>"))), "mlflow-wrong-port"),
    patient("SSH", served(always(b"SSH-2.0-OpenSSH_9.2\r\n")), "mlflow-wrong-port"),
    patient("an API of one's own", served(always(reply(404, '{"detail":"Not Found"}', Server="uvicorn"))), "mlflow-wrong-port"),
    patient("a silent server", served(servers.silent), "mlflow-timeout", also=ends_in_time, slow=True),
    patient("a dripping server", served(servers.drip), "mlflow-timeout", also=ends_in_time, slow=True),
    patient("a machine that is off", off, "mlflow-timeout", also=ends_in_time, slow=True),
    patient("no login", served(guarded), "mlflow-auth-missing"),
    patient("half a login", served(guarded, MLFLOW_TRACKING_USERNAME="ada"), "mlflow-auth-missing"),
    patient("a wrong login", served(guarded, **OTHER_LOGIN), "mlflow-auth-wrong", also=tells_no_secret),
    patient("a server of another age", served(mlflow_like("2.22.5")), "mlflow-version-mismatch"),
    patient("an address without http", asking("localhost:5000"), "mlflow-uri-no-scheme"),
    patient("an address from the browser", served(MLFLOW, HERE + "/#/experiments"), "mlflow-uri-browser"),
    patient("https where http is spoken", served(MLFLOW, "https://127.0.0.1:{port}"), "mlflow-tls-mismatch"),
    patient("a path that is not there", served(MLFLOW, HERE + "/team"), "mlflow-prefix-wrong"),
    patient("a name that is not allowed", served(always(reply(403, "Invalid Host header - …"))), "mlflow-allowed-hosts"),
    patient("a gateway with nothing behind it", served(always(reply(502))), "mlflow-gateway-error"),
    patient("a database in trouble", served(mlflow_like("3.17.2", search=reply(500))), "mlflow-backend-unready"),
    patient("a proxy in the way", served(MLFLOW, **PROXY), "mlflow-proxy-in-the-way"),
    patient("a login of somebody else's", served(FOREIGN), "mlflow-proxy-in-the-way"),
    patient("a healthy server", served(MLFLOW), also=is_healthy),
    patient("a healthy server, and a slash", served(MLFLOW, "http://localhost:{port}/"), also=is_healthy),
    patient("a healthy server under a path", served(TEAM, HERE + "/team"), also=is_healthy),
    patient("a healthy server with a login", served(guarded, **LOGIN), also=is_healthy),
    patient("a healthy server with a login in the address", served(guarded, WITH_LOGIN), also=is_healthy),
    patient("a healthy server without a single experiment", served(EMPTY), also=is_healthy),
    patient("a healthy server past a proxy", served(MLFLOW, **PROXY, no_proxy="127.0.0.1"), also=is_healthy),
    patient("a client that is older than its server", old_client, also=is_healthy),
    patient("a login that only a plug-in has", served(always(reply(401)), MLFLOW_TRACKING_AUTH="company-plug-in")),
    patient("a server that says no more than no", served(always(reply(403)))),
]  # fmt: skip
