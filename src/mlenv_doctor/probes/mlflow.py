"""MLflow: reads how it is configured, and asks the server itself, within a deadline whatever the server does.

Runs in our own Python, with urllib3. Sends the user's credentials to the configured server only, as MLflow's own client
would; keeps no body, and no text of an exception: either may hold a password.
"""
import os
import re
import time

MLFLOW_STEP = 5.0  # seconds for one step: resolving, connecting, one answer from its first byte to its last
MLFLOW_TOTAL = 11.0  # seconds for all of them
MLFLOW_LARGEST = 1 << 20  # bytes of an answer
MLFLOW_EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"
MLFLOW_SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
MLFLOW_DATABASES = ("postgresql", "postgres", "mysql", "mssql")
MLFLOW_SERVICES = (  # a header, what it begins with, whose it is
    ("server", "AirTunes", "AirPlay"),
    ("docker-distribution-api-version", "", "a Docker registry"),
    ("server", "Werkzeug", "a Flask program"),
    ("server", "SimpleHTTP", "Python's http.server"),
    ("server", "TornadoServer", "Jupyter"),
    ("x-powered-by", "Express", "a Node.js program"),
    ("x-jenkins", "", "Jenkins"),
)


def read_mlflow(question):
    uri = question.get("mlflow_uri")
    source = "--mlflow-uri" if uri is not None else "MLFLOW_TRACKING_URI"
    found = _mlflow_address(os.environ.get("MLFLOW_TRACKING_URI", "") if uri is None else uri)
    facts = {key: found[key] for key in ("kind", "uri", "host", "port", "named_port", "page", "userinfo")}
    facts["source"] = source if found["kind"] != "none" else ""
    for name in ("username", "password", "token"):
        facts[name] = bool(os.environ.get("MLFLOW_TRACKING_" + name.upper()))
    facts["store"] = [name for name in ("mlruns", "mlflow.db") if os.path.exists(os.path.join(question["project"], name))]
    return facts


def _mlflow_address(text):
    """Take an address apart. What may be shown of it is `uri`; `scheme`, `user` and `path` stay here."""
    text = text.strip()
    found = {"kind": "none", "uri": "", "host": "", "port": 0, "named_port": True, "page": "#/" in text,
             "userinfo": False, "user": "", "scheme": "", "path": ""}
    if not text:
        return found
    bare = text.strip("\"'`\u201c\u201d\u2018\u2019")
    scheme, mark, rest = bare.partition("://")
    scheme = scheme.lower() if mark else ""
    found["userinfo"] = "@" in rest or ("@" in bare and not mark)
    found["uri"] = _mlflow_shown(scheme, rest if mark else bare)
    found["kind"] = _mlflow_kind(bare, scheme)
    if bare != text and scheme in ("http", "https"):
        found["kind"] = "no-scheme"
    if scheme in ("http", "https"):
        _mlflow_split(found, scheme, rest)
    return found


def _mlflow_shown(scheme, rest):
    """The address up to its query and after its last @, wherever a careless password has put that."""
    rest = re.split("[?#]", rest.rpartition("@")[2])[0]
    return scheme + "://" + rest if scheme else rest


def _mlflow_kind(bare, scheme):
    """What kind of store an address names, by the rules of MLflow's own registry of schemes."""
    if scheme in ("http", "https", "sqlite", "file"):
        return scheme.replace("https", "http")
    if bare == "databricks" or scheme.startswith("databricks"):
        return "databricks"
    if scheme:
        return "database" if scheme.partition("+")[0] in MLFLOW_DATABASES else "other"
    if re.match(r"([^@/]*@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{2,5}(/|$)", bare):
        return "no-scheme"
    return "file"


def _mlflow_split(found, scheme, rest):
    """Host, port, path and user of an http address. One that urllib3 would read in another way counts as unreadable."""
    authority, path = re.match(r"([^/?#]*)([^?#]*)", rest).groups()
    user, _, place = authority.rpartition("@")
    match = re.match(r"(\[[0-9a-fA-F:.%]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?$", place)
    if not match or "@" in rest[len(authority):] or not 0 < int(match.group(2) or 80) < 65536:
        found.update(kind="unreadable", uri="")
        return
    port = int(match.group(2) or (443 if scheme == "https" else 80))
    found.update(host=match.group(1).strip("[]").lower(), port=port, named_port=bool(match.group(2)), user=user, scheme=scheme,
                 path=path.rstrip("/"))


