"""What probes share. Runs in the examined Python: standard library only, syntax of Python 3.6."""

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set
    from typing import IO

AT_ONCE = 1 << 16  # bytes that are asked for at a time


def loaded_at_start() -> "Set[str]":
    """The modules that Python and the .pth files of its environment had loaded before the first probe."""
    return getattr(sys.modules["__main__"], "loaded_at_start", frozenset())


def open_regular(path: str) -> int:
    """A descriptor to read a regular file. Raises OSError for anything else: a pipe would hold us, and a device has no end."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("%s is not a regular file" % path)
    return number


def open_file(path: str) -> "IO[bytes]":
    """Open a regular file to read it. Raises OSError for anything else."""
    return os.fdopen(open_regular(path), "rb")


def file_bytes(path: str, most: int) -> bytes:
    """The first bytes of a file; none where it cannot be read. Files of /proc/sys refuse to be asked for megabytes.

    Without a buffer, which takes longer to make than most files take to read, and there are hundreds of them.
    """
    try:
        number = open_regular(path)
        try:
            parts = [os.read(number, min(most, AT_ONCE))]
            left = most - len(parts[0])
            while parts[-1] and left > 0:
                parts.append(os.read(number, min(left, AT_ONCE)))
                left -= len(parts[-1])
        finally:
            os.close(number)
    except OSError:
        return b""
    return b"".join(parts)


def file_text(path: str, most: int) -> str:
    """The first bytes of a file as text; empty where it cannot be read."""
    return file_bytes(path, most).decode("utf-8", "replace").replace("\r\n", "\n")


def names_in(folder: str) -> "list[str]":
    """The names in a folder, in order; none where it cannot be listed."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def which(name: str, path: "str | None" = None) -> "str | None":
    """The file that a command or a path is, as `shutil.which` finds it, without the compressions that this brings along."""
    if os.name == "nt":  # endings and the working directory count there
        from shutil import which as found

        return found(name, path=path)
    folders = os.environ.get("PATH", os.defpath) if path is None else path
    named = [name] if os.path.dirname(name) else [os.path.join(folder, name) for folder in folders.split(os.pathsep) if folder]
    return next((file for file in named if os.path.isfile(file) and os.access(file, os.X_OK)), None)


def path_of_address(path: str) -> str:
    """The path in a `file:` address as the system writes it.

    It is `urllib.request.url2pathname`, without what that brings along elsewhere than on Windows: http, e-mail and TLS.
    """
    if os.name == "nt":
        from urllib.request import url2pathname

        return url2pathname(path)
    from urllib.parse import unquote

    return unquote(path)
