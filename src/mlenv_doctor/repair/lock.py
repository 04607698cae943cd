"""One repair at a time: the lock of an environment, and who holds it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from ..errors import BadInput
from .states import Store, now, prepare, tidy


class Held(BadInput):
    """The environment cannot be held; the text says why, or which other repair holds it, and since when."""


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the environment. The system lets go of it when this process ends, however that comes. Raises Held."""
    try:
        prepare(store)
    except OSError as why:
        raise Held(f"{store.folder.parent} cannot be written ({why.strerror}): the state before a repair is kept there") from None
    with (store.folder / "lock").open("a+", encoding="utf-8") as file:
        if not _take(file) or not _is_current(file, store):
            raise Held(f"another repair of {store.environment} is running{_holder(file)}; wait until it has ended")
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "user": _user(), "since": now()}))
        file.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)
                tidy(store)


def is_held(store: Store) -> bool:
    """Whether a repair is running right now."""
    try:
        with (store.folder / "lock").open("a+", encoding="utf-8") as file:
            return not _take(file)
    except OSError:
        return False


def _take(file: IO[str]) -> bool:
    """Take the lock, if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_current(file: IO[str], store: Store) -> bool:
    """Whether the file that is held is still the one of that name: its last holder may have deleted it."""
    try:
        return sys.platform == "win32" or os.path.samestat(os.fstat(file.fileno()), os.stat(store.folder / "lock"))
    except FileNotFoundError:
        return False


def _holder(file: IO[str]) -> str:
    """Who holds the lock, as far as that was written down."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        file.seek(0)
        found = json.loads(file.read(1000))
        return f" (process {int(found['pid'])} of {str(found['user'])[:40]}, since {str(found['since'])[:25]})"
    return ""


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
