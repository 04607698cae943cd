"""What the pieces of work share: the step that is being done, comparing with known results, and figures."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ENOUGH = 25.0  # seconds of work, of which none needs five; then it is asked why it is not done
WATCHED = 10.0  # the last of these seconds, in which
IDLE = 0.3  # seconds of processor time or less are waiting for something that never comes
OWN_FOLDERS = ("JOBLIB_TEMP_FOLDER", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "JUPYTER_RUNTIME_DIR")
SHORT = 60  # characters: a folder with a longer name would be too long for the sockets that libraries make in it
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "GIT_PYTHON_REFRESH": "quiet"}
LABOR = 20.0  # seconds of processor time in all are too much; with less, others kept the processors busy


class Wrong(Exception):
    """A result differs from the known one."""


class TooLong(BaseException):
    """The work is not done in time. No Exception: libraries retry those."""


def settle(folder: str) -> None:
    """Work in this folder, where libraries also keep what they would leave elsewhere."""
    import tempfile

    os.chdir(folder)
    os.environ.update(dict.fromkeys(OWN_FOLDERS, folder), **QUIET)
    if len(folder) <= SHORT:
        os.environ["TMPDIR"] = tempfile.tempdir = folder


class Work(object):
    """One piece of work on its way: its folder, the libraries that are there besides, and what is noted of it."""

    def __init__(self, folder: str, besides: "list[str]", enough: float = ENOUGH) -> None:
        self.folder = folder
        self.enough = enough
        self.besides = besides
        self.step = "its imports"
        self.figures = {}  # type: dict[str, float]
        self.words = {}  # type: dict[str, str]
        self.started = 0.0
        self.busy = []  # type: list[float | None]

    def at(self, step: str) -> None:
        """Note what is done next; the time runs from the first step on, when everything is imported."""
        import time

        self.step = step
        if not self.started:
            self.started = time.time()
            _alarms(self)
        sys.stderr.write("mlenv-doctor step: %s\n" % step)
        sys.stderr.flush()

    def expect(self, fact: "Any", otherwise: str) -> None:
        """Raise Wrong unless something is as it must be."""
        if not fact:
            raise Wrong(otherwise)

    def path(self, name: str) -> str:
        """A file in the folder for this work."""
        return os.path.join(self.folder, name)

    def seconds(self) -> float:
        """How long the work has taken by now."""
        import time

        return time.time() - self.started if self.started else 0.0


def _alarms(work: Work) -> None:
    """Note how busy all is now and later, and raise TooLong in the main thread after `enough` seconds.

    Where there are no alarms the collector's deadline holds.
    """
    import signal

    def ring(*_: "Any") -> None:
        work.busy.append(busy())
        if len(work.busy) > 2:
            raise TooLong

    work.busy.append(busy())
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, work.enough - WATCHED, WATCHED)


def no_alarm() -> None:
    """Take the alarm back."""
    import signal

    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


def unfinished(marks: "list[float | None]") -> str:
    """Why work is not done in time: "stuck", "slow", or "cut" because others kept the processors busy. marks: see _alarms."""
    first, second, last = marks[:3]
    if first is None or second is None or last is None:
        return "cut"
    return "stuck" if last - second <= IDLE else "slow" if last - first >= LABOR else "cut"


def busy() -> "float | None":
    """Seconds of processor time that this process and all that descend from it have used; None where that is not known."""
    family, used = {os.getpid()}, 0.0
    try:
        tick = float(os.sysconf("SC_CLK_TCK"))
        rows = [_status(pid) for pid in os.listdir("/proc") if pid.isdigit()]
    except (OSError, ValueError, AttributeError):
        return None
    for pid, parent, ticks in sorted(row for row in rows if row):
        if pid in family or parent in family:
            family.add(pid)
            used += ticks / tick
    return used


def _status(pid: str) -> "tuple[int, int, float]":
    """A process, its parent, and its ticks with those of its children that have ended; empty where it is gone."""
    try:
        with open("/proc/%s/stat" % pid) as file:
            fields = file.read(4096).rpartition(")")[2].split()
        return int(pid), int(fields[1]), float(sum(map(int, fields[11:15])))
    except (OSError, ValueError, IndexError):
        return ()  # type: ignore[return-value]  # filtered out
