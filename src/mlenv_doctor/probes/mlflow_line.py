"""The line to an MLflow server: requests with a deadline that holds, and answers that are looked at and not kept."""

import json
import re
import socket
import time

SERVER_STEP = 5.0  # seconds for one step: resolving, connecting, an answer from its first byte to its last
SERVER_TOTAL = 11.0  # seconds for all of them
SERVER_LARGEST = 1 << 20  # bytes of an answer
SERVER_KNOWN = (  # a header, what it begins with, whose it is
    ("server", "AirTunes", "AirPlay"),
    ("docker-distribution-api-version", "", "a Docker registry"),
    ("server", "Werkzeug", "a Flask program"),
    ("server", "SimpleHTTP", "Python's http.server"),
    ("server", "TornadoServer", "Jupyter"),
    ("x-powered-by", "Express", "a Node.js program"),
)


class _ServerProblem(Exception):
    """The conversation ended; its argument is the name of the problem."""


class _ServerLine:
    """The line to one server: how it is reached, and with which credentials."""

    def __init__(self, where, configured, question):
        self.where = where
        self.end = time.monotonic() + SERVER_TOTAL
        self.credentials, header = _server_credentials(where) if configured else ("", "")
        if not header.isprintable():
            raise _ServerProblem("token-malformed")
        self.headers = {"Authorization": header} if header else {}
        self.proxy = _server_proxy(where) if configured else ""
        self.tls = _server_tls(question) if where["scheme"] == "https" else {}

    def connect(self):
        """Find the host and open a connection, to tell these two apart from all that comes later."""
        way = _server_address(self.proxy) if self.proxy else self.where
        try:
            self.within("dns", socket.getaddrinfo, way["host"], way["port"], 0, socket.SOCK_STREAM)
            self.within("connect-timeout", lambda: socket.create_connection((way["host"], way["port"]), SERVER_STEP).close())
        except (OSError, UnicodeError, _ServerProblem) as why:
            raise _ServerProblem("proxy" if self.proxy else _server_connect_problem(why)) from None

    def first(self, path):
        """The first answer. A server that hangs up may be about to start: it is asked once more; or it wants TLS."""
        try:
            try:
                return self.get(path)
            except _ServerProblem as why:
                if why.args[0] != "closed":
                    raise
                return self.get(path)
        except _ServerProblem as why:
            if why.args[0] in ("closed", "not-http") and self.where["scheme"] == "http" and not self.proxy and self.speaks_tls():
                raise _ServerProblem("needs-https") from None
            raise

    def speaks_tls(self):
        """Whether the port answers to TLS. Nothing is sent but the greeting."""
        try:
            return self.within("silent", _server_greet, self.where["host"], self.where["port"])
        except (OSError, ValueError, _ServerProblem):
            return False

    def get(self, path):
        """One complete answer. Redirects within the server are followed, as MLflow's client does; others end it."""
        url = self.where["origin"] + path
        for _ in range(5):
            answer = self.within("silent", self.exchange, url)
            target = answer.header("location")
            target = self.where["origin"] + target if re.match("/(?!/)", target) else target
            if answer.status // 100 != 3 or not target.startswith(self.where["origin"] + "/"):
                return answer
            url = target
        raise _ServerProblem("loop")

    def exchange(self, url):
        """Send one request and read its answer, up to the cap."""
        import urllib3

        options = dict(self.tls, retries=False, timeout=SERVER_STEP)
        try:
            pool = urllib3.ProxyManager(self.proxy, **options) if self.proxy else urllib3.PoolManager(**options)
            reply = pool.request("GET", url, headers=self.headers, redirect=False, preload_content=False)
            body = reply.read(SERVER_LARGEST + 1)
        except Exception as why:
            raise _ServerProblem(_server_http_problem(why)) from None
        if len(body) > SERVER_LARGEST:
            raise _ServerProblem("too-large")
        return _ServerAnswer(reply.status, reply.headers, body)

    def within(self, problem, function, *args):
        """Call it in a thread, and wait for one step at most. What has not ended by then ends with this process."""
        import queue
        import threading

        done = queue.Queue()

        def work():
            try:
                done.put((function(*args), None))
            except Exception as why:
                done.put((None, why))

        threading.Thread(target=work, daemon=True).start()
        try:
            result, why = done.get(timeout=max(0.1, min(SERVER_STEP, self.end - time.monotonic())))
        except queue.Empty:
            raise _ServerProblem(problem) from None
        if why is not None:
            raise why
        return result


class _ServerAnswer:
    """One answer; it is looked at here and not kept."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name) or ""

    def name(self):
        """The first word of the Server header."""
        return (re.findall(r"^[\w./-]{1,40}", self.header("server")) or [""])[0]

    def service(self):
        """Whose the headers are known to be."""
        known = (whose for name, start, whose in SERVER_KNOWN if name in self.headers and self.header(name).startswith(start))
        return next(known, "")

    def json(self):
        """The object that it holds; an empty one for all else."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def asks_for_a_password(self):
        """Whether it is a page with a form for that."""
        return bool(re.search(rb"(?i)<input[^>]{0,200}type\s*=\s*[\"']?password", self.body))

    def mlflow(self):
        """Whether only MLflow answers so: `{}` or `OK` is what others say as well."""
        if self.status == 403:
            return self.body.strip() == b"Permission denied"
        said = self.json()
        if self.status == 404:
            return said.get("error_code") == "RESOURCE_DOES_NOT_EXIST"
        return self.status == 200 and (isinstance(said.get("experiment"), dict) or isinstance(said.get("experiments"), list))
