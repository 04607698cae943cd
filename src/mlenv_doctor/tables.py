"""Read the tables and texts that lie beside the code of a package, also out of a zip file.

What is known of the world is written by people as TOML and CSV, each with its sources and date in its first lines. When the
package is built, each is also stored as JSON in the folder `compiled` of its top package, with the digest of the text that it was
made of: reading that takes a fiftieth of the time. So are the ids of the checks in each module of Python. Where the text has
changed since, or nothing is compiled, as in other people's plug-ins, the text itself is read: what is compiled is never stale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, cast
from zlib import crc32

COMPILED = "compiled"


@cache
def rows(package: str, name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of `data/NAME.csv` by the names of its columns. Lines that begin with # are remarks."""
    return tuple(_read(package, f"data/{name}.csv"))


@cache
def table(package: str, name: str) -> dict[str, Any]:
    """The TOML table `data/NAME.toml`."""
    return cast("dict[str, Any]", _read(package, f"data/{name}.toml"))


def contents(package: str, name: str) -> dict[str, Any]:
    """What a TOML file of a package holds."""
    return cast("dict[str, Any]", _read(package, name))


def _read(package: str, name: str) -> Any:
    """What a file of a package holds, as plain data."""
    known = compiled(package, name)
    return parsed(name, text(package, name)) if known is None else known


def text(package: str, name: str) -> str:
    """A text file of a package. Raises FileNotFoundError."""
    return _bytes(package, name).decode("utf-8")


def compiled(package: str, name: str) -> Any:
    """What the build made of a file (of a module: the ids of its checks); None where nothing, or of another text than it has."""
    top, _, inner = package.partition(".")
    with suppress(OSError, ValueError):
        made = _bytes(top, "/".join([COMPILED, *filter(None, inner.split(".")), f"{name}.json"]))
        stamp, _, data = made.partition(b"\n")
        if stamp == _stamp(package, name, stamp):
            import json

            return json.loads(data)
    return None


def _stamp(package: str, name: str, without: bytes) -> bytes:
    """The digest of a file; `without` it, as in the one-file program that carries what is compiled only, that of the compiled."""
    try:
        return digest(_bytes(package, name))
    except OSError:  # of a zip file it is no FileNotFoundError
        return without


def compiling(name: str, source: bytes) -> bytes:
    """What is stored for a file: the digest of its text, and the data that it holds."""
    import json

    data = json.dumps(parsed(name, source.decode("utf-8")), ensure_ascii=False, separators=(",", ":"))
    return digest(source) + b"\n" + data.encode("utf-8")


def digest(source: bytes) -> bytes:
    """What tells one text from another, in a fraction of the time that reading it takes."""
    return b"%08x %d" % (crc32(source), len(source))


def parsed(name: str, source: str) -> Any:
    """The data in a text, by the kind of file that it is. Raises ValueError."""
    if name.endswith(".csv"):
        import csv

        return list(csv.DictReader(line for line in source.splitlines() if not line.startswith("#")))
    if name.endswith(".py"):
        return _ids(source)
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(source)


def _ids(source: str) -> list[str]:
    """The ids of the checks that a module holds, in order: those of its functions under `@check("ID", ...)`."""
    import ast

    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    marks = [mark for function in functions for mark in function.decorator_list if isinstance(mark, ast.Call)]
    return [ast.literal_eval(mark.args[0]) for mark in marks if isinstance(mark.func, ast.Name) and mark.func.id == "check"]


def _bytes(package: str, name: str) -> bytes:
    module = import_module(package)
    assert module.__file__ is not None and module.__spec__ is not None
    loader: Any = module.__spec__.loader
    return cast(bytes, loader.get_data(os.path.join(os.path.dirname(module.__file__), *name.split("/"))))
