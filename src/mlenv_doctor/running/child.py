"""Start a child process and attend to it: what is sent to us goes to it, and when it stops, so do we."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from .ended import BY_SIGNAL, NOT_EXECUTABLE, NOT_FOUND

SENT = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH", "SIGCHLD")
KEYBOARD = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP})
BY_KERNEL = 1  # si_code of what a keyboard or a closing terminal sends is at least this
PYTHONS_OWN = ("SIGPIPE", "SIGXFSZ")  # ignored by Python, and nobody else expects that


def nothing() -> None:
    """What is done where nothing has to be."""


def attended() -> set[signal.Signals]:
    """The signals that are waited for: all that matter, except for those that whoever started us wants ignored."""
    wanted = {signal.Signals[name] for name in SENT}
    return {one for one in wanted if one is signal.SIGCHLD or signal.getsignal(one) is not signal.SIG_IGN}


def hold() -> tuple[set[signal.Signals], set[int]]:
    """Keep the signals back until somebody waits for them: which ones, and what was kept back before."""
    waited = attended()
    for one in waited & {signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH}:  # else some systems drop them at once
        signal.signal(one, lambda *_: None)
    return waited, set(signal.pthread_sigmask(signal.SIG_BLOCK, waited))


def start(
    command: Sequence[str], streams: Sequence[int], before: set[int], prepare: Callable[[], None] = nothing
) -> tuple[int, int]:
    """Start a command with these three streams: its process id, and the errno of the system that refused, or 0."""
    told, tell = os.pipe()
    pid = os.fork()
    if not pid:
        _become(command, streams, before, prepare, tell)
    os.close(tell)
    said = os.read(told, 16)
    os.close(told)
    return pid, int(said or b"0")


def _become(command: Sequence[str], streams: Sequence[int], before: set[int], prepare: Callable[[], None], tell: int) -> NoReturn:
    """In the child: be the command. Never returns, whatever happens."""
    code = NOT_EXECUTABLE
    try:
        prepare()
        for number, stream in enumerate(_moved(streams)):
            os.dup2(stream, number, inheritable=True)
        for name in PYTHONS_OWN:
            signal.signal(signal.Signals[name], signal.SIG_DFL)
        for one in attended():
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _execute(command)
    except OSError as why:
        code = NOT_FOUND if why.errno in (errno.ENOENT, errno.ENOTDIR) else NOT_EXECUTABLE
        os.write(tell, b"%d" % (why.errno or errno.EINVAL))
    except ValueError:  # a NUL in an argument
        os.write(tell, b"%d" % errno.EINVAL)
    finally:
        os._exit(code)


def _moved(streams: Sequence[int]) -> list[int]:
    """The same files under numbers above 2, so that none is overwritten before it is used."""
    import fcntl

    return [fcntl.fcntl(stream, fcntl.F_DUPFD_CLOEXEC, 10) for stream in streams]


def _execute(command: Sequence[str]) -> None:
    """Become the command; a script that does not say who reads it is read by the shell, as every shell does it."""
    if not command[0]:
        raise FileNotFoundError(errno.ENOENT, "every command has a name")
    try:
        os.execvp(command[0], list(command))
    except OSError as why:
        if why.errno != errno.ENOEXEC:
            raise
        import shutil

        os.execv("/bin/sh", ["/bin/sh", shutil.which(command[0]) or command[0], *command[1:]])


def attend(
    pid: int,
    waited: Iterable[signal.Signals],
    *,
    together: bool,
    group: bool = False,
    pausing: Callable[[], None] = nothing,
    resuming: Callable[[], None] = nothing,
    resized: Callable[[], bool] = lambda: False,
) -> int:
    """Wait for the end of a child and return its code as shells write it: 128+n for a signal.

    together: the child is in our process group, and has what the keyboard sends already. group: it leads a group of its own.
    pausing and resuming are called around a stop; resized says whether the child has to hear of a new size of the window.
    """
    while True:
        number, by_kernel = _next(waited)
        if number == signal.SIGCHLD:
            while (state := _state(pid)) is not None:
                if not os.WIFSTOPPED(state):
                    return BY_SIGNAL + os.WTERMSIG(state) if os.WIFSIGNALED(state) else os.WEXITSTATUS(state)
                _pause(pid, group, pausing, resuming)
        elif number == signal.SIGWINCH:
            if resized():
                _send(pid, number)
        elif number == signal.SIGCONT:
            resuming()
            _send(-pid if group else pid, number)
        elif not (together and by_kernel):
            _send(pid, number)


def _next(waited: Iterable[signal.Signals]) -> tuple[int, bool]:
    """The next signal, and whether the keyboard or the terminal sent it."""
    if sys.platform == "darwin":
        number = signal.sigwait(waited)
        return number, number in KEYBOARD and os.isatty(0)
    info = signal.sigwaitinfo(waited)
    return info.si_signo, info.si_code >= BY_KERNEL


def _state(pid: int) -> int | None:
    """What has become of a child; None where nothing new has."""
    found, state = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    return state if found else None


def _pause(pid: int, group: bool, pausing: Callable[[], None], resuming: Callable[[], None]) -> None:
    """Stop as the child did, until somebody lets both go on."""
    pausing()
    os.kill(os.getpid(), signal.SIGSTOP)
    resuming()
    _send(-pid if group else pid, signal.SIGCONT)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):  # gone, or somebody else's
        return
