"""Read where plots are drawn: variables, and the project's own matplotlibrc."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_plots(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which backend matplotlib would use, who names it, and whether there is a screen."""
    file = os.path.join(question["project"], "matplotlibrc")
    backend, line = _backend(file)
    return {
        "backend": os.environ.get("MPLBACKEND", "")[:200],
        "screen": _has_screen(),
        "file": file if backend else "",
        "file_backend": backend,
        "line": line,
    }


def _has_screen() -> bool:
    """Whether a window could be opened; WSL sets the variables itself (https://github.com/microsoft/wslg)."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _backend(path: str) -> "tuple[str, int]":
    """The backend that a matplotlibrc names, and its line."""
    found = "", 0
    for number, line in enumerate(_text(path).splitlines(), 1):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon and key.strip() == "backend" and value.strip():
            found = value.strip().strip("\"'")[:80], number
    return found


def _text(path: str) -> str:
    """The text of a regular file of sensible size; empty where there is none."""
    import stat

    try:
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode) or info.st_size > 1 << 18:
            return ""
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
