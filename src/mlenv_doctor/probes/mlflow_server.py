"""MLflow's server: asks what really answers, within a deadline whatever that does.

Runs in our own Python, with urllib3. Credentials go to the configured server only, as MLflow's own client would send
them. Keeps no body, and no text of an exception: either may hold a password.
"""

import os
import re
import time

SERVER_EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"
SERVER_SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
SERVER_STARTING = ("dns", "refused", "unreachable", "connect-timeout", "silent", "closed", "gateway", "backend")
SERVER_PREFIX = "/mlflow"  # the --static-prefix of MLflow's own examples
SERVER_USUAL = ("http://127.0.0.1:5000", "http://[::1]:5000")


def read_mlflow_server(question):
    uri = _mlflow_uri(question)[0].strip()
    if re.match("https?://", uri, re.I):
        return _server_await(uri, question)
    tried = []
    for usual in SERVER_USUAL:  # both: on macOS AirPlay may hold one of them
        tried.append(_server_ask(usual, False, question))
        if not tried[-1]["problem"]:
            return tried[-1]
    return next((said for said in tried if said["problem"] not in ("refused", "unreachable")), tried[0])


def _server_await(uri, question):
    """Ask until the server has started, for as long as somebody is willing to wait."""
    started = time.monotonic()
    while True:
        facts = _server_ask(uri, True, question)
        waited = time.monotonic() - started
        if waited >= question["wait"] or facts["problem"] not in SERVER_STARTING:
            facts["waited"] = round(waited, 1) if question["wait"] else 0.0
            return facts
        time.sleep(min(0.5, max(0.0, question["wait"] - waited)))


def _server_ask(uri, configured, question):
    """The whole conversation with one server, as facts."""
    facts = {"configured": configured, "problem": ""}
    started = time.monotonic()
    try:
        _server_talk(_server_address(uri), configured, question, facts)
    except _ServerProblem as why:
        facts["problem"] = why.args[0]
    except Exception:  # a bug, or what nobody has thought of; its text may quote what was sent
        facts["problem"] = "internal"
    facts.setdefault("seconds", round(time.monotonic() - started, 3))
    return _server_ask(facts["other_uri"], configured, question) if facts["problem"] == "moved" else facts


def _server_address(uri):
    """The parts of an address. What is shown is put together from them anew, without user and query."""
    from urllib3.util import parse_url

    try:
        url = parse_url(uri)
    except Exception:
        raise _ServerProblem("unreadable") from None
    if not url.host or "@" in (url.path or "") + (url.query or "") + (url.fragment or ""):
        raise _ServerProblem("unreadable")
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "scheme": url.scheme,
        "host": url.host.strip("[]"),
        "port": port,
        "auth": url.auth or "",
        "origin": "%s://%s:%d" % (url.scheme, url.host, port),
        "path": (url.path or "").rstrip("/"),
    }


def _server_talk(where, configured, question, facts):
    """DNS, TCP, TLS, HTTP, is it MLflow, which version, does it answer queries: the first that fails ends it."""
    facts.update(
        uri=where["origin"] + where["path"],
        host=where["host"],
        port=where["port"],
        loopback=where["host"] in ("localhost", "::1") or where["host"].startswith("127."),
    )
    line = _ServerLine(where, configured, question)
    facts.update(credentials=line.credentials, proxy=line.proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/"))
    line.connect()
    started = time.monotonic()
    answer = line.first(where["path"] + SERVER_EXPERIMENT)
    facts.update(seconds=round(time.monotonic() - started, 3), status=answer.status, server=answer.name())
    problem = _server_judge(answer, line, where, facts)
    if problem in ("", "auth", "status"):
        facts["version"] = _server_version(line, where["path"])
    if problem == "status" and answer.status >= 500 and facts["version"]:
        problem = "backend"
    if not problem:
        ready = line.get(where["path"] + SERVER_SEARCH)
        facts["status"] = ready.status
        problem = _server_readiness(ready)
        facts.update(_server_artifacts(ready, facts["loopback"]))
    facts["problem"] = problem


def _server_readiness(ready):
    """The problem that the answer to a query shows."""
    if ready.status == 403 and ready.body.strip() == b"Permission denied":
        return "forbidden"
    return "" if ready.status == 200 else "backend" if ready.status >= 500 else "status"


def _server_artifacts(ready, loopback):
    """Where the newest experiment keeps its files: the scheme alone, and of a folder whether it is here, too."""
    experiments = ready.json().get("experiments")
    place = experiments[0].get("artifact_location") if isinstance(experiments, list) and experiments else ""
    scheme, mark, rest = str(place or "").partition(":/")
    if not place or not mark or scheme == "file" or len(scheme) == 1:  # one letter is a drive of Windows
        path = re.sub("^//[^/]*", "", "/" + rest.lstrip("/")) if scheme == "file" else str(place or "")
        return {"artifacts": "path" if place else "", "artifacts_here": loopback or bool(place and os.path.isdir(path))}
    return {"artifacts": scheme if re.match(r"[a-z][a-z0-9+-]{0,30}$", scheme) else ""}


def _server_redirect(answer, where, facts):
    """What a redirect to another server says: the same one with TLS, a login, or nothing that can be told.

    After 307 and 308 programs send again what they sent; after the others they turn writing into reading.
    """
    target = answer.header("location")
    found = re.match(r"https://([^/:?#@]+|\[[0-9a-f:]+\])(:\d{1,5})?(?=[/?#]|$)", target.lower())
    if where["scheme"] == "http" and found and found.group(1).strip("[]") == where["host"].lower():
        facts["other_uri"] = found.group() + where["path"]
        return "moved" if answer.status in (307, 308) else "to-https"
    return "login" if re.search(r"(?i)log-?in|sign-?in|oauth|openid|saml|\bsso\b|authorize", target) else "redirect"


def _server_judge(answer, line, where, facts):
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
        return _server_redirect(answer, where, facts)
    if answer.status == 503 and b"--artifacts-only" in answer.body:
        return "artifacts-only"
    known = {407: "proxy", 502: "gateway", 504: "gateway"}.get(answer.status)
    if known:
        return known
    facts["service"] = answer.service()
    if facts["service"] or answer.status == 200:
        return "login" if answer.asks_for_a_password() else "other-service"
    if answer.status in (404, 405):
        other = "" if where["path"] else SERVER_PREFIX
        if line.get(other + SERVER_EXPERIMENT).mlflow():
            facts["other_uri"] = where["origin"] + other
            return "prefix"
    return "status"


def _server_version(line, path):
    """What the server calls itself; empty where it does not say."""
    try:
        answer = line.get(path + "/version")
        text = answer.body[:40].decode("ascii", "replace").strip()
        if answer.status == 200 and re.match(r"\d+\.\d+(\.\d+)?[\w.+-]*$", text):
            return text
        if answer.status == 404 and line.get(path + "/api/2.0/mlflow/experiments/list").mlflow():
            return "1"  # before 2.0 there was no /version, and after 1.x no experiments/list
    except _ServerProblem:
        pass
    return ""
