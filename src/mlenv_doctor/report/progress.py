"""What is still being waited for, on a terminal's stderr; nothing of it anywhere else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import TextIO

CLEAR = "\r\x1b[K"


def progress(stream: TextIO | None) -> Callable[[tuple[str, ...]], None]:
    """A function that is told what is being waited for, and shows it in one line that it writes over.

    A dumb terminal cannot: it would show the codes.
    """
    if stream is None or stream.closed or not stream.isatty() or os.environ.get("TERM") == "dumb":
        return lambda labels: None
    shown = ""

    def show(labels: tuple[str, ...]) -> None:
        nonlocal shown
        line = f"looking at {', '.join(labels)}" if labels else ""
        if line != shown:
            stream.write(CLEAR + line[: shutil.get_terminal_size().columns - 1])
            stream.flush()
        shown = line

    return show
