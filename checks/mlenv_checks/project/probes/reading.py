"""Read the files of a project within a budget: what each mentions, what its notebooks install, and what cannot be read."""

import os
import re
import time

from mlenv_doctor.probekit import open_file

from . import cells, gpu_code, scan
from .walk import is_aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

QUICK = {
    "entries": 20000,
    "files": 1000,
    "bytes": 8 << 20,
    "notebooks": 100,
    "cells": 8 << 20,
    "trees": 1 << 20,
    "syntax": 1 << 17,
    "seconds": 2,
}
FULL = {
    "entries": 200000,
    "files": 20000,
    "bytes": 96 << 20,
    "notebooks": 2000,
    "cells": 192 << 20,
    "trees": 6 << 20,
    "syntax": 1 << 20,
    "seconds": 10,
}
LARGEST, LARGEST_NOTEBOOK = 1 << 20, 48 << 20
CELLS_OF_CLONES = re.compile(r"^[ \t]*[!%][ \t]*(?:git[ \t]+clone|cd[ \t]|wget|curl|gdown|unzip)", re.M)
WRITES = re.compile(r"%%(?:writefile|file)[ \t]+(?:-a[ \t]+)?([\w./-]+)")


def read(project: str, paths: "list[tuple[str, int, bool]]", limits: "dict[str, int]") -> "dict[str, Any]":
    """Everything that one pass over the files tells. `paths`: (path, size, whether it is a notebook)."""
    said = {
        "mentions": {},
        "installs": [],
        "bad": [],
        "gpu": [],
        "written": {},
        "clones": set(),
        "read": [],
        "files": 0,
        "notebooks": 0,
    }  # type: dict[str, Any]
    said.update(left_out=0, end=time.time() + limits["seconds"], spent=[0, 0])
    for path, size, notebook in paths:
        if _is_beyond(said, size, notebook, limits):
            said["left_out"] += 1
            continue
        said["spent"][notebook] += size
        said["notebooks" if notebook else "files"] += 1
        said["read"].append(path)
        data = content(os.path.join(project, path), said, path)
        if data and notebook:
            _notebook(path, data, said)
        elif data:
            _source(path, data, said)
    return said


def _is_beyond(said: "dict[str, Any]", size: int, notebook: bool, limits: "dict[str, int]") -> bool:
    most, count = ("cells", "notebooks") if notebook else ("bytes", "files")
    full = said["spent"][notebook] + size > limits[most] or said[count] >= limits[count] or time.time() > said["end"]
    return full or size > (LARGEST_NOTEBOOK if notebook else LARGEST)


def content(path: str, said: "dict[str, Any]", name: str) -> bytes:
    try:
        with open_file(path) as file:
            return file.read(LARGEST_NOTEBOOK)
    except OSError as why:
        said["bad"].append({"file": name, "reason": (why.strerror or "cannot be read").lower()})
        return b""


def _source(path: str, data: bytes, said: "dict[str, Any]") -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8")
    _mentioned(path, 0, data, said)
    if gpu_code.asks(data) and not is_aside(path) and not gpu_code.has_fallback(data.decode("utf-8", "replace")):
        said["gpu"].append(path)


def _notebook(path: str, data: bytes, said: "dict[str, Any]") -> None:
    try:
        found = cells.cells(data)
    except cells.NoNotebook as why:
        said["bad"].append({"file": path, "reason": "not a notebook: %s" % why})
        return
    whole = "\n".join(source for _, source in found)
    if CELLS_OF_CLONES.search(whole):
        said["clones"].add(path)
    for number, source in found:
        writes = WRITES.match(source.lstrip())
        if writes:
            said["written"].setdefault(path, set()).add(os.path.splitext(os.path.basename(writes.group(1)))[0])
        said["installs"] += [{"text": text, "file": path, "cell": number} for text in cells.installs(source)]
        _mentioned(path, number, cells.python_of(source).encode("utf-8", "replace"), said)
    if gpu_code.asks(whole.encode("utf-8", "replace")) and not is_aside(path) and not gpu_code.has_fallback(whole):
        said["gpu"].append(path)


def _mentioned(path: str, cell: int, data: bytes, said: "dict[str, Any]") -> None:
    """Each module once for each file, where it is mentioned first, at the beginning of a line if it ever is."""
    best = {}  # type: dict[str, tuple[tuple[str, ...], bool, int]]
    for module, names, at_top, line in scan.mentions(data):
        known = best.get(module)
        if known is None or (at_top and not known[1]):
            best[module] = (names if known is None else known[0] + names, at_top, line)
        elif len(known[0]) < 50:
            best[module] = (known[0] + names, known[1], known[2])
    for module, (names, at_top, line) in best.items():
        said["mentions"].setdefault(module, []).append((path, cell, line, names, at_top))
