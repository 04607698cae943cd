"""Run one program so that nothing it does can hold us, and end it with all that it started.

No pipes: a child that nobody reads from cannot block, and a grandchild that keeps a pipe open cannot hold us.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

MARK = "MLENV_DOCTOR_PROBE"  # every process that we start, and whatever it starts, carries this variable
GRACE = 1.0
LARGEST_FILE = 256 << 20  # bytes that a process may write into one file; no answer, log or cache needs as many
SUBREAPER = 36  # of prctl: https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html


class Running:
    """One program on its way. When it ends it puts itself into the queue `done`."""

    def __init__(
        self,
        argv: Sequence[str],
        streams: tuple[int, int],
        handed: Sequence[int],
        cwd: str,
        mark: str,
        done: queue.SimpleQueue[Running],
    ) -> None:
        """Start it, with two descriptors for its input and its chatter, and some more to hand on. Raises OSError."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", MARK: mark}
        source, log = streams
        more: dict[str, Any] = {} if sys.platform == "win32" else {"pass_fds": tuple(handed)}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            argv, stdin=source, stdout=log, stderr=log, cwd=cwd, env=environment, start_new_session=True, **more
        )
        _bound(self.process.pid)
        self.started = time.monotonic()
        self.ended = self.started
        self.code: int | None = None
        self.late = False
        threading.Thread(target=self._wait, args=(done,), daemon=True).start()

    def _wait(self, done: queue.SimpleQueue[Running]) -> None:
        code = self.process.wait()
        self.ended = time.monotonic()
        self.code = code
        done.put(self)

    def kill(self) -> None:
        """End it and all of its process group (it leads a session of its own)."""
        if sys.platform == "win32":
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], capture_output=True, timeout=GRACE)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _bound(pid: int) -> None:
    """Let a process write no file without end."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            most = LARGEST_FILE if hard == resource.RLIM_INFINITY else min(LARGEST_FILE, hard)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


def new_mark() -> str:
    """A mark that tells whose process it is: a later run ends what one that was killed has left."""
    return f"{_namespace()}-{os.getpid()}.{_born(os.getpid())}.{os.urandom(8).hex()}"


def _namespace() -> str:
    """What numbers processes here: one in a container has another number seen from outside, and its doctor is not gone."""
    try:
        return "".join(letter for letter in os.readlink("/proc/self/ns/pid") if letter.isdigit())
    except OSError:
        return ""


def adopt() -> None:
    """Linux: whatever loses its parent below us becomes our child, so that nothing is lost that empties its environment."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def clear_away(mark: str, alone: bool = False) -> None:
    """End every process with our mark, or that of a doctor who is gone; if we are alone, all that descend from us."""
    for _ in range(5):  # one that is just being started may be seen only the next time
        found = {pid for pid in (*_marked(mark), *(_descendants() if alone else ())) if pid != os.getpid()}
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        if not found:
            return
        time.sleep(0.02)


def _marked(mark: str) -> list[int]:
    """The processes whose environment carries the mark: from /proc, elsewhere through psutil where that is installed."""
    if sys.platform == "linux":
        return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _is_ours(_environment(pid), mark)]
    with suppress(ImportError):
        import psutil

        everyone = psutil.process_iter(["environ"])
        return [process.pid for process in everyone if (process.info["environ"] or {}).get(MARK) == mark]
    return []


def _is_ours(environment: bytes, mark: str) -> bool:
    """Whether a process was started by this run, or by one that has been killed."""
    _, found, rest = (b"\0" + environment).partition(f"\0{MARK}=".encode())
    theirs = rest.partition(b"\0")[0].decode("ascii", "replace")
    if not found or theirs == mark:
        return bool(found)
    where, _, whose = theirs.partition("-")
    owner, born, *_ = (*whose.split("."), "")
    return owner.isdigit() and born.isdigit() and where == _namespace() and _born(int(owner)) != born


def _environment(pid: str) -> bytes:
    """The environment that a process was started with; empty where it is gone, a zombie, or not ours to read."""
    try:
        with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
            return file.read(1 << 20)
    except OSError:
        return b""


def _born(pid: int) -> str:
    """When a process was started, in ticks since the system was; empty where it is gone, or where this is no Linux."""
    fields = _status(str(pid))
    return fields[19] if len(fields) > 19 else ""


def _status(pid: str) -> list[str]:
    """The fields of a process behind its name: its state, its parent, and so on."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return file.read(4096).decode("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _descendants() -> list[int]:
    """Our children, theirs, and so on; zombies are gone already."""
    if sys.platform != "linux":
        return []
    status = {int(pid): fields for pid in os.listdir("/proc") if pid.isdigit() and (fields := _status(pid))}
    found, todo = [], [os.getpid()]
    while todo:
        parent = todo.pop()
        children = [pid for pid, fields in status.items() if fields[1] == str(parent) and fields[0] != "Z"]
        found += children
        todo += children
    return found