def read_mlflow_server(question):
    uri = question.get("mlflow_uri")
    found = _mlflow_address(os.environ.get("MLFLOW_TRACKING_URI", "") if uri is None else uri)
    try:
        if found["kind"] == "http":
            return _mlflow_ask(found, True, question)
        if found["kind"] in ("none", "file", "sqlite"):
            return _mlflow_look_around(question)
        return {"asked": False}
    except Exception:  # its text may quote what was sent
        return {"asked": True, "configured": found["kind"] == "http", "uri": found["uri"], "problem": "internal"}


def _mlflow_look_around(question):
    """Ask at the usual place: MLflow wherever it answers, else whatever does. Each is asked: on macOS AirPlay has one of them."""
    tried = []
    for uri in ("http://127.0.0.1:5000", "http://[::1]:5000"):
        tried.append(_mlflow_ask(_mlflow_address(uri), False, question))
        if not tried[-1]["problem"]:
            return tried[-1]
    return next((said for said in tried if said["problem"] not in ("refused", "unreachable")), tried[0])


def _mlflow_ask(found, configured, question):
    """The whole conversation with one server, as facts."""
    talk = _MlflowTalk(found, configured, question)
    facts = {"asked": True, "configured": configured, "uri": found["uri"], "host": found["host"], "port": found["port"],
             "loopback": _mlflow_loopback(found["host"]), "proxy": talk.proxy_shown, "credentials": talk.credentials}
    started = time.monotonic()
    try:
        facts.update(talk.run())
    except _MlflowProblem as why:
        facts.update(problem=why.args[0], **why.args[1])
    facts.setdefault("problem", "")
    facts["seconds"] = round(talk.seconds or time.monotonic() - started, 3)
    return facts


class _MlflowProblem(Exception):
    """The conversation ended: args are its name and what else was learned."""


