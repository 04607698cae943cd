"""What a server that does not serve MLflow's queries suffers from: one judge for each problem that the probe can name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mlenv_doctor.api import Finding, Fix, fail, fix, ok, unknown

from .facts import Mlflow, MlflowServer

USUAL_PORT = 5000
STARTING = "a server that has just been started may need 10 to 30 seconds"

Judge = Callable[[MlflowServer, Mlflow], Finding]


def judge(server: MlflowServer, mlflow: Mlflow) -> Finding:
    """A server that is there, or should be, and does not serve."""
    if server.proxy and (server.loopback or server.problem == "proxy"):
        found = _proxy(server)
    else:
        found = JUDGES.get(server.problem, _unclear)(server, mlflow)
    return replace(found, evidence=evidence(server))


def _proxy(server: MlflowServer) -> Finding:
    text = f"requests to {server.host} go to the proxy {server.proxy}, which does not reach MLflow"
    return fail("mlflow-proxy-in-the-way", text, fix=fix("mlflow.without-proxy", host=server.host))


def _dns(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"unknown host {server.host}: it is misspelled, or known only inside a VPN or Docker network"
    return fail("mlflow-dns", text, fix=_own())


def _refused(server: MlflowServer, mlflow: Mlflow) -> Finding:
    if not server.loopback:
        text = f"connection refused: {server.host}:{server.port} has no server, or one that accepts only local connections"
        return fail("mlflow-refused", text, fix=_own())
    if mlflow.named_port:
        text = f"connection refused: no MLflow server is running at {server.uri}"
        return fail("mlflow-refused", text, fix=fix("mlflow.start-on", port=str(server.port)))
    text = f"connection refused: nothing is listening on {server.host}:{server.port} (the default port; MLflow's is 5000)"
    return fail("mlflow-refused", text, fix=_own())


def _late(server: MlflowServer, mlflow: Mlflow) -> Finding:
    texts = {
        "connect-timeout": f"{server.host} does not answer on port {server.port} (5 s): it is off or behind a firewall",
        "unreachable": f"no route to {server.host}: the network or a VPN is off",
        "silent": f"{server.uri} accepted the connection but gave no complete answer within {_patience(server)}; {STARTING}",
    }  # fmt: skip
    return fail("mlflow-timeout", texts[server.problem], fix=restart(server.port, server.loopback))


def _patience(server: MlflowServer) -> str:
    return f"{server.waited:g} s of retries" if server.waited else "5 s"


def _stranger(server: MlflowServer, mlflow: Mlflow) -> Finding:
    what = {"not-http": "a program that does not use HTTP", "too-large": "a program that sends endless data"}
    who = server.service or what.get(server.problem, f"another program{f' ({server.server})' if server.server else ''}")
    return fail("mlflow-wrong-port", f"{server.uri} is not MLflow: it is {who}", fix=elsewhere(_other_port(server)))


def _status(server: MlflowServer, mlflow: Mlflow) -> Finding:
    if server.status not in (404, 405):
        return _unclear(server, mlflow)
    text = f"{server.uri} answers but is not MLflow: another program, or MLflow has another path"
    return fail("mlflow-wrong-port", text, fix=elsewhere(_other_port(server)))


def _unclear(server: MlflowServer, mlflow: Mlflow) -> Finding:
    seen = {
        "closed": "closes the connection without an answer",
        "tls": "breaks the TLS connection",
        "redirect": "redirects to another address, which was not followed",
        "status": f"answers with the status {server.status}",
    }
    what = seen.get(server.problem, "could not be reached")
    return unknown(f"{server.uri} {what}; could not tell whether MLflow works there")


def _login(server: MlflowServer, mlflow: Mlflow) -> Finding:
    if mlflow.plugin:
        return unknown(f"{server.uri} requires a login by an MLflow plug-in (MLFLOW_TRACKING_AUTH or _AWS_SIGV4)")
    if not server.configured:
        return ok(f"MLflow with login at {server.uri}")
    if server.realm != "mlflow":
        text = f"{server.uri} requires a login that is not MLflow's own"
        return fail("mlflow-proxy-in-the-way", text, fix=fix("mlflow.ask-for-a-token"))
    if server.credentials == "withheld":
        return unknown(
            f"{server.uri} requires a login, and yours was not sent: the address comes from {mlflow.source} of the project; "
            "to trust it, set MLFLOW_TRACKING_URI or use --mlflow-uri"
        )
    if server.credentials:
        return _refused_login(server)
    lacks = [name for name, there in (("USERNAME", mlflow.username), ("PASSWORD", mlflow.password)) if not there]
    half = f": MLFLOW_TRACKING_{lacks[0]} is not set" if len(lacks) == 1 else ""
    return fail(
        "mlflow-auth-missing",
        f"{server.uri} requires a login, and none was sent{half}",
        fix=fix("mlflow.log-in"),
    )


def _refused_login(server: MlflowServer) -> Finding:
    places = {
        "netrc": "~/.netrc",
        "address": "the address itself",
        "file": "~/.mlflow/credentials",
        "token": "MLFLOW_TRACKING_TOKEN",
    }
    where = places.get(server.credentials, "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")
    better = fix("mlflow.correct-login", where=where) if server.credentials in ("netrc", "address") else fix("mlflow.log-in")
    return fail("mlflow-auth-wrong", f"{server.uri} refuses the login that comes from {where}", fix=better)


def _token(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = "MLFLOW_TRACKING_TOKEN contains a line break or another character that cannot be sent"
    return fail("mlflow-auth-wrong", text, fix=fix("mlflow.correct-login", where="MLFLOW_TRACKING_TOKEN"))


def _mismatch(server: MlflowServer, mlflow: Mlflow) -> Finding:
    wrong, right = ("http", "https") if server.problem == "needs-https" else ("https", "http")
    better = f"{right}{server.uri.removeprefix(wrong)}"
    text = f"the address begins with {wrong}://, but the server on port {server.port} uses {right}"
    return fail("mlflow-tls-mismatch", text, fix=fix("mlflow.set-address", uri=better))


def _untrusted(server: MlflowServer, mlflow: Mlflow) -> Finding:
    texts = {
        "untrusted": f"the TLS certificate of {server.uri} is not trusted here",
        "wrong-name": f"the TLS certificate of {server.uri} is for a different host name than {server.host}",
        "expired": f"the TLS certificate of {server.uri} has expired",
        "no-bundle": "the certificate file named in the environment cannot be read",
    }
    return fail("mlflow-tls-untrusted", texts[server.problem], fix=fix("mlflow.ask-for-certificate", host=server.host))


def _in_front(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"{server.uri} is behind a login page that blocks programs"
    return fail("mlflow-proxy-in-the-way", text, fix=fix("mlflow.ask-for-a-token"))


def _forbidden(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"{server.uri} denies this user access to experiments"
    return fail("mlflow-forbidden", text, fix=fix("mlflow.ask-for-permission"))


def _to_https(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"{server.uri} redirects to https, which turns writes into reads"
    return fail("mlflow-redirects-writes", text, fix=fix("mlflow.set-address", uri=server.other_uri))


def _loop(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"{server.uri} redirects in a loop: the proxy in front of MLflow is misconfigured"
    return fail("mlflow-redirect-loop", text, fix=fix("mlflow.restart-service"))


def _artifacts_only(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"the MLflow server at {server.uri} was started with --artifacts-only: it records no runs"
    return fail("mlflow-artifacts-only", text, fix=fix("mlflow.full-server"))


def _blocked_host(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"the MLflow server rejects the host name {server.host}: it is not in its allowed hosts"
    return fail("mlflow-allowed-hosts", text, fix=fix("mlflow.allow-host", host=server.host))


def _prefix(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"MLflow is at {server.other_uri}, not at {server.uri}"
    return fail("mlflow-prefix-wrong", text, fix=fix("mlflow.set-address", uri=server.other_uri))


def _gateway(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"the gateway at {server.uri} cannot reach the MLflow server: it is down or too slow (status {server.status})"
    return fail("mlflow-gateway-error", text, fix=fix("mlflow.restart-service"))


def _backend(server: MlflowServer, mlflow: Mlflow) -> Finding:
    text = f"MLflow runs at {server.uri} but cannot answer queries (status {server.status}): its database has a problem"
    return fail("mlflow-backend-unready", text, fix=fix("mlflow.restart-service"))


JUDGES: Mapping[str, Judge] = {
    "dns": _dns, "refused": _refused, "unreachable": _late, "connect-timeout": _late, "silent": _late, "not-http": _stranger,
    "other-service": _stranger, "too-large": _stranger, "status": _status, "auth": _login, "token-malformed": _token,
    "needs-https": _mismatch, "needs-http": _mismatch, "untrusted": _untrusted, "wrong-name": _untrusted, "expired": _untrusted,
    "no-bundle": _untrusted, "blocked-host": _blocked_host, "prefix": _prefix, "gateway": _gateway, "backend": _backend,
    "login": _in_front, "forbidden": _forbidden, "to-https": _to_https, "loop": _loop, "artifacts-only": _artifacts_only,
}  # fmt: skip


def evidence(server: MlflowServer) -> dict[str, str]:
    """What was seen, in a few words each."""
    status = str(server.status or "")
    seen = {"address": server.uri, "status": status, "server": server.server, "version": server.version, "proxy": server.proxy}
    return {name: value for name, value in seen.items() if value}


def elsewhere(port: int) -> Fix:
    """A server of one's own on another port."""
    return fix("mlflow.start-elsewhere", uri=f"http://localhost:{port}", port=str(port))


def _own() -> Fix:
    return elsewhere(USUAL_PORT)


def _other_port(server: MlflowServer) -> int:
    """The usual port, or the next one where somebody else has that."""
    return USUAL_PORT + 1 if server.loopback and server.port == USUAL_PORT else USUAL_PORT


def restart(port: int, loopback: bool) -> Fix:
    """For a server that says nothing: start it again if it is ours; otherwise there is only a server of one's own."""
    return fix("mlflow.restart", port=str(port)) if loopback else _own()
