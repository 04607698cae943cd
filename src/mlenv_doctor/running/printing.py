"""Print, whatever the encoding, and know what could not be printed. Apart from the reports, which --help does not need."""

from __future__ import annotations

import errno
import os
import sys

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
lost: list[str] = []  # why something could not be printed


def emit(text: str) -> None:
    """Print, whatever the encoding. A reader that has gone away is no error; a full disk is one that the exit code tells."""
    try:
        stream = sys.stdout
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError, AttributeError) as why:  # closed, full, or not there at all
        if isinstance(why, OSError) and why.errno in FULL:
            lost.append(why.strerror or "the disk is full")
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # so that the interpreter does not complain at its end
