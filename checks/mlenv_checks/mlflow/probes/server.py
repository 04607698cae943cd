"""MLflow's server: asks what really answers, within a deadline whatever that does.

Runs in our own Python, with urllib3. Credentials go to the configured server only, as MLflow's own client would send
them. Keeps no body, and no text of an exception: either may hold a password.
"""

import os
import re
import time

from mlenv_checks.mlflow.probes.address import server_address
from mlenv_checks.mlflow.probes.connection import Answer, Connection
from mlenv_checks.mlflow.probes.problems import ServerProblem
from mlenv_checks.mlflow.probes.settings import tracking_uri, variables_of_dotenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EXPERIMENT_PATH = "/api/2.0/mlflow/experiments/get?experiment_id=0"
SEARCH_PATH = "/api/2.0/mlflow/experiments/search?max_results=1"
WHILE_STARTING = ("dns", "refused", "unreachable", "connect-timeout", "silent", "closed", "gateway", "backend")
USUAL_PREFIX = "/mlflow"  # the --static-prefix of MLflow's own examples
USUAL_ADDRESSES = ("http://127.0.0.1:5000", "http://[::1]:5000")


def read_mlflow_server(question: "dict[str, Any]") -> "dict[str, Any]":
    """Ask the configured server; without one, look for a server at MLflow's usual address."""
    uri, source = tracking_uri(question)
    uri = uri.strip()
    if source in (".env", "pyproject.toml"):
        question = dict(question, login=variables_of_dotenv(question))
    if re.match("https?://", uri, re.I):
        return _ask_until_started(uri, question)
    tried = []
    for usual in USUAL_ADDRESSES:  # both: on macOS AirPlay may hold one of them
        tried.append(_ask(usual, False, question))
        if not tried[-1]["problem"]:
            return tried[-1]
    return next((said for said in tried if said["problem"] not in ("refused", "unreachable")), tried[0])


def _ask_until_started(uri: str, question: "dict[str, Any]") -> "dict[str, Any]":
    """Ask until the server has started, for as long as somebody is willing to wait."""
    started = time.monotonic()
    while True:
        facts = _ask(uri, True, question)
        waited = time.monotonic() - started
        if waited >= question["wait"] or facts["problem"] not in WHILE_STARTING:
            facts["waited"] = round(waited, 1) if question["wait"] else 0.0
            return facts
        time.sleep(min(0.5, max(0.0, question["wait"] - waited)))


def _ask(uri: str, configured: bool, question: "dict[str, Any]") -> "dict[str, Any]":
    """The whole conversation with one server, as facts."""
    facts: "dict[str, Any]" = {"configured": configured, "problem": ""}
    started = time.monotonic()
    try:
        _converse(server_address(uri), configured, question, facts)
    except ServerProblem as why:
        facts["problem"] = why.args[0]
    except Exception:  # a bug, or what nobody has thought of; its text may quote what was sent
        facts["problem"] = "internal"
    facts.setdefault("seconds", round(time.monotonic() - started, 3))
    return _ask(facts["other_uri"], configured, question) if facts["problem"] == "moved" else facts


