"""What the MLflow probe reads from the environment, and what it learns from peers of every kind."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.mlflow.facts import Mlflow, MlflowServer
from mlenv_doctor.facts import Missing
from support import servers
from support.probing import probe
from support.servers import always, by_path, kept_at, mlflow_like, peer, reply

CANARY = "cAn4ry-S3cret"
CLEAN = {name: "" for name in os.environ if name.lower().endswith("_proxy") or name.startswith(("MLFLOW_", "REQUESTS_", "CURL_"))}
STEP = 5.0  # seconds: the probe's deadline for one step


def configured(tmp_path: Path, uri: str | None = None, **env: str) -> Mlflow:
    environ = {**CLEAN, "HOME": str(tmp_path), **({} if uri is None else {"MLFLOW_TRACKING_URI": uri}), **env}
    found = probe(Mlflow, cwd=tmp_path, env=environ)
    assert isinstance(found, Mlflow), found
    return found


def ask(tmp_path: Path, uri: str = "", **env: str) -> MlflowServer:
    environ = {**CLEAN, "HOME": str(tmp_path), "NO_PROXY": "*", "MLFLOW_TRACKING_URI": uri, **env}
    found = probe(MlflowServer, cwd=tmp_path, env=environ)
    assert isinstance(found, MlflowServer), found
    assert CANARY not in repr(found)
    return found


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("", {"kind": "none", "uri": "", "source": ""}),
        ("http://localhost:5000", {"kind": "http", "host": "localhost", "port": 5000, "named_port": True}),
        ("HTTPS://MLflow.Org/a/", {"kind": "http", "uri": "https://MLflow.Org/a/", "host": "mlflow.org", "named_port": False}),
        ("https://mlflow.org", {"port": 443}),
        ("http://[::1]:5000", {"kind": "http", "host": "::1", "port": 5000}),
        (f"http://u:{CANARY}@host:5000/a?b={CANARY}#c", {"kind": "http", "uri": "http://host:5000/a", "userinfo": True}),
        (f"http://u:{CANARY}/{CANARY}@host:5000", {"kind": "unreadable", "uri": ""}),
        (f"http://u:{CANARY}?x@host:5000", {"kind": "unreadable", "uri": ""}),
        (f"http://u:1?{CANARY}@host:5000", {"kind": "unreadable", "uri": ""}),
        (f"http://host:{CANARY}", {"kind": "unreadable", "uri": ""}),
        ("http://host:99999", {"kind": "unreadable"}),
        ("http:///path", {"kind": "unreadable"}),
        ("http://localhost:5000/#/experiments/1", {"kind": "http", "page": True, "uri": "http://localhost:5000/"}),
        ("127.0.0.1:5000", {"kind": "no-scheme", "uri": "127.0.0.1:5000"}),
        ("localhost:5000", {"kind": "no-scheme"}),
        (f"u:{CANARY}@localhost:5000/", {"kind": "no-scheme", "uri": "localhost:5000/"}),
        ('"http://localhost:5000"', {"kind": "no-scheme", "uri": "http://localhost:5000"}),
        ("./mlruns", {"kind": "file"}),
        ("mlruns", {"kind": "file"}),
        ("C:\\mlruns", {"kind": "windows-path"}),
        ("file:///data/mlruns", {"kind": "file"}),
        ("sqlite:///mlflow.db", {"kind": "sqlite", "uri": "sqlite:///mlflow.db"}),
        (f"postgresql+psycopg://u:{CANARY}@db:5432/mlflow", {"kind": "database", "uri": "postgresql+psycopg://db:5432/mlflow"}),
        ("databricks", {"kind": "databricks"}),
        ("databricks://profile", {"kind": "databricks"}),
        ("azureml://westeurope", {"kind": "other"}),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart_and_its_secrets_are_left_out(tmp_path: Path, uri: str, expected: dict[str, Any]) -> None:
    found = configured(tmp_path, uri)
    assert {name: getattr(found, name) for name in expected} == expected
    assert CANARY not in repr(found)


def test_only_the_presence_of_a_login_is_kept(tmp_path: Path) -> None:
    found = configured(tmp_path, MLFLOW_TRACKING_USERNAME="ada", MLFLOW_TRACKING_PASSWORD=CANARY, MLFLOW_TRACKING_TOKEN=CANARY)
    assert (found.username, found.password, found.token, found.plugin) == (True, True, True, False)
    assert CANARY not in repr(found)
    assert configured(tmp_path, MLFLOW_TRACKING_AUTH="plug-in").plugin


def test_the_stores_of_the_project_are_seen(tmp_path: Path) -> None:
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlflow.db").touch()
    assert configured(tmp_path).store == ("mlruns", "mlflow.db")


def test_an_address_on_the_command_line_wins(tmp_path: Path) -> None:
    environ = {**CLEAN, "MLFLOW_TRACKING_URI": "http://elsewhere"}
    found = probe(Mlflow, cwd=tmp_path, env=environ, mlflow_uri="http://here:1")
    assert isinstance(found, Mlflow)
    assert (found.host, found.source) == ("here", "--mlflow-uri")


def test_an_address_in_dotenv_counts_where_the_environment_names_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"MLFLOW_TRACKING_URI='http://ada:{CANARY}@here:1'\nMLFLOW_TRACKING_PASSWORD={CANARY}\n")
    clean = {**CLEAN, "HOME": str(tmp_path)}
    environ = {name: value for name, value in clean.items() if name != "MLFLOW_TRACKING_URI"}
    found = probe(Mlflow, cwd=tmp_path, env=environ)
    assert isinstance(found, Mlflow)
    assert (found.host, found.source, found.password) == ("here", ".env", True)
    assert CANARY not in repr(found)
    found = probe(Mlflow, cwd=tmp_path, env={**environ, "MLFLOW_TRACKING_URI": "http://there:1"})
    assert isinstance(found, Mlflow)
    assert (found.host, found.source, found.password) == ("there", "MLFLOW_TRACKING_URI", False)


@pytest.mark.parametrize("text", ["MLFLOW_TRACKING_URI\n", "OTHER=1\n", "MLFLOW_TRACKING_URI=\0\n", "#" * 300_000])
def test_a_dotenv_without_an_address_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_text(text)
    assert configured(tmp_path).kind == "none"


HTML = reply(200, "<!doctype html><title>Sign in</title>", Content_Type="text/html")


PEERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "healthy": (mlflow_like("3.17.2"), {"problem": "", "version": "3.17.2", "status": 200, "server": "uvicorn"}),
    "no experiment 0": (
        mlflow_like("2.22.5", experiment=reply(404, '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "…"}')),
        {"problem": "", "version": "2.22.5"},
    ),
    "no permission for experiment 0": (mlflow_like("3.17.2", experiment=reply(403, "Permission denied")), {"problem": ""}),
    "no experiments at all": (mlflow_like("3.17.2", search=reply(200, "{}")), {"problem": ""}),
    "mlflow 1": (
        by_path({
            "/api/2.0/mlflow/experiments/get": reply(200, servers.EXPERIMENT),
            "/api/2.0/mlflow/experiments/search": reply(200, servers.SEARCH),
            "/api/2.0/mlflow/experiments/list": reply(200, servers.SEARCH),
        }),
        {"problem": "", "version": "1"},
    ),
    "no version": (mlflow_like("<html>"), {"problem": "", "version": ""}),
    "search fails": (mlflow_like("3.17.2", search=reply(500)), {"problem": "backend", "status": 500}),
    "search is refused": (mlflow_like("3.17.2", search=reply(403)), {"problem": "status", "status": 403}),
    "search is forbidden": (mlflow_like("3.17.2", search=reply(403, "Permission denied")), {"problem": "forbidden"}),
    "artifacts only": (always(reply(503, "Endpoint: x disabled due to … `--artifacts-only` mode")), {"problem": "artifacts-only"}),
    "a form for a login": (always(reply(200, "<form><input name=p type='password'></form>")), {"problem": "login"}),
    "sent to a login": (always(reply(302, Location="https://sso.example.com/oauth2/authorize")), {"problem": "login"}),
    "sent to another host": (always(reply(301, Location="https://127.0.0.1.evil.example/")), {"problem": "redirect"}),
    "keeps files in a bucket": (mlflow_like("3.17.2", search=kept_at("s3://bucket/x")), {"problem": "", "artifacts": "s3"}),
    "keeps files itself": (mlflow_like("3.17.2", search=kept_at("mlflow-artifacts:/0")), {"artifacts": "mlflow-artifacts"}),
    "keeps files in a folder": (mlflow_like("3.17.2", search=kept_at("/srv/mlruns/0")), {"artifacts": "path", "artifacts_here": True}),
    "keeps files at a file address": (mlflow_like("3.17.2", search=kept_at("file:///srv/0")), {"artifacts": "path"}),
    "keeps files on a drive": (mlflow_like("3.17.2", search=kept_at("C:\\\\mlruns")), {"artifacts": "path"}),
    "says odd things about files": (mlflow_like("3.17.2", search=kept_at("S3 ☃:/x")), {"problem": "", "artifacts": ""}),
    "database down": (mlflow_like("3.17.2", experiment=reply(500, '{"error_code": "INTERNAL_ERROR"}')), {"problem": "backend"}),
    "something fails": (always(reply(500)), {"problem": "status", "status": 500, "version": ""}),
    "AirPlay": (always(reply(403, Server="AirTunes/935.7.1")), {"problem": "other-service", "service": "AirPlay", "status": 403}),
    "registry": (
        always(reply(404, "404 page not found", Docker_Distribution_Api_Version="registry/2.0")),
        {"problem": "other-service", "service": "a Docker registry"},
    ),
    "flask": (always(reply(404, Server="Werkzeug/3.1 Python/3.12")), {"service": "a Flask program"}),
    "empty JSON": (always(reply(200, "{}")), {"problem": "other-service", "service": "", "status": 200}),
    "a JSON list": (always(reply(200, "[]")), {"problem": "other-service"}),
    "OK to all": (always(reply(200, "OK")), {"problem": "other-service"}),
    "login page": (always(HTML), {"problem": "other-service"}),
    "nothing there": (always(reply(404, '{"detail":"Not Found"}', Server="uvicorn")), {"problem": "status", "status": 404}),
    "login": (
        always(reply(401, "You are not authenticated.", WWW_Authenticate='Basic realm="mlflow"')),
        {"problem": "auth", "realm": "mlflow", "credentials": ""},
    ),
    "foreign login": (always(reply(401, WWW_Authenticate='Basic realm="corporate"')), {"problem": "auth", "realm": "other"}),
    "bearer": (always(reply(401, WWW_Authenticate="Bearer")), {"problem": "auth", "realm": "other"}),
    "blocked host": (always(reply(403, "Invalid Host header - possible DNS rebinding attack")), {"problem": "blocked-host"}),
    "forbidden": (always(reply(403, "no")), {"problem": "status", "status": 403}),
    "bad gateway": (always(reply(502, "<html>")), {"problem": "gateway"}),
    "wants https": (
        always(reply(400, "<title>400 The plain HTTP request was sent to HTTPS port</title>")),
        {"problem": "needs-https"},
    ),
    "sent elsewhere": (always(reply(302, Location="https://login.example.com/")), {"problem": "login", "status": 302}),
    "redirect loop": (always(reply(302, Location="/again")), {"problem": "loop"}),
    "ssh": (always(b"SSH-2.0-OpenSSH_9.2\r\n"), {"problem": "not-http"}),
    "redis": (always(b"-ERR unknown command\r\n"), {"problem": "not-http"}),
    "hangs up": (servers.hang_up, {"problem": "closed"}),
    "resets": (servers.reset, {"problem": "closed"}),
    "endless": (servers.endless, {"problem": "too-large"}),
    "a long header": (servers.long_header, {"problem": "not-http"}),
    "cut off": (always(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), {"problem": "closed"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PEERS)
def test_every_kind_of_peer_is_recognised(tmp_path: Path, name: str) -> None:
    handler, expected = PEERS[name]
    with peer(handler) as here:
        found = ask(tmp_path, here.uri)
    assert {field: getattr(found, field) for field in expected} == expected
    assert found.configured
    assert found.uri == here.uri


@pytest.mark.slow
@pytest.mark.parametrize("handler", [servers.silent, servers.drip, servers.drip_headers])
def test_a_server_that_does_not_answer_is_given_up_in_time(tmp_path: Path, handler: servers.Handler) -> None:
    with peer(handler) as here:
        started = time.monotonic()
        found = ask(tmp_path, here.uri)
    assert found.problem == "silent"
    assert time.monotonic() - started < STEP + 1


@pytest.mark.slow
def test_a_machine_that_is_off_is_given_up_in_time(tmp_path: Path) -> None:
    with servers.dead() as here:
        started = time.monotonic()
        found = ask(tmp_path, here.uri)
    assert found.problem == "connect-timeout"
    assert time.monotonic() - started < STEP + 1


@pytest.mark.slow
def test_a_server_that_is_slow_after_its_first_answer_is_given_up_within_the_whole_deadline(tmp_path: Path) -> None:
    def slow(connection: socket.socket, request: str) -> None:
        time.sleep(3.5)
        mlflow_like("3.17.2")(connection, request)

    with peer(slow) as here:
        started = time.monotonic()
        found = ask(tmp_path, here.uri)
    assert (found.problem, found.version) == ("", "3.17.2") or found.problem == "silent"
    assert time.monotonic() - started < 12


def test_nobody_listens(tmp_path: Path) -> None:
    found = ask(tmp_path, f"http://localhost:{servers.free_port()}")
    assert (found.problem, found.loopback) == ("refused", True)


def test_a_name_that_leads_nowhere(tmp_path: Path) -> None:
    assert ask(tmp_path, "http://no-such-host.invalid:5000").problem == "dns"


def test_an_address_that_cannot_be_read(tmp_path: Path) -> None:
    assert ask(tmp_path, f"http://u:{CANARY}/@host").problem == "unreadable"
    assert ask(tmp_path, f"http://u:1/{CANARY}@host").problem == "unreadable"
    assert ask(tmp_path, f"http://host:{CANARY}").problem == "unreadable"


def test_one_hang_up_is_forgiven(tmp_path: Path) -> None:
    """Under load uvicorn ends a worker now and then, in the middle of a request."""
    healthy = mlflow_like("3.17.2")

    def moody(connection: socket.socket, request: str) -> None:
        if len(here.heard) > 1:
            healthy(connection, request)

    with peer(moody) as here:
        assert ask(tmp_path, here.uri).problem == ""


def test_mlflow_under_a_path(tmp_path: Path) -> None:
    with peer(mlflow_like("3.17.2", prefix="/team")) as here:
        assert ask(tmp_path, f"{here.uri}/team/").problem == ""
        assert ask(tmp_path, here.uri).problem == "status"
    with peer(mlflow_like("3.17.2")) as here:
        found = ask(tmp_path, f"{here.uri}/team")
    assert (found.problem, found.other_uri) == ("prefix", here.uri)


def test_mlflow_under_the_usual_path(tmp_path: Path) -> None:
    with peer(mlflow_like("3.17.2", prefix="/mlflow")) as here:
        found = ask(tmp_path, here.uri)
    assert (found.problem, found.other_uri) == ("prefix", f"{here.uri}/mlflow")


@pytest.mark.parametrize(("status", "problem"), [(301, "to-https"), (302, "to-https"), (308, "")])
def test_a_server_that_sends_on_to_https(tmp_path: Path, status: int, problem: str) -> None:
    context, certificate = servers.self_signed(tmp_path)
    with peer(mlflow_like("3.17.2"), tls=context) as secure:

        def moved(connection: socket.socket, request: str) -> None:
            path = request.split(" ")[1]
            connection.sendall(reply(status, Location=f"https://localhost:{secure.port}{path}"))

        with peer(moved) as here:
            found = ask(tmp_path, f"http://localhost:{here.port}", MLFLOW_TRACKING_SERVER_CERT_PATH=str(certificate))
    assert found.problem == problem
    assert problem == "" or found.other_uri == f"https://localhost:{secure.port}"


def test_a_server_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    port = servers.free_port()
    environ = {**CLEAN, "NO_PROXY": "*", "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    with ExitStack() as later:
        late = threading.Timer(1.5, lambda: later.enter_context(peer(mlflow_like("3.17.2"), port=port)))
        late.start()
        found = probe(MlflowServer, cwd=tmp_path, env=environ, wait=30)
        late.join()
    assert isinstance(found, MlflowServer)
    assert found.problem == "" and 1 < found.waited < 30


def test_what_no_waiting_helps_is_said_at_once(tmp_path: Path) -> None:
    with peer(always(reply(404, "no", Server="Werkzeug/3"))) as here:
        environ = {**CLEAN, "NO_PROXY": "*", "MLFLOW_TRACKING_URI": here.uri}
        started = time.monotonic()
        found = probe(MlflowServer, cwd=tmp_path, env=environ, wait=30)
    assert isinstance(found, MlflowServer)
    assert found.problem == "other-service" and time.monotonic() - started < 10


def test_a_page_of_the_browser_still_finds_the_server(tmp_path: Path) -> None:
    with peer(mlflow_like("3.17.2")) as here:
        assert ask(tmp_path, f"{here.uri}/#/experiments/0").problem == ""


def test_a_redirect_within_the_server_is_followed(tmp_path: Path) -> None:
    def moved(connection: socket.socket, request: str) -> None:
        path = request.split(" ")[1]
        if path.startswith("/new"):
            mlflow_like("3.17.2", prefix="/new")(connection, request)
        else:
            connection.sendall(reply(308, Location=f"/new{path}"))

    with peer(moved) as here:
        assert ask(tmp_path, here.uri).problem == ""


def test_https_where_http_is_spoken_and_the_other_way_round(tmp_path: Path) -> None:
    context, _ = servers.self_signed(tmp_path)
    with peer(mlflow_like("3.17.2")) as here:
        assert ask(tmp_path, here.uri.replace("http", "https")).problem == "needs-http"
    with peer(mlflow_like("3.17.2"), tls=context) as here:
        assert ask(tmp_path, here.uri).problem == "needs-https"


def test_certificates_are_trusted_as_the_client_is_told(tmp_path: Path) -> None:
    context, certificate = servers.self_signed(tmp_path)
    with peer(mlflow_like("3.17.2"), tls=context) as here:
        uri = f"https://localhost:{here.port}"
        assert ask(tmp_path, uri).problem == "untrusted"
        assert ask(tmp_path, uri, MLFLOW_TRACKING_SERVER_CERT_PATH=str(certificate)).problem == ""
        assert ask(tmp_path, uri, REQUESTS_CA_BUNDLE=str(certificate)).problem == ""
        assert ask(tmp_path, uri, MLFLOW_TRACKING_INSECURE_TLS="true").problem == ""
        assert ask(tmp_path, uri, MLFLOW_TRACKING_SERVER_CERT_PATH="/no/such/file").problem == "no-bundle"
        assert ask(tmp_path, f"https://127.0.0.1:{here.port}", REQUESTS_CA_BUNDLE=str(certificate)).problem == "wrong-name"


def authorization(heard: list[str]) -> set[str]:
    """The credentials that a peer was shown."""
    lines = [line for request in heard for line in request.split("\r\n") if line.lower().startswith("authorization")]
    return {line.partition(": ")[2] for line in lines}


LOGIN = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": CANARY}
BASIC = "Basic YWRhOmNBbjRyeS1TM2NyZXQ="  # ada and the canary


@pytest.mark.parametrize(
    ("env", "user", "file", "expected", "source"),
    [
        (LOGIN, "", "", BASIC, "environment"),
        ({"MLFLOW_TRACKING_USERNAME": "ada"}, "", "", None, ""),
        ({"MLFLOW_TRACKING_TOKEN": CANARY}, "", "", f"Bearer {CANARY}", "token"),
        ({**LOGIN, "MLFLOW_TRACKING_TOKEN": "x"}, "", "", BASIC, "environment"),
        ({}, f"ada:{CANARY}@", "", BASIC, "address"),
        ({}, "", ".mlflow/credentials", BASIC, "file"),
        ({"MLFLOW_TRACKING_USERNAME": "ada"}, "", ".mlflow/credentials", BASIC, "file"),
        ({"MLFLOW_TRACKING_TOKEN": "x"}, "", ".netrc", BASIC, "netrc"),
    ],
)  # fmt: skip
def test_credentials_go_out_as_the_client_would_send_them(
    tmp_path: Path, env: dict[str, str], user: str, file: str, expected: str | None, source: str
) -> None:
    texts = {
        ".mlflow/credentials": f"[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = {CANARY}\n",
        ".netrc": f"machine 127.0.0.1 login ada password {CANARY}\n",
    }
    if file:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(texts[file])
    with peer(mlflow_like("3.17.2")) as here:
        found = ask(tmp_path, f"http://{user}127.0.0.1:{here.port}", **env)
    assert found.credentials == source
    assert authorization(here.heard) == ({expected} if expected else set())


def test_a_token_that_cannot_be_sent_is_not_sent(tmp_path: Path) -> None:
    with peer(mlflow_like("3.17.2")) as here:
        assert ask(tmp_path, here.uri, MLFLOW_TRACKING_TOKEN=f"{CANARY}\n").problem == "token-malformed"
    assert not here.heard


def test_no_credentials_go_to_another_server(tmp_path: Path) -> None:
    with peer(mlflow_like("3.17.2")) as other, peer(always(reply(302, Location=f"{other.uri}/"))) as here:
        ask(tmp_path, here.uri, MLFLOW_TRACKING_TOKEN=CANARY)
    assert not other.heard


def test_the_proxy_is_asked_as_the_client_would(tmp_path: Path) -> None:
    with peer(always(reply(503))) as proxy, peer(mlflow_like("3.17.2")) as here:
        env = {"http_proxy": f"http://u:{CANARY}@127.0.0.1:{proxy.port}", "NO_PROXY": ""}
        found = ask(tmp_path, here.uri, **env)
        assert (found.problem, found.proxy) == ("status", f"127.0.0.1:{proxy.port}")
        assert proxy.heard
        for exceptions in ("example.com, 127.0.0.1", "example.com,127.0.0.0/8", f"127.0.0.1:{here.port}", "*"):
            assert ask(tmp_path, here.uri, **{**env, "NO_PROXY": exceptions}).problem == "", exceptions


def test_a_proxy_that_is_not_there(tmp_path: Path) -> None:
    found = ask(tmp_path, "http://mlflow.example.com", http_proxy=f"127.0.0.1:{servers.free_port()}", NO_PROXY="")
    assert found.problem == "proxy"


@servers.in_own_network
def test_nothing_at_the_usual_place(tmp_path: Path) -> None:
    found = ask(tmp_path, http_proxy="http://127.0.0.1:1", NO_PROXY="")
    assert (found.problem, found.configured, found.port) == ("refused", False, 5000)


@servers.in_own_network
def test_mlflow_next_to_airplay_at_the_usual_place(tmp_path: Path) -> None:
    """Nobody's credentials go to a server that was only found."""
    with peer(always(reply(403, Server="AirTunes/1")), port=5000):
        assert ask(tmp_path).service == "AirPlay"
        with peer(mlflow_like("3.17.2"), family=socket.AF_INET6, port=5000) as here:
            found = ask(tmp_path, MLFLOW_TRACKING_TOKEN=CANARY)
    assert (found.problem, found.host) == ("", "::1")
    assert here.heard
    assert not authorization(here.heard)


def test_the_deadline_of_the_collector_holds(tmp_path: Path) -> None:
    with peer(servers.silent) as here:
        found = probe(MlflowServer, cwd=tmp_path, env={**CLEAN, "MLFLOW_TRACKING_URI": here.uri}, timeout=0.5)
    assert isinstance(found, Missing)
    assert found.kind == "timeout"
