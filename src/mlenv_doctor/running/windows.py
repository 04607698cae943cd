"""The same on Windows: the command has our own input and console, and two threads pass on what goes into pipes."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import Any

from .ended import NOT_EXECUTABLE, NOT_FOUND, Ended, Tail


def run(command: Sequence[str]) -> Ended:
    """Run it to its end. A console is handed on as it is; what is printed there is not kept."""
    kept = [name for name in ("stdout", "stderr") if not getattr(sys, name).isatty()]
    out, err = (subprocess.PIPE if name in kept else None for name in ("stdout", "stderr"))
    try:
        child = subprocess.Popen(list(command), bufsize=0, stdout=out, stderr=err)
    except OSError as why:
        return Ended(NOT_FOUND if why.errno == errno.ENOENT else NOT_EXECUTABLE, refused=why.errno or errno.EINVAL)
    tails = {"stdout": Tail(), "stderr": Tail()}
    threads = [Thread(target=_pass_on, args=(getattr(child, name), name, tails[name]), daemon=True) for name in kept]
    for thread in threads:
        thread.start()
    code = _end(child)
    for thread in threads:
        thread.join()
    return Ended(code, tails["stdout"].kept, tails["stderr"].kept)


def _end(child: subprocess.Popen[bytes]) -> int:
    """Wait for the end. Ctrl-C goes to every program at the console, so that only the command has to obey it."""
    while True:
        with suppress(KeyboardInterrupt):
            return child.wait()


def _pass_on(source: Any, name: str, tail: Tail) -> None:
    sink = getattr(sys, name).buffer
    with suppress(OSError), source:
        while count := source.readinto(room := tail.room()):
            tail.took(count)
            sink.write(room[:count])
            sink.flush()
