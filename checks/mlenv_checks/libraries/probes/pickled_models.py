"""Read from the bytes of pickled models with which versions they were saved. They are never unpickled: that would run them."""

import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SUFFIXES = (".pkl", ".pickle", ".joblib")
HEAD, TAIL = 4 << 20, 1 << 20  # bytes; an estimator's version stands at its end, but nested ones come earlier
MOST_FILES, MOST_ENTRIES, DEEPEST = 40, 20000, 5
# Not the user's own models: what tracking servers keep of old runs, what was downloaded, and what is there to be tested with.
FOREIGN_FOLDERS = ("mlruns", "mlartifacts", "wandb", "node_modules", "site-packages", "tests", "test", "testdata", "fixtures")

# A key and its value as pickle writes them: the protocols 4 and 5, 2 and 3, and 0.
SKLEARN_VERSION = re.compile(
    rb"_sklearn_version\x94?\x8c(?P<short>.)(?P<a>\d+\.\d+[\w.]*)"
    rb"|_sklearn_version(?:q.|r.{4})?X(?P<long>.{4})(?P<b>\d+\.\d+[\w.]*)"
    rb"|V_sklearn_version\np\d+\nV(?P<c>\d+\.\d+[\w.]*)\n",
    re.DOTALL,
)
NUMPY_2 = re.compile(rb"numpy\._core\.(multiarray|numeric)\b")


def read_models(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which versions the pickled models of the project were saved with."""
    paths = sorted(_model_files(question["project"]))
    files = [_saved_with(question["project"], path) for path in paths[:MOST_FILES]]
    return {
        "files": [said for said in files if said["scikit_learn"] or said["numpy_2"]],
        "looked": len(files),
        "more": len(paths) > len(files),
    }


def _model_files(project: str) -> "Iterator[str]":
    """The pickled files of the project, by their paths within it; links are not followed."""
    left = MOST_ENTRIES
    for folder, folders, names in os.walk(project):
        within = os.path.relpath(folder, project)
        deep = within.count(os.sep) + 1 >= DEEPEST
        folders[:] = [] if deep else [name for name in sorted(folders) if _is_own(os.path.join(folder, name), name)]
        left -= len(names) + len(folders)
        if left < 0:
            return
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield os.path.normpath(os.path.join(within, name))


def _is_own(path: str, name: str) -> bool:
    """Whether a folder is the user's: not hidden, no environment, none that holds what others made."""
    if name.startswith((".", "__")) or name.lower() in FOREIGN_FOLDERS:
        return False
    return not any(os.path.exists(os.path.join(path, mark)) for mark in ("pyvenv.cfg", "conda-meta"))


def _saved_with(project: str, path: str) -> "dict[str, Any]":
    """The versions that one file was saved with."""
    data = _head_and_tail(os.path.join(project, path))
    return {"path": path, "scikit_learn": _sklearn_version(data), "numpy_2": bool(NUMPY_2.search(data))}


def _head_and_tail(path: str) -> bytes:
    """The beginning and the end of a regular file; empty where it cannot be read."""
    try:
        info = os.lstat(path)
        if not stat.S_ISREG(info.st_mode):
            return b""
        with open(path, "rb") as file:
            data = file.read(HEAD)
            if info.st_size > HEAD:
                file.seek(max(HEAD, info.st_size - TAIL))
                data += file.read(TAIL)
    except OSError:
        return b""
    return data


def _sklearn_version(data: bytes) -> str:
    """The first version that an estimator was saved with."""
    for found in SKLEARN_VERSION.finditer(data):
        text = found.group("a") or found.group("b") or found.group("c")
        size = found.group("short") or found.group("long")
        length = int.from_bytes(size, "little") if size else len(text)
        if 0 < length <= len(text):
            return text[:length].decode("ascii")
    return ""