def _converse(where: "dict[str, Any]", configured: bool, question: "dict[str, Any]", facts: "dict[str, Any]") -> None:
    """DNS, TCP, TLS, HTTP, is it MLflow, which version, does it answer queries: the first that fails ends it."""
    facts.update(
        uri=where["origin"] + where["path"],
        host=where["host"],
        port=where["port"],
        loopback=where["host"] in ("localhost", "::1") or where["host"].startswith("127."),
    )
    line = Connection(where, configured, question)
    facts.update(credentials=line.credentials, proxy=line.proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/"))
    line.connect()
    started = time.monotonic()
    answer = line.first(where["path"] + EXPERIMENT_PATH)
    facts.update(seconds=round(time.monotonic() - started, 3), status=answer.status, server=answer.name())
    problem = _first_problem(answer, line, where, facts)
    if problem in ("", "auth", "status"):
        facts["version"] = _version(line, where["path"])
    if problem == "status" and answer.status >= 500 and facts["version"]:
        problem = "backend"
    if not problem:
        ready = line.get(where["path"] + SEARCH_PATH)
        facts["status"] = ready.status
        problem = _query_problem(ready)
        facts.update(_artifacts(ready, facts["loopback"]))
    facts["problem"] = problem


def _query_problem(ready: "Answer") -> str:
    """The problem that the answer to a query shows."""
    if ready.status == 403 and ready.body.strip() == b"Permission denied":
        return "forbidden"
    return "" if ready.status == 200 else "backend" if ready.status >= 500 else "status"


def _artifacts(ready: "Answer", loopback: bool) -> "dict[str, Any]":
    """Where the newest experiment keeps its files: the scheme alone, and of a folder whether it is here, too."""
    experiments = ready.json().get("experiments")
    place = experiments[0].get("artifact_location") if isinstance(experiments, list) and experiments else ""
    scheme, mark, rest = str(place or "").partition(":/")
    if not place or not mark or scheme == "file" or len(scheme) == 1:  # one letter is a drive of Windows
        path = re.sub("^//[^/]*", "", "/" + rest.lstrip("/")) if scheme == "file" else str(place or "")
        return {"artifacts": "path" if place else "", "artifacts_here": loopback or bool(place and os.path.isdir(path))}
    return {"artifacts": scheme if re.match(r"[a-z][a-z0-9+-]{0,30}$", scheme) else ""}


def _redirect_problem(answer: "Answer", where: "dict[str, Any]", facts: "dict[str, Any]") -> str:
    """What a redirect to another server says: the same one with TLS, a login, or nothing that can be told.

    After 307 and 308 programs send again what they sent; after the others they turn writing into reading.
    """
    target = answer.header("location")
    found = re.match(r"https://([^/:?#@]+|\[[0-9a-f:]+\])(:\d{1,5})?(?=[/?#]|$)", target.lower())
    if where["scheme"] == "http" and found and found.group(1).strip("[]") == where["host"].lower():
        facts["other_uri"] = found.group() + where["path"]
        return "moved" if answer.status in (307, 308) else "to-https"
    return "login" if re.search(r"(?i)log-?in|sign-?in|oauth|openid|saml|\bsso\b|authorize", target) else "redirect"


def _first_problem(answer: "Answer", line: "Connection", where: "dict[str, Any]", facts: "dict[str, Any]") -> str:
    """The problem that the first answer shows; what else it tells is added to `facts`."""
    if answer.mlflow():
        return ""
    if answer.status == 401:
        facts["realm"] = "mlflow" if re.search(r'realm="?mlflow\b', answer.header("www-authenticate"), re.I) else "other"
        return "auth"
    if answer.status == 403 and b"Invalid Host header" in answer.body:
        return "blocked-host"
    if answer.status == 400 and (b"HTTPS port" in answer.body or b"to an HTTPS server" in answer.body):
        return "needs-https"
    if answer.status // 100 == 3:
        return _redirect_problem(answer, where, facts)
    if answer.status == 503 and b"--artifacts-only" in answer.body:
        return "artifacts-only"
    known = {407: "proxy", 502: "gateway", 504: "gateway"}.get(answer.status)
    if known:
        return known
    facts["service"] = answer.service()
    if facts["service"] or answer.status == 200:
        return "login" if answer.asks_for_a_password() else "other-service"
    if answer.status in (404, 405):
        other = "" if where["path"] else USUAL_PREFIX
        if line.get(other + EXPERIMENT_PATH).mlflow():
            facts["other_uri"] = where["origin"] + other
            return "prefix"
    return "status"


def _version(line: "Connection", path: str) -> str:
    """What the server calls itself; empty where it does not say."""
    try:
        answer = line.get(path + "/version")
        text = answer.body[:40].decode("ascii", "replace").strip()
        if answer.status == 200 and re.match(r"\d+\.\d+(\.\d+)?[\w.+-]*$", text):
            return text
        if answer.status == 404 and line.get(path + "/api/2.0/mlflow/experiments/list").mlflow():
            return "1"  # before 2.0 there was no /version, and after 1.x no experiments/list
    except ServerProblem:
        pass
    return ""
