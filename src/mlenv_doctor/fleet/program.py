"""The doctor as one file that any Python 3.10 or newer runs: how it is packed, and what is sent of it to a node.

It holds this package, the families and the dependencies, as they are installed here. `scripts/zipapp.py` writes the same file.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import Distribution, PackagePath, distribution
from importlib.util import find_spec
from pathlib import Path

from .. import __version__, tables
from ..errors import Failed
from ..records import dataclass

PROJECT = "mlenv-doctor"
OURS = ("mlenv_doctor", "mlenv_checks")
LEFT_OUT = ("psutil", "pygments", "markdown-it-py")  # compiled; and two of rich's that only its unused parts import
OF_RICH = ("_inspect", "diagnose", "layout", "logging", "markdown", "prompt", "syntax", "traceback", "tree")
UNUSED = ("example.py", "urllib3/contrib/emscripten/", "click/testing.py", *(f"rich/{name}.py" for name in OF_RICH))
COMPILED = (".so", ".pyd", ".dll", ".dylib")
WHOLE_WITHOUT = ("tomli", "PyYAML")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip knows no earlier time: no clock shall change the file
SHEBANG = b"#!/usr/bin/env python3\n"
MAIN = b'''"""Run mlenv-doctor out of this file. Must parse on Python 2.7."""

import os
import sys

sys.path[0] = os.path.abspath(sys.path[0])  # our probes are other processes
try:
    import mlenv_doctor_gate
except ImportError:  # packed out of an installed package: whoever sent it has looked for a Python that is new enough
    pass
else:
    mlenv_doctor_gate.pass_or_end()
from mlenv_doctor.cli.entry import main

main()
'''


class Unpackable(Failed):
    """Something is installed that cannot go into the file; the text says what."""


@dataclass(frozen=True)
class Program:
    """The file as bytes, the SHA-256 of it by which a node knows that it arrived whole, and the oldest Python that runs it."""

    data: bytes
    digest: str
    oldest: tuple[int, int] = (3, 10)


def program() -> Program:
    """The one-file program: the file that runs now, if it is one, else one built here and kept. Raises Unpackable and OSError."""
    own = Path(sys.argv[0])
    data = own.read_bytes() if own.suffix == ".pyz" and zipfile.is_zipfile(own) else kept()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        has_tomli = any(name.startswith("tomli/") for name in archive.namelist())
    return Program(data, hashlib.sha256(data).hexdigest(), (3, 10) if has_tomli else (3, 11))


def kept() -> bytes:
    """The file from the cache, if it is that of these sources and undamaged; else it is built and kept there."""
    files = contents()
    made_of = hashlib.sha256(
        b"\0".join(name.encode() + hashlib.sha256(files[name]).digest() for name in sorted(files))
    ).hexdigest()
    file = cache() / f"{PROJECT}-{__version__}-{made_of[:16]}.pyz"
    seal = file.with_suffix(".sha256")
    with suppress(OSError):
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() == seal.read_text("ascii"):
            return data
    data = packed(files)
    with suppress(OSError):  # a cache that cannot be written costs a second the next time
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, content in ((file, data), (seal, hashlib.sha256(data).hexdigest().encode("ascii"))):
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            beside.write_bytes(content)
            os.replace(beside, path)
    return data


def cache() -> Path:
    """https://specifications.freedesktop.org/basedir-spec: XDG_CACHE_HOME counts only as an absolute path."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / PROJECT


def packed(files: Mapping[str, bytes]) -> bytes:
    """The whole as a program: a line for the shell, then the zip. The same files give the same bytes."""
    buffer = io.BytesIO()
    buffer.write(SHEBANG)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # whichever system it is built on
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def contents() -> dict[str, bytes]:
    """Every file that goes in, by its name in the zip. Raises Unpackable and OSError."""
    files = {"__main__.py": MAIN}
    for package in OURS:
        top = home(package)
        for path in (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            files[path.relative_to(top.parent).as_posix()] = path.read_bytes()
    files = {name: data for name, data in files.items() if not _compiled_too(name, files)}
    for found in (distribution(PROJECT), *dependencies()):
        files |= {path.as_posix(): _shortened(path) for path in _useful(found)}
    return files


def _compiled_too(name: str, files: Mapping[str, bytes]) -> bool:
    """Whether a table also goes in as compiled of just this text, and nobody reads the text itself."""
    top, _, inner = name.partition("/")
    stamp, _, _ = files.get(f"{top}/{tables.COMPILED}/{inner}.json", b"").partition(b"\n")
    return name.endswith(("/errors.toml", ".csv")) and stamp == tables.digest(files[name])


def _shortened(path: PackagePath) -> bytes:
    """A file of a distribution; its metadata without the description, which ends them behind an empty line."""
    data = Path(str(path.locate())).read_bytes()
    return data.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n" if path.name == "METADATA" else data


def home(package: str) -> Path:
    """The folder of a package of ours."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unpackable(
            f"{package} is not installed as files; run the command out of the checkout, or from an installed package"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def dependencies() -> list[Distribution]:
    """What the project needs, and what that needs."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, Distribution] = {}
    todo = [Requirement(text) for text in distribution(PROJECT).requires or ()]
    todo = [each for each in todo if "extra" not in str(each.marker or "")]
    for requirement in todo:  # grows while it is read
        name = canonicalize_name(requirement.name)
        if name not in found and name not in LEFT_OUT and _there(requirement.name):
            found[name] = distribution(name)
            inner = map(Requirement, found[name].requires or ())
            todo += [each for each in inner if not each.marker or each.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def _there(name: str) -> bool:
    """Whether it can be packed: tomli is only there where this Python needs it, or where it was installed to be packed."""
    with suppress(ModuleNotFoundError):
        distribution(name)
        return True
    if name != "tomli":
        raise Unpackable(f"{name} is not installed, and the program needs it")
    return False


def _useful(found: Distribution) -> Iterator[PackagePath]:
    """The files of a distribution that are worth carrying: its modules, licences and metadata."""
    for path in found.files or ():
        name = path.as_posix()
        if ".dist-info/" in name:
            wanted = path.name in ("METADATA", "entry_points.txt") or "/licenses/" in name or path.name.startswith("LICENSE")
        else:
            wanted = path.suffix in (".py", ".typed") and found.name != PROJECT
            if path.suffix in COMPILED and found.name not in WHOLE_WITHOUT:
                raise Unpackable(
                    f"{found.name} {found.version} is not pure Python ({path}): it cannot go into the one-file program"
                )
        if wanted and not name.startswith(("..", *UNUSED)):
            yield path
