"""A real PostgreSQL of this machine's, in a folder and on a loopback port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.servers import free_port

SETTINGS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=1MB -c max_connections=8"


def _program(name: str) -> str:
    """A program of the server's; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name) or ""


@contextmanager
def real_postgres(password: str) -> Iterator[int]:
    """Its port. User and database postgres, with this password. It does not run as root: nobody does it then."""
    if not _program("postgres") or not _program("initdb"):
        pytest.skip("needs PostgreSQL (apt install postgresql)")
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        (folder / "password").write_text(password)
        for path in (folder, folder / "password"):
            os.chmod(path, 0o700)
            shutil.chown(path, *((65534, 65534) if as_nobody else (os.getuid(), os.getgid())))
        made = [
            _program("initdb"),
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            "--pwfile",
            folder / "password",
        ]
        subprocess.run([*as_nobody, *made, "--no-sync"], check=True, capture_output=True, cwd="/")
        port = free_port()
        command = [*as_nobody, _program("postgres"), "-D", folder / "data", "-p", str(port), *SETTINGS.split()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        try:
            _await(folder / "log", server)
            yield port
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder)


def _await(log: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        if "ready to accept connections" in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-800:]}")
