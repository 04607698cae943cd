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
from pathlib import Path

MARK = "MLENV_DOCTOR_PROBE"  # every process that we start, and whatever it starts, carries this variable
GRACE = 1.0


class Running:
    """One program on its way. When it ends it puts itself into the queue `done`."""

    def __init__(
        self, argv: Sequence[str], source: Path, chatter: Path, cwd: str, mark: str, done: queue.SimpleQueue[Running]
    ) -> None:
        """Start it. Raises OSError where that is not possible."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", MARK: mark}
        with source.open("rb") as script, chatter.open("wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=script, stdout=log, stderr=log, cwd=cwd, env=environment, start_new_session=True
            )
        self.chatter = chatter
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

    def hush(self, most: int) -> None:
        """Give back the disk that its chatter takes, if that is too much; it goes on where it was, with a hole before it."""
        with suppress(OSError):
            if self.chatter.stat().st_blocks * 512 > most:
                os.truncate(self.chatter, 0)

    def kill(self) -> None:
        """End it and all of its process group (it leads a session of its own)."""
        if sys.platform == "win32":
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], capture_output=True, timeout=GRACE)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """End every process that still carries our mark: those that left their process group, too."""
    for _ in range(5):  # one that is just being started may be seen only the next time
        found = [pid for pid in _marked(mark) if pid != os.getpid()]
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        if not found:
            return
        time.sleep(0.02)


def _marked(mark: str) -> list[int]:
    """The processes whose environment carries the mark: from /proc, elsewhere through psutil where that is installed."""
    if sys.platform == "linux":
        wanted = f"{MARK}={mark}".encode()
        return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and wanted in _environment(pid)]
    with suppress(ImportError):
        import psutil

        everyone = psutil.process_iter(["environ"])
        return [process.pid for process in everyone if (process.info["environ"] or {}).get(MARK) == mark]
    return []


def _environment(pid: str) -> bytes:
    """The environment that a process was started with; empty where it is gone, a zombie, or not ours to read."""
    try:
        with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
            return file.read(1 << 20)
    except OSError:
        return b""