class _MlflowTalk:
    """One conversation: DNS, TCP, TLS, HTTP, is it MLflow, which version, does it answer queries."""

    def __init__(self, found, configured, question):
        self.found = found
        self.end = time.monotonic() + MLFLOW_TOTAL
        self.seconds = 0.0
        self.credentials, self.headers = _mlflow_credentials(found) if configured else ("", {})
        self.proxy = _mlflow_proxy(found) if configured else ""
        self.proxy_shown = _mlflow_shown("", self.proxy.partition("://")[2]).rstrip("/")
        self.tls = _mlflow_tls(question) if found["scheme"] == "https" else {}

    def run(self):
        if any(not " " <= character <= "~" for character in self.headers.get("Authorization", "")):
            raise _MlflowProblem("token-malformed", {})
        self.connect()
        started = time.monotonic()
        answer = self.first()
        self.seconds = time.monotonic() - started
        facts = {"status": answer.status, "server": answer.server}
        problem = self.judge(answer, facts)
        facts["version"] = self.version() if problem in ("", "backend", "auth", "status") else ""
        if problem == "status" and facts["version"] and answer.status >= 500:
            problem = "backend"
        if not problem:
            ready = self.get(MLFLOW_SEARCH)
            facts["status"], problem = ready.status, "" if ready.status == 200 else "backend" if ready.status >= 500 else "status"
        return dict(facts, problem=problem)

    def connect(self):
        """Find the host and open a connection, to tell the two apart from all that comes later."""
        import socket
        host, port = self.found["host"], self.found["port"]
        if self.proxy:
            place = _mlflow_address(self.proxy)
            if not place["host"]:
                raise _MlflowProblem("proxy", {})
            host, port = place["host"], place["port"]
        try:
            self.within("dns", socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
            self.within("connect-timeout", _mlflow_knock, host, port)
        except (OSError, UnicodeError, _MlflowProblem) as why:
            name = why.args[0] if isinstance(why, _MlflowProblem) else _mlflow_connect_problem(why)
            raise _MlflowProblem("proxy" if self.proxy else name, {})

    def first(self):
        """The first answer; a server that hangs up once may have been about to start, or may want TLS."""
        for last in (False, True):
            try:
                return self.get(MLFLOW_EXPERIMENT)
            except _MlflowProblem as why:
                if why.args[0] != "closed" or last:
                    if why.args[0] in ("closed", "not-http") and self.found["scheme"] == "http" and self.speaks_tls():
                        raise _MlflowProblem("needs-https", {})
                    raise

    def judge(self, answer, facts):
        """What the first answer says; more facts are added to `facts`."""
        if answer.mlflow():
            return ""
        if answer.status == 401:
            facts["realm"] = "mlflow" if re.search(r'realm="?mlflow\b', answer.header("www-authenticate"), re.I) else "other"
            return "auth"
        if answer.status == 403 and answer.says("Invalid Host header"):
            return "blocked-host"
        if answer.status == 407:
            return "proxy"
        if answer.status == 400 and answer.says("HTTPS port", "to an HTTPS server"):
            return "needs-https"
        if 300 <= answer.status < 400:
            return "redirect"
        if answer.status in (502, 504):
            return "gateway"
        return self.stranger(answer, facts)

    def stranger(self, answer, facts):
        """An answer that is not MLflow's: at another path it may be, or something that is known by its headers."""
        facts["service"] = answer.service()
        if facts["service"] or answer.status == 200:
            return "other-service"
        if answer.status in (404, 405) and self.found["path"]:
            at_origin = self.get(MLFLOW_EXPERIMENT, path="")
            if at_origin.mlflow():
                facts["other_uri"] = self.found["uri"][:len(self.found["uri"].rstrip("/")) - len(self.found["path"])]
                return "prefix"
        return "status"

    def version(self):
        """What the server calls itself. One with a login tells only its age."""
        try:
            answer = self.get("/version")
            text = answer.body[:40].decode("ascii", "replace").strip()
            if answer.status == 200 and re.match(r"\d+\.\d+(\.\d+)?[\w.+-]*$", text):
                return text
            if answer.status == 404 and self.get("/api/2.0/mlflow/experiments/list").mlflow("experiments"):
                return "1"
        except _MlflowProblem:
            pass
        return ""

    def speaks_tls(self):
        """Whether the port answers to TLS. Nothing is sent but the greeting."""
        try:
            return bool(self.within("silent", _mlflow_greet, self.found["host"], self.found["port"]))
        except (OSError, ValueError, _MlflowProblem):
            return False

    def get(self, what, path=None):
        """One answer, complete within one step; redirects on the same server are followed as MLflow's client does."""
        url = self.url(self.found["scheme"], self.found["port"], (self.found["path"] if path is None else path) + what)
        for _ in range(5):
            answer = self.within("silent", self.exchange, url)
            here = url.partition("//")[0] + "//" + url.partition("//")[2].partition("/")[0]
            target = answer.header("location")
            target = here + target if target.startswith("/") and not target.startswith("//") else target
            if answer.status not in (301, 302, 303, 307, 308) or not target.startswith(here + "/"):
                return answer
            url = target
        raise _MlflowProblem("redirect", {"status": answer.status, "server": answer.server})

    def url(self, scheme, port, rest):
        host = self.found["host"]
        return "%s://%s:%d%s" % (scheme, "[%s]" % host if ":" in host else host, port, rest)

    def exchange(self, url):
        """Send one request and read its answer, up to the cap."""
        import urllib3
        options = dict(self.tls, retries=False, timeout=urllib3.Timeout(connect=MLFLOW_STEP, read=MLFLOW_STEP))
        try:
            pool = _mlflow_pool(self.proxy, options)
            reply = pool.request("GET", url, headers=self.headers, redirect=False, preload_content=False)
            body = reply.read(MLFLOW_LARGEST + 1, decode_content=True)
            reply.close()
        except Exception as why:
            raise _MlflowProblem(_mlflow_http_problem(why), {}) from None
        answer = _MlflowAnswer(reply.status, reply.headers, body)
        if len(body) > MLFLOW_LARGEST:
            raise _MlflowProblem("too-large", {"status": answer.status, "server": answer.server, "service": answer.service()})
        return answer

    def within(self, problem, function, *args):
        """Call it in a thread and wait one step at most. What does not end then is left behind: it ends with this process."""
        import queue
        import threading
        done = queue.Queue()

        def work():
            try:
                done.put((function(*args), None))
            except BaseException as why:
                done.put((None, why))

        threading.Thread(target=work, daemon=True).start()
        try:
            result, why = done.get(timeout=max(0.1, min(MLFLOW_STEP, self.end - time.monotonic())))
        except queue.Empty:
            raise _MlflowProblem(problem, {}) from None
        if why is not None:
            raise why
        return result
