"""Where processes read and write: files without a name, that only they and we hold open, and that are gone with us.

Nobody can put a pipe, a link or a device in their place, whatever ends us leaves nothing behind, and what stands in them
(a question may hold the password of an address) is in no folder. Windows cannot hand such files on: there they have names.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from ..records import dataclass
from .processes import clear_away, new_mark
from .shield import shield

TRIAL = 1 << 18  # bytes: about what all probes and their answers take
LARGEST = 64 << 20  # bytes of a file that are read
NAMED = sys.platform == "win32"


@dataclass(frozen=True)
class File:
    """An open file; `word` is how a child is told of it: by the number that it inherits, or by its name."""

    stream: IO[bytes]

    @property
    def word(self) -> str:
        return str(self.stream.name) if NAMED else str(self.stream.fileno())

    def read(self, last: int = LARGEST) -> bytes:
        """Its content: at most so many bytes, the last of them."""
        size = os.fstat(self.stream.fileno()).st_size
        with suppress(OSError, ValueError):
            self.stream.seek(max(0, size - last))
            return self.stream.read(last)
        return b""

    def disk(self) -> int:
        """The bytes that it takes."""
        info = os.fstat(self.stream.fileno())
        return info.st_size if NAMED else info.st_blocks * 512

    def empty(self) -> None:
        """Give back the disk that it takes. Whoever appends goes on at its beginning."""
        with suppress(OSError):
            os.ftruncate(self.stream.fileno(), 0)


class Room:
    """A place for such files. Raises OSError where nothing can be written anywhere.

    alone: whether this process is the doctor's own, so that every process that descends from it may be ended.
    """

    def __init__(self, alone: bool = False) -> None:
        self.alone = alone
        self.mark = new_mark()
        self._open = ExitStack()
        self.folder = self._make()

    def _make(self) -> str:
        named = [os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)]
        for folder in dict.fromkeys([*named, "/tmp", "/var/tmp", "/dev/shm"]):  # never the working directory, as tempfile would
            with suppress(OSError):
                return self._tried(os.path.abspath(folder))
        tried = "tried TMPDIR, /tmp, /var/tmp and /dev/shm"
        raise OSError(f"no folder for temporary files can be written ({tried}): let TMPDIR name one that can")

    def _tried(self, folder: str) -> str:
        """The folder, if something can be written there: on a full disk files can still be made. Raises OSError."""
        with tempfile.TemporaryFile(dir=folder, buffering=0) as trial:
            trial.write(b" " * TRIAL)
        if not NAMED:
            return folder
        made = tempfile.mkdtemp(prefix="mlenv-doctor-", dir=folder)
        self._open.callback(shutil.rmtree, made, ignore_errors=True)
        return made

    def subfolder(self) -> str:
        """A new folder for one piece of work; it is gone with the room at the latest. Raises OSError."""
        made = tempfile.mkdtemp(prefix="mlenv-doctor-work-", dir=self.folder)
        self._open.callback(shutil.rmtree, made, ignore_errors=True)
        return made

    def file(self, content: bytes = b"", appending: bool = False) -> File:
        """A new file. Raises OSError."""
        made = File(self._open.enter_context(self._new()))
        if appending and not NAMED:
            import fcntl

            fcntl.fcntl(made.stream.fileno(), fcntl.F_SETFL, fcntl.fcntl(made.stream.fileno(), fcntl.F_GETFL) | os.O_APPEND)
        if content:
            made.stream.write(content)
            made.stream.seek(0)
        return made

    def memory(self, content: bytes) -> File:
        """A file that is on no disk at all, where the system has such: for what a child is told. Raises OSError."""
        if not hasattr(os, "memfd_create"):
            return self.file(content)
        with suppress(OSError):  # forbidden in some sandboxes
            made = File(self._open.enter_context(os.fdopen(os.memfd_create("mlenv-doctor"), "w+b", 0)))
            rest = memoryview(content)
            while rest:
                rest = rest[made.stream.write(rest) :]
            made.stream.seek(0)
            return made
        return self.file(content)

    def _new(self) -> IO[bytes]:
        if not NAMED:
            return tempfile.TemporaryFile(dir=self.folder, buffering=0)
        handle, name = tempfile.mkstemp(dir=self.folder)
        os.close(handle)
        return Path(name).open("w+b", 0)

    def __enter__(self) -> Room:
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, where: TracebackType | None) -> None:
        with shield():
            clear_away(self.mark, self.alone)
            self._open.close()
