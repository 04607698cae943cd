"""Every branch of the MLflow checks, by plain calls."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.llm.facts import CodeLine, KeyUses
from mlenv_checks.mlflow.checks import configured, dotenv, server, version
from mlenv_checks.mlflow.facts import Mlflow, MlflowServer
from mlenv_checks.mlflow.server_errors import JUDGES
from mlenv_doctor import Finding, Fix, Missing, Status
from mlenv_doctor.patient import Distribution, Libraries, Wanted, WantedLibrary
from mlenv_doctor.repair import CheatSheet
from support.builtin import CHEATSHEET

URI = "http://localhost:5000"
NONE = Mlflow()
HTTP = Mlflow(kind="http", uri=URI, source="MLFLOW_TRACKING_URI", host="localhost", port=5000)
SQLITE = Mlflow(kind="sqlite", uri="sqlite:///mlflow.db", source="MLFLOW_TRACKING_URI")
TIMEOUT = Missing("mlflow_server", "timeout", "did not answer within 15 s")
NOT_ASKED = Missing("mlflow_server", "not-asked", "not checked with --quick")
CRASHED = Missing("mlflow_server", "killed", "was killed by SIGSEGV")


def one(found: Any) -> Finding:
    assert isinstance(found, Finding)
    return found


def found_there(problem: str = "", **more: Any) -> MlflowServer:
    usual = {"configured": True, "uri": URI, "host": "localhost", "port": 5000, "loopback": True}
    return MlflowServer(**{**usual, "problem": problem, **more})


def at_home(problem: str = "", **more: Any) -> MlflowServer:
    return found_there(problem, **{"configured": False, "uri": "http://127.0.0.1:5000", "host": "127.0.0.1", **more})


@pytest.mark.parametrize(
    ("mlflow", "status", "cause", "says"),
    [
        (NONE, "pass", "mlflow-store-local", "not set"),
        (Mlflow(store=("mlruns",)), "pass", "mlflow-store-local", "mlruns"),
        (SQLITE, "pass", "mlflow-store-local", "sqlite:///mlflow.db"),
        (HTTP, "pass", "", URI),
        (Mlflow(kind="database", uri="postgresql://db/x", source="S"), "pass", "", "postgresql://db/x"),
        (Mlflow(kind="no-scheme", uri="localhost:5000", source="S"), "fail", "mlflow-uri-no-scheme", "http://"),
        (Mlflow(kind="http", uri="http://h:1/", page=True, source="S"), "fail", "mlflow-uri-browser", "browser"),
        (Mlflow(kind="unreadable", source="S"), "unknown", "", "cannot be checked"),
        (Mlflow(kind="other", uri="azureml://w", source="S"), "unknown", "", "azureml://w"),
        (
            Mlflow(kind="http", uri="http://your-server:5000", host="your-server", source="S"),
            "fail",
            "mlflow-uri-placeholder",
            "example",
        ),
        (Mlflow(kind="http", uri="http://<host>", host="<host>", source="S"), "fail", "mlflow-uri-placeholder", "<host>"),
        (Mlflow(kind="http", uri="http://server:5000", host="server", source="S"), "pass", "", "server"),
        (
            Mlflow(kind="database", uri="postgres://db/x", scheme="postgres", source="S"),
            "fail",
            "mlflow-uri-unsupported",
            "postgresql://",
        ),
        (Mlflow(kind="windows-path", uri="C:\\runs", source="S"), "fail", "mlflow-windows-path-uri", "drive"),
        (Missing("mlflow", "error", "could not be read"), "unknown", "", "could not be read"),
        (Missing("mlflow", "not-asked", "not checked"), "skip", "", "not checked"),
    ],
)
def test_configured(mlflow: Mlflow | Missing, status: str, cause: str, says: str) -> None:
    found = one(configured(mlflow))
    assert (found.status.value, found.cause) == (status, cause)
    assert says in found.message
    assert (found.fix is not None) == (status == "fail")


@pytest.mark.parametrize(
    ("written", "better"),
    [("localhost:5000", URI), ("localhost:5000/", URI), ("https://host:1", "https://host:1")],
)
def test_an_address_is_corrected(written: str, better: str) -> None:
    found = one(configured(Mlflow(kind="no-scheme", uri=written, source="S")))
    assert found.fix
    assert found.fix.values == {"uri": better}


def test_a_path_of_windows_becomes_an_address() -> None:
    found = one(configured(Mlflow(kind="windows-path", uri="C:\\my\\runs", source="S")))
    assert found.fix
    assert found.fix.values == {"uri": "file:///C:/my/runs"}


DOTENV = Mlflow(kind="http", uri=URI, source=".env")


@pytest.mark.parametrize(
    ("mlflow", "uses", "status"),
    [
        (HTTP, KeyUses(), "skip"),
        (DOTENV, KeyUses(), "warn"),
        (DOTENV, KeyUses(loads=(CodeLine("train.py", 1),)), "pass"),
        (DOTENV, KeyUses(other_file=True), "pass"),
    ],
)
def test_an_address_in_dotenv_must_be_loaded(mlflow: Mlflow, uses: KeyUses, status: str) -> None:
    found = one(dotenv(mlflow, uses))
    assert (found.status.value, found.cause) == (status, "mlflow-uri-in-dotenv" if status == "warn" else "")


TROUBLE = [
    ("dns", {"host": "mlflow", "loopback": False}, "mlflow-dns", "mlflow.start-elsewhere", "mlflow"),
    ("refused", {}, "mlflow-refused", "mlflow.start-on", "connection refused"),
    ("refused", {"loopback": False, "host": "far"}, "mlflow-refused", "mlflow.start-elsewhere", "connection refused: far:5000"),
    ("unreachable", {"loopback": False}, "mlflow-timeout", "mlflow.start-elsewhere", "no route"),
    ("connect-timeout", {"loopback": False}, "mlflow-timeout", "mlflow.start-elsewhere", "does not answer on port"),
    ("silent", {}, "mlflow-timeout", "mlflow.restart", "10 to 30 seconds"),
    ("not-http", {}, "mlflow-wrong-port", "mlflow.start-elsewhere", "does not use HTTP"),
    ("too-large", {}, "mlflow-wrong-port", "mlflow.start-elsewhere", "endless data"),
    ("other-service", {"service": "AirPlay"}, "mlflow-wrong-port", "mlflow.start-elsewhere", "is AirPlay"),
    ("other-service", {"server": "nginx"}, "mlflow-wrong-port", "mlflow.start-elsewhere", "another program (nginx)"),
    ("other-service", {}, "mlflow-wrong-port", "mlflow.start-elsewhere", "is another program"),
    ("status", {"status": 404}, "mlflow-wrong-port", "mlflow.start-elsewhere", "another path"),
    ("auth", {"realm": "mlflow"}, "mlflow-auth-missing", "mlflow.log-in", "none was sent"),
    ("auth", {"realm": "mlflow", "credentials": "environment"}, "mlflow-auth-wrong", "mlflow.log-in", "MLFLOW_TRACKING_PASSWORD"),
    ("auth", {"realm": "mlflow", "credentials": "file"}, "mlflow-auth-wrong", "mlflow.log-in", "credentials"),
    ("auth", {"realm": "mlflow", "credentials": "token"}, "mlflow-auth-wrong", "mlflow.log-in", "TOKEN"),
    ("auth", {"realm": "mlflow", "credentials": "netrc"}, "mlflow-auth-wrong", "mlflow.correct-login", ".netrc"),
    ("auth", {"realm": "mlflow", "credentials": "address"}, "mlflow-auth-wrong", "mlflow.correct-login", "address"),
    ("auth", {"realm": "other"}, "mlflow-proxy-in-the-way", "mlflow.ask-for-a-token", "not MLflow's own"),
    ("token-malformed", {}, "mlflow-auth-wrong", "mlflow.correct-login", "line break"),
    ("needs-https", {}, "mlflow-tls-mismatch", "mlflow.set-address", "uses https"),
    ("needs-http", {"uri": "https://h:1"}, "mlflow-tls-mismatch", "mlflow.set-address", "uses http"),
    ("untrusted", {}, "mlflow-tls-untrusted", "mlflow.ask-for-certificate", "not trusted"),
    ("wrong-name", {}, "mlflow-tls-untrusted", "mlflow.ask-for-certificate", "a different host name"),
    ("expired", {}, "mlflow-tls-untrusted", "mlflow.ask-for-certificate", "expired"),
    ("no-bundle", {}, "mlflow-tls-untrusted", "mlflow.ask-for-certificate", "cannot be read"),
    ("blocked-host", {}, "mlflow-allowed-hosts", "mlflow.allow-host", "allowed hosts"),
    ("login", {"status": 200}, "mlflow-proxy-in-the-way", "mlflow.ask-for-a-token", "behind a login page"),
    ("forbidden", {"status": 403}, "mlflow-forbidden", "mlflow.ask-for-permission", "denies this user"),
    ("to-https", {"other_uri": "https://h"}, "mlflow-redirects-writes", "mlflow.set-address", "https"),
    ("loop", {"status": 302}, "mlflow-redirect-loop", "mlflow.restart-service", "in a loop"),
    ("artifacts-only", {"status": 503}, "mlflow-artifacts-only", "mlflow.full-server", "--artifacts-only"),
    ("silent", {"waited": 30.0}, "mlflow-timeout", "mlflow.restart", "30 s"),
    ("prefix", {"other_uri": "http://h"}, "mlflow-prefix-wrong", "mlflow.set-address", "http://h"),
    ("gateway", {"status": 502}, "mlflow-gateway-error", "mlflow.restart-service", "502"),
    ("backend", {"status": 500}, "mlflow-backend-unready", "mlflow.restart-service", "500"),
    ("proxy", {"proxy": "p:3128", "loopback": False}, "mlflow-proxy-in-the-way", "mlflow.without-proxy", "p:3128"),
    ("status", {"proxy": "p:3128", "status": 503}, "mlflow-proxy-in-the-way", "mlflow.without-proxy", "p:3128"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "more", "cause", "repair", "says"), TROUBLE, ids=[f"{t[0]}-{t[2]}-{n}" for n, t in enumerate(TROUBLE)]
)
def test_a_configured_server_in_trouble(problem: str, more: dict[str, Any], cause: str, repair: str, says: str) -> None:
    found = one(server(found_there(problem, **more), HTTP, Wanted()))
    assert (found.status, found.cause, found.subject) == (Status.FAIL, cause, "server")
    assert found.fix
    assert found.fix.id == repair
    assert says in found.message
    assert found.evidence["address"]


def test_every_problem_that_has_a_judge_is_tried() -> None:
    assert set(JUDGES) <= {problem for problem, *_ in TROUBLE}


@pytest.mark.parametrize(
    ("problem", "more"),
    [
        ("status", {"status": 403}),
        ("closed", {}),
        ("tls", {}),
        ("redirect", {}),
        ("internal", {}),
        ("unreadable", {}),
        ("proxy", {}),
    ],
)
def test_what_proves_nothing_is_no_fault(problem: str, more: dict[str, Any]) -> None:
    found = one(server(found_there(problem, **more), HTTP, Wanted()))
    assert found.status is Status.UNKNOWN
    assert URI in found.message


def test_a_plugin_makes_the_login_so_it_cannot_be_judged() -> None:
    mlflow = Mlflow(kind="http", uri=URI, plugin=True)
    assert one(server(found_there("auth", realm="other"), mlflow, Wanted())).status is Status.UNKNOWN


def test_a_login_that_was_not_sent_cannot_be_judged() -> None:
    """The address comes from the project, the login from the user: it is not sent there."""
    found = one(server(found_there("auth", realm="mlflow", credentials="withheld"), HTTP, Wanted()))
    assert found.status is Status.UNKNOWN and "yours was not sent" in found.message


def test_half_a_login_is_named() -> None:
    mlflow = Mlflow(kind="http", uri=URI, username=True)
    assert "MLFLOW_TRACKING_PASSWORD is not set" in one(server(found_there("auth", realm="mlflow"), mlflow, Wanted())).message


def test_an_address_without_a_port_is_named() -> None:
    mlflow = Mlflow(kind="http", uri="http://localhost", host="localhost", port=80, named_port=False)
    found = one(server(found_there("refused", port=80), mlflow, Wanted()))
    assert "MLflow's is 5000" in found.message
    assert found.fix
    assert found.fix.values["uri"] == URI


@pytest.mark.parametrize(
    ("where", "port"), [(("localhost", 5000, True), "5001"), (("localhost", 8000, True), "5000"), (("far", 5000, False), "5000")]
)
def test_another_port_is_proposed_than_the_one_that_is_taken(where: tuple[str, int, bool], port: str) -> None:
    host, number, loopback = where
    found = one(server(found_there("other-service", host=host, port=number, loopback=loopback), HTTP, Wanted()))
    assert found.fix
    assert found.fix.values["port"] == port


@pytest.mark.parametrize(("version", "says"), [("3.17.2", "MLflow 3.17.2 at"), ("", "MLflow at")])
@pytest.mark.parametrize("there", [found_there, at_home])
def test_healthy(there: Any, version: str, says: str) -> None:
    found = one(server(there(version=version), HTTP, Wanted(mlflow=True)))
    assert found.status is Status.PASS
    assert says in found.message


def test_a_login_at_the_usual_place_is_a_server() -> None:
    assert one(server(at_home("auth", realm="mlflow"), NONE, Wanted(mlflow=True))).status is Status.PASS


@pytest.mark.parametrize(
    ("problem", "more", "says", "repair"),
    [
        ("refused", {}, "none is running on localhost:5000", "mlflow.start"),
        ("unreachable", {}, "none is running on localhost:5000", "mlflow.start"),
        ("silent", {}, "10 to 30 seconds", "mlflow.start"),
        ("other-service", {"service": "AirPlay"}, "is used by AirPlay", "mlflow.start-elsewhere"),
        ("status", {"status": 404}, "is used by another program", "mlflow.start-elsewhere"),
        ("auth", {"realm": "other"}, "is used by another program", "mlflow.start-elsewhere"),
    ],
)
def test_nothing_configured_and_no_mlflow_is_a_todo(problem: str, more: dict[str, Any], says: str, repair: str) -> None:
    there = at_home(problem, **more)
    todo, required = one(server(there, NONE, Wanted())), one(server(there, NONE, Wanted(mlflow=True)))
    assert (todo.status, required.status) == (Status.WARN, Status.FAIL)
    for found in (todo, required):
        assert found.cause == "mlflow-not-running"
        assert says in found.message
        assert found.fix
        assert found.fix.id == repair


def test_an_old_store_is_kept_in_mind() -> None:
    found = one(server(at_home("refused"), Mlflow(store=("mlruns",)), Wanted()))
    assert found.fix
    assert found.fix.id == "mlflow.start-with-mlruns"


def test_a_local_store_needs_no_server() -> None:
    assert one(server(at_home("refused"), SQLITE, Wanted())).status is Status.SKIP
    assert one(server(at_home("refused"), SQLITE, Wanted(mlflow=True))).cause == "mlflow-not-running"


def test_a_project_that_does_not_ask_for_mlflow_needs_none() -> None:
    other = WantedLibrary("numpy")
    assert one(server(at_home("refused"), NONE, Wanted((other,), declared=True))).status is Status.SKIP
    asks = Wanted((other, WantedLibrary("mlflow")), declared=True)
    assert one(server(at_home("refused"), NONE, asks)).status is Status.WARN


@pytest.mark.parametrize(
    ("missing", "mlflow", "status"),
    [
        (TIMEOUT, HTTP, Status.FAIL),
        (TIMEOUT, NONE, Status.UNKNOWN),
        (CRASHED, HTTP, Status.UNKNOWN),
        (NOT_ASKED, HTTP, Status.SKIP),
    ],
)
def test_a_server_that_could_not_be_asked(missing: Missing, mlflow: Mlflow, status: Status) -> None:
    found = one(server(missing, mlflow, Wanted()))
    assert found.status is status
    assert found.cause == ("mlflow-timeout" if status is Status.FAIL else "")


@pytest.mark.parametrize("kind", ["no-scheme", "unreadable", "windows-path"])
def test_an_address_that_cannot_be_used_is_one_fault_and_not_two(kind: str) -> None:
    found = one(server(at_home("refused"), Mlflow(kind=kind), Wanted(mlflow=True)))
    assert (found.status, found.blocked_by) == (Status.SKIP, "mlflow.configured")


@pytest.mark.parametrize(("kind", "says"), [("database", "database"), ("databricks", "databricks"), ("other", "plug-in")])
def test_a_store_that_is_no_server(kind: str, says: str) -> None:
    found = one(server(at_home("refused"), Mlflow(kind=kind, source="S"), Wanted()))
    assert found.status is Status.SKIP
    assert says in found.message


def installed(version: str | None, name: str = "mlflow") -> Libraries:
    return Libraries((Distribution(name, version, "/site"),))


@pytest.mark.parametrize(
    ("client", "there", "status", "requirement"),
    [
        ("3.17.2", "3.17.2", "pass", ""),
        ("3.17.2", "3.0.1", "pass", ""),
        ("2.22.5", "3.17.2", "pass", ""),
        ("1.30.1", "1", "pass", ""),
        ("3.17.2", "2.22.5", "fail", "mlflow==2.22.5"),
        ("3.17.2", "1", "fail", "mlflow<2"),
        ("2.22.5", "1", "warn", "mlflow<2"),
        ("unknown", "2.22.5", "pass", ""),
        ("3.17.2", "", "skip", ""),
        (None, "3.17.2", "skip", ""),
    ],
)
def test_version(client: str | None, there: str, status: str, requirement: str) -> None:
    found = one(version(found_there(version=there), installed(client)))
    assert found.status.value == status
    assert found.cause == ("mlflow-version-mismatch" if requirement else "")
    assert (found.fix.values if found.fix else {}) == ({"requirement": requirement} if requirement else {})


def test_the_small_client_counts_as_well() -> None:
    found = one(version(found_there(version="2.22.5"), installed("3.17.2", "mlflow-skinny")))
    assert found.fix
    assert found.fix.values == {"requirement": "mlflow-skinny==2.22.5"}


def test_versions_of_a_server_that_is_not_there() -> None:
    found = one(version(found_there("refused"), installed("3.17.2")))
    assert (found.status, found.blocked_by) == (Status.SKIP, "mlflow.server")
    assert one(version(found_there("refused"), Libraries())).blocked_by is None


@pytest.mark.parametrize("shell", ["sh", "fish", "powershell", "cmd"])
def test_every_fix_can_be_made_out_in_every_shell(shell: str) -> None:
    patient = {"python": "/p/bin/python", "manager": "pip", "shell": shell, "place": "machine"}
    blanks = {
        "path": "/a b/mlflow.db",
        "backup": "/a b/mlflow.db.1",
        "uri": URI,
        "port": "5000",
        "host": "h",
        "where": "here",
        "requirement": "mlflow==2.22.5",
    }
    sheet = CheatSheet([CHEATSHEET])
    ours = [entry for entry in sheet.entries if entry.startswith("mlflow.")]
    assert {repair for *_, repair, _ in TROUBLE} <= set(ours)
    for entry in ours:
        made_out = sheet.prescribe(Fix(entry, blanks), patient, "")
        assert made_out.commands or made_out.notes
        assert all("&" not in command.text.replace("& '", "") for command in made_out.commands)
