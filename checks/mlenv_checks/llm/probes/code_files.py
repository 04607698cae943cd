"""Walk the sources and notebooks of a project: its own ones, of a sensible size, as long as there is time."""

import json
import os

from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SUFFIXES = (
    ".py",
    ".ipynb",
    ".sh",
    ".yaml",
    ".yml",
    ".toml",
    ".json",
    ".cfg",
    ".ini",
    ".js",
    ".ts",
    ".md",
    ".r",
    ".env.example",
)
FILE_NAMES = ("Dockerfile", "Containerfile", "Makefile", "Procfile")
FOREIGN_FOLDERS = ("node_modules", "site-packages", "venv", "env", "ml_env", "__pycache__", "mlruns", "wandb", "dist", "build")
MOST_FILES, MOST_ENTRIES, LARGEST, LARGEST_NOTEBOOK, SECONDS = 3000, 50000, 1 << 20, 8 << 20, 6.0


def walk_code(project: str) -> "Iterator[tuple[str, Secret]]":
    """Each file as its path from the project's folder and its text as a secret; of a home folder only what lies in itself."""
    import time

    end, files = time.time() + SECONDS, 0
    home = os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep))
    entries = 0
    for folder, folders, names in os.walk(project):
        entries += len(folders) + len(names)
        folders[:] = [] if home else sorted(name for name in folders if _is_own(os.path.join(folder, name)))
        for name in sorted(names):
            if time.time() > end or files >= MOST_FILES or entries > MOST_ENTRIES:
                return
            if name.lower().endswith(SUFFIXES) or name in FILE_NAMES:
                text = _read_text(os.path.join(folder, name))
                files += 1
                if text:
                    yield os.path.relpath(os.path.join(folder, name), project), text


def _is_own(folder: str) -> bool:
    """Whether a folder belongs to the project itself."""
    name = os.path.basename(folder)
    if name.startswith(".") or name in FOREIGN_FOLDERS:
        return False
    return not any(os.path.lexists(os.path.join(folder, sign)) for sign in ("pyvenv.cfg", "conda-meta", ".git"))


def _read_text(path: str) -> "Secret | None":
    """The text of a regular file that is not too large; empty for all else. Bytes that are no UTF-8 are replaced."""
    import stat

    largest = LARGEST_NOTEBOOK if path.endswith(".ipynb") else LARGEST
    try:
        info = os.lstat(path)
        if not stat.S_ISREG(info.st_mode) or info.st_size > largest:
            return None
        with open(path, "rb") as file:
            return Secret(path, file.read(largest).decode("utf-8", "replace"))
    except OSError:
        return None


def is_test_or_example(path: str) -> bool:
    """Whether a file is no part of the program itself: tests, documentation, examples."""
    aside = ("test", "tests", "doc", "docs", "example", "examples", "samples", "fixtures", "testdata", "conftest.py", "setup.py")
    parts = path.replace(os.sep, "/").lower().split("/")
    return any(part in aside or part.startswith("test_") or part.endswith("_test.py") for part in parts)


def python_code(path: str, text: str) -> str:
    """The Python of a file: of a notebook its cells, without what is a command of IPython. Empty where there is none."""
    if path.endswith(".py"):
        return text
    if not path.endswith(".ipynb"):
        return ""
    try:
        cells = json.loads(text).get("cells")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return "\n".join(_cell_code(cell) for cell in (cells if isinstance(cells, list) else []))


def _cell_code(cell: "Any") -> str:
    """The Python of one cell; empty for text and for a cell in another language."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return ""
    source = cell.get("source")
    lines = "".join(line for line in (source if isinstance(source, list) else [source]) if isinstance(line, str)).split("\n")
    if lines[0].lstrip().startswith("%%"):
        return ""
    return "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
