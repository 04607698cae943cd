"""Peers for the MLflow probe: programs on loopback that answer as real ones do on their bad days, and a real MLflow."""

from __future__ import annotations

import ctypes
import functools
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest

CLONE_NEWNET = 0x40000000  # linux/sched.h
Handler = Callable[[socket.socket, str], None]
EXPERIMENT = json.dumps({"experiment": {"experiment_id": "0", "name": "Default"}})
SEARCH = json.dumps({"experiments": [{"experiment_id": "0", "name": "Default"}]})


@dataclass
class Peer:
    """A listening fake. `heard` is what was said to it."""

    port: int
    heard: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def peer(handler: Handler, *, family: int = socket.AF_INET, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Listen on loopback and answer every connection with the handler, in a thread of its own."""
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
    listener.listen(16)
    here = Peer(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection if tls is None else tls.wrap_socket(connection, server_side=True) as connection:
            connection.settimeout(20)
            request = connection.recv(65536).decode("latin-1")
            if request:
                here.heard.append(request)
                handler(connection, request)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield here
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def reply(status: int, body: str | bytes = "", **headers: str) -> bytes:
    """A complete HTTP answer. Underscores in names of headers stand for hyphens."""
    body = body.encode() if isinstance(body, str) else body
    named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in named.items()), "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def always(answer: bytes) -> Handler:
    """The same answer to everything."""
    return lambda connection, request: connection.sendall(answer)


def by_path(answers: Mapping[str, bytes], otherwise: bytes | None = None) -> Handler:
    """The answer whose key the path begins with."""

    def handler(connection: socket.socket, request: str) -> None:
        path = request.split(" ")[1]
        found = (answer for start, answer in answers.items() if path.startswith(start))
        connection.sendall(next(found, otherwise or reply(404, "not found")))

    return handler


def mlflow_like(version: str, prefix: str = "", **changes: bytes) -> Handler:
    """What an MLflow server of this version says. `changes` replaces answers: experiment, search, version."""
    answers = {
        "experiment": reply(200, EXPERIMENT, Content_Type="application/json", Server="uvicorn"),
        "search": reply(200, SEARCH, Content_Type="application/json", Server="uvicorn"),
        "version": reply(200, version, Content_Type="text/html", Server="uvicorn"),
        **changes,
    }
    api = f"{prefix}/api/2.0/mlflow/experiments"
    paths = {"experiment": f"{api}/get", "search": f"{api}/search", "version": f"{prefix}/version"}
    return by_path({path: answers[name] for name, path in paths.items()})


def kept_at(place: str) -> bytes:
    """The answer to a search whose newest experiment keeps its files at this place."""
    return reply(200, json.dumps({"experiments": [{"artifact_location": place}]}), Content_Type="application/json")


def silent(connection: socket.socket, request: str) -> None:
    """Takes the question and says nothing."""
    time.sleep(20)


def drip(connection: socket.socket, request: str) -> None:
    """Answers so slowly that it never ends, though no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.2)


def drip_headers(connection: socket.socket, request: str) -> None:
    """The same within the headers."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(60):
        connection.sendall(f"X-{number}: a\r\n".encode())
        time.sleep(0.3)


def endless(connection: socket.socket, request: str) -> None:
    """Sends a body without end, fast."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def long_header(connection: socket.socket, request: str) -> None:
    """A header of 40 MB."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(640):
        connection.sendall(b"x" * 65536)


def reset(connection: socket.socket, request: str) -> None:
    """Breaks the connection off, hard."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def hang_up(connection: socket.socket, request: str) -> None:
    """Closes without a word."""


@contextmanager
def dead() -> Iterator[Peer]:
    """A port whose queue of waiting connections is full: to a caller it is a machine that is switched off."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
            waiting.append(caller)
        time.sleep(0.1)
        yield Peer(listener.getsockname()[1])
        for caller in waiting:
            caller.close()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def in_own_network(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test where localhost, with all its ports, belongs to nobody else: in a network namespace of its own (Linux, root)."""

    @functools.wraps(test)
    def isolated(*args: object, **kwargs: object) -> None:
        if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("ip"):
            pytest.skip("needs root and the command ip, for a private network namespace")
        failed: list[BaseException] = []

        def work() -> None:
            try:
                if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):  # of this thread alone, and what it starts
                    pytest.skip("no private network namespace here")
                subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
                test(*args, **kwargs)
            except BaseException as why:
                failed.append(why)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]

    return isolated


def self_signed(folder: Path, name: str = "localhost", *extra: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate that nobody knows, and the file to trust it by. Skips without openssl."""
    if not shutil.which("openssl"):
        pytest.skip("needs the command openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", *extra]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


@contextmanager
def real_mlflow(
    python: Path, folder: Path, *options: str, env: Mapping[str, str] | None = None, wait: float = 120, health: str = ""
) -> Iterator[Peer]:
    """A real `mlflow server` in a folder of its own, up to its first answer; ended with all its processes.

    health: the path before /health.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    environ = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **(env or {})}
    command = [python, "-m", "mlflow", "server", "--port", str(port), "--workers", "1", *options]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        _await(f"http://127.0.0.1:{port}{health}/health", server, folder / "server.log", wait)
        yield Peer(port)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _await(url: str, server: subprocess.Popen[bytes], log: Path, wait: float) -> None:
    """Wait for the first good answer."""
    end = time.monotonic() + wait
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.3)
    raise AssertionError(f"mlflow did not start: {log.read_text(errors='replace')[-800:]}")
