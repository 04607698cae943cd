"""MLflow's server: asks what really answers, within a deadline whatever that does.

Runs in our own Python, with urllib3. Credentials go to the configured server only, as MLflow's own client would send
them. Keeps no body, and no text of an exception: either may hold a password.
"""

import os
import re
import time

SERVER_EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"
SERVER_SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
SERVER_USUAL = ("http://127.0.0.1:5000", "http://[::1]:5000")


def read_mlflow_server(question):
    uri = question.get("mlflow_uri")
    uri = (os.environ.get("MLFLOW_TRACKING_URI", "") if uri is None else uri).strip()
    if re.match("https?://", uri, re.I):
        return _server_ask(uri, True, question)
    tried = []
    for usual in SERVER_USUAL:  # both: on macOS AirPlay may hold one of them
        tried.append(_server_ask(usual, False, question))
        if not tried[-1]["problem"]:
            return tried[-1]
    return next((said for said in tried if said["problem"] not in ("refused", "unreachable")), tried[0])


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
    return facts


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
        problem = "" if ready.status == 200 else "backend" if ready.status >= 500 else "status"
    facts["problem"] = problem


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
    known = {407: "proxy", 502: "gateway", 504: "gateway"}.get(answer.status) or "redirect" * (answer.status // 100 == 3)
    if known:
        return known
    facts["service"] = answer.service()
    if facts["service"] or answer.status == 200:
        return "other-service"
    if answer.status in (404, 405) and where["path"] and line.get(SERVER_EXPERIMENT).mlflow():
        facts["other_uri"] = where["origin"]
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
