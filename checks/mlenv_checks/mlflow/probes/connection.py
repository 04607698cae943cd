"""The line to an MLflow server: requests with a deadline that holds, and answers that are looked at and not kept."""

import json
import re
import socket
import time

from mlenv_checks.mlflow.probes.address import server_address
from mlenv_checks.mlflow.probes.client import (
    answers_tls,
    connection_problem,
    credentials_for,
    http_problem,
    proxy_for,
    tls_options,
)
from mlenv_checks.mlflow.probes.problems import LARGEST_ANSWER, STEP_SECONDS, TOTAL_SECONDS, ServerProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

KNOWN_SERVICES = (  # a header, what it begins with, whose it is
    ("server", "AirTunes", "AirPlay"),
    ("docker-distribution-api-version", "", "a Docker registry"),
    ("server", "Werkzeug", "a Flask program"),
    ("server", "SimpleHTTP", "Python's http.server"),
    ("server", "TornadoServer", "Jupyter"),
    ("x-powered-by", "Express", "a Node.js program"),
)


class Connection:
    """The line to one server: how it is reached, and with which credentials."""

    def __init__(self, where: "dict[str, Any]", configured: bool, question: "dict[str, Any]") -> None:
        self.where = where
        self.end = time.monotonic() + TOTAL_SECONDS
        self.credentials, header = credentials_for(where, question.get("login")) if configured else ("", "")
        if not header.isprintable():
            raise ServerProblem("token-malformed")
        self.headers = {"Authorization": header} if header else {}
        self.proxy = proxy_for(where) if configured else ""
        self.tls = tls_options(question) if where["scheme"] == "https" else {}

    def connect(self) -> None:
        """Find the host and open a connection, to tell these two apart from all that comes later."""
        way = server_address(self.proxy) if self.proxy else self.where
        try:
            self.within("dns", socket.getaddrinfo, way["host"], way["port"], 0, socket.SOCK_STREAM)
            self.within("connect-timeout", lambda: socket.create_connection((way["host"], way["port"]), STEP_SECONDS).close())
        except (OSError, UnicodeError, ServerProblem) as why:
            raise ServerProblem("proxy" if self.proxy else connection_problem(why)) from None

    def first(self, path: str) -> "Answer":
        """The first answer. A server that hangs up may be about to start: it is asked once more; or it wants TLS."""
        try:
            try:
                return self.get(path)
            except ServerProblem as why:
                if why.args[0] != "closed":
                    raise
                return self.get(path)
        except ServerProblem as why:
            if why.args[0] in ("closed", "not-http") and self.where["scheme"] == "http" and not self.proxy and self.speaks_tls():
                raise ServerProblem("needs-https") from None
            raise

    def speaks_tls(self) -> bool:
        """Whether the port answers to TLS. Nothing is sent but the greeting."""
        try:
            return self.within("silent", answers_tls, self.where["host"], self.where["port"])
        except (OSError, ValueError, ServerProblem):
            return False

    def get(self, path: str) -> "Answer":
        """One complete answer. Redirects within the server are followed, as MLflow's client does; others end it."""
        url = self.where["origin"] + path
        for _ in range(5):
            answer = self.within("silent", self.exchange, url)
            target = answer.header("location")
            target = self.where["origin"] + target if re.match("/(?!/)", target) else target
            if answer.status // 100 != 3 or not target.startswith(self.where["origin"] + "/"):
                return answer
            url = target
        raise ServerProblem("loop")

    def exchange(self, url: str) -> "Answer":
        """Send one request and read its answer, up to the cap."""
        import urllib3

        options = dict(self.tls, retries=False, timeout=STEP_SECONDS)
        try:
            pool = urllib3.ProxyManager(self.proxy, **options) if self.proxy else urllib3.PoolManager(**options)
            reply = pool.request("GET", url, headers=self.headers, redirect=False, preload_content=False)
            body = reply.read(LARGEST_ANSWER + 1)
        except Exception as why:
            raise ServerProblem(http_problem(why)) from None
        if len(body) > LARGEST_ANSWER:
            raise ServerProblem("too-large")
        return Answer(reply.status, reply.headers, body)

    def within(self, problem: str, function: "Callable[..., T]", *args: "Any") -> "T":
        """Call it in a thread, and wait for one step at most. What has not ended by then ends with this process."""
        import queue
        import threading

        done: "queue.Queue[tuple[Any, Exception | None]]" = queue.Queue()

        def work() -> None:
            try:
                done.put((function(*args), None))
            except Exception as why:
                done.put((None, why))

        threading.Thread(target=work, daemon=True).start()
        try:
            result, why = done.get(timeout=max(0.1, min(STEP_SECONDS, self.end - time.monotonic())))
        except queue.Empty:
            raise ServerProblem(problem) from None
        if why is not None:
            raise why
        said: "T" = result
        return said


class Answer:
    """One answer; it is looked at here and not kept."""

    def __init__(self, status: int, headers: "Mapping[str, str]", body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def header(self, name: str) -> str:
        """The value of a header; empty where it is missing."""
        return self.headers.get(name) or ""

    def name(self) -> str:
        """The first word of the Server header."""
        found = re.match(r"[\w./-]{1,40}", self.header("server"))
        return found.group() if found else ""

    def service(self) -> str:
        """Whose the headers are known to be."""
        known = (whose for name, start, whose in KNOWN_SERVICES if name in self.headers and self.header(name).startswith(start))
        return next(known, "")

    def json(self) -> "dict[str, Any]":
        """The object that it holds; an empty one for all else."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def asks_for_a_password(self) -> bool:
        """Whether it is a page with a form for that."""
        return bool(re.search(rb"(?i)<input[^>]{0,200}type\s*=\s*[\"']?password", self.body))

    def mlflow(self) -> bool:
        """Whether only MLflow answers so: `{}` or `OK` is what others say as well."""
        if self.status == 403:
            return self.body.strip() == b"Permission denied"
        said = self.json()
        if self.status == 404:
            return said.get("error_code") == "RESOURCE_DOES_NOT_EXIST"
        return self.status == 200 and (isinstance(said.get("experiment"), dict) or isinstance(said.get("experiments"), list))
