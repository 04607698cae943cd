"""Pack the modules that a probe consists of: it runs in another Python, which serves them from memory.

A probe is a module in a package `probes`. Of what it imports, such modules and `mlenv_doctor.probekit` travel with it;
everything else must be there: the standard library, and on the host our own dependencies.
"""

from __future__ import annotations

import json
import marshal
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec, resolve_name
from typing import Any

KIT = "mlenv_doctor.probekit"
FORMAT = 2  # of marshal: what Python 3.6 reads
IMPORT = re.compile(r"^(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+([^\n#(]+|\([^)]*\))|import[ \t]+([\w., \t]+))", re.MULTILINE)


def program(question: Mapping[str, Any]) -> bytes:
    """What a probe's Python reads: the frame, and the question."""
    source, _ = module(f"{__package__}.bootstrap")
    return source + f"\nmain(json.loads({json.dumps(json.dumps(question))}))\n".encode("ascii")


def packed(probes: Iterable[str], own: bool = False) -> bytes:
    """The modules of some probes, compiled for our own Python and as source for any other; `own`: for no other."""
    modules = {name: module(name) for name in closure(probes)}
    shipped = {name: (code, b"" if own else source) for name, (source, code) in modules.items()}
    return marshal.dumps((shipped, MAGIC_NUMBER), FORMAT)


def closure(probes: Iterable[str]) -> tuple[str, ...]:
    """The probes and every module of theirs that they import, directly or not."""
    found: dict[str, None] = {}
    todo = list(probes)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            todo.extend(imported(name))
    return tuple(found)


@cache
def imported(name: str) -> tuple[str, ...]:
    """The modules that travel with a module because it imports them. Imports of ours stand at the beginning of a line."""
    return tuple(dict.fromkeys(module for module in _named(name) if module == KIT or travels(module)))


def travels(module: str) -> bool:
    """Whether this is a module of a package `probes`."""
    return ".probes." in module


def _named(name: str) -> Iterator[str]:
    """Every module that the import statements of a module could mean."""
    package = name.rpartition(".")[0]
    for origin, names, plain in _statements("\n" + module(name)[0].decode("utf-8")):
        if plain:
            yield from (word.split()[0] for word in plain.split(",") if word.strip())
            continue
        base = resolve_name(origin, package) if origin.startswith(".") else origin
        yield base
        if base.endswith(".probes"):
            yield from (f"{base}.{word.split()[0]}" for word in names.strip("() \n").split(",") if word.strip())


def _statements(source: str) -> Iterator[tuple[str, ...]]:
    """The groups of each import statement. Where one may begin is looked for first: a pattern would try at each letter."""
    for word in ("\nfrom", "\nimport"):
        at = source.find(word)
        while at >= 0:
            statement = IMPORT.match(source, at + 1)
            if statement:
                yield statement.groups("")
            at = source.find(word, at + 1)


@cache
def module(name: str) -> tuple[bytes, bytes]:
    """The source of a module and its compiled code, out of Python's own cache where that is fresh."""
    spec = find_spec(name)
    if spec is None or spec.loader is None or not spec.origin:
        raise ImportError(f"there is no probe {name}")
    loader: Any = spec.loader
    return loader.get_data(spec.origin), _cached(spec.origin) or marshal.dumps(loader.get_code(name))


def _cached(origin: str) -> bytes | None:
    """The code in Python's own cache as it is stored; None where that is not fresh (PEP 552), or where there is none."""
    try:
        about = os.stat(origin)
        with open(cache_from_source(origin), "rb") as file:
            data = file.read()
    except (OSError, NotImplementedError):
        return None
    numbers = (0, int(about.st_mtime), about.st_size)
    fresh = MAGIC_NUMBER + b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)
    return data[len(fresh) :] if data.startswith(fresh) else None
