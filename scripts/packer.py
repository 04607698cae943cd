"""Pack the project and its pure-Python dependencies into one zip file that Python can run."""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path

from workshop import CHECKOUT, Trouble

PROJECT = "mlenv-doctor"
LEFT_OUT = ("psutil", "pygments", "markdown-it-py")  # compiled; and two of rich's that only its unused parts import
UNUSED = ("example.py", "urllib3/contrib/emscripten/", "click/testing.py")
COMPILED = (".so", ".pyd", ".dll", ".dylib")
WHOLE_WITHOUT = ("tomli", "PyYAML")
OURS = ("src/mlenv_doctor", "checks/mlenv_checks")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip knows no earlier time: no clock shall change the file
SHEBANG = b"#!/usr/bin/env python3\n"
MAIN = b'''"""Run mlenv-doctor out of this file. Must parse on Python 2.7."""

import os
import sys

sys.path[0] = os.path.abspath(sys.path[0])  # our probes are other processes
import mlenv_doctor_gate

mlenv_doctor_gate.pass_or_end()
from mlenv_doctor.entry import main

main()
'''


def main(arguments: list[str]) -> int:
    """Write the file that --output names."""
    parser = argparse.ArgumentParser(prog="zipapp.py", description="Build mlenv-doctor as one file.")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    output: Path = parser.parse_args(arguments).output
    if not output.absolute().parent.is_dir():
        raise Trouble(f"--output {output}: there is no folder {output.absolute().parent}")
    data = packed(contents())
    try:
        output.write_bytes(data)
        output.chmod(0o755)
    except OSError as why:
        raise Trouble(f"--output {output}: {why.strerror}") from None
    print(f"{output}: {len(data) / 1e6:.2f} MB, with {', '.join(f'{d.name} {d.version}' for d in dependencies())}")
    return 0


def packed(files: dict[str, bytes]) -> bytes:
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
    """Every file that goes in, by its name in the zip."""
    files = {"__main__.py": MAIN, "mlenv_doctor_gate.py": (CHECKOUT / "scripts/gate.py").read_bytes()}
    for package in OURS:
        top = CHECKOUT / package
        for path in (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            files[path.relative_to(top.parent).as_posix()] = path.read_bytes()
    for found in (distribution(PROJECT), *dependencies()):
        files |= {path.as_posix(): Path(str(path.locate())).read_bytes() for path in _useful(found)}
    return files


def dependencies() -> list[Distribution]:
    """What the project needs, and what that needs."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, Distribution] = {}
    todo = [Requirement(text) for text in distribution(PROJECT).requires or ()]
    for requirement in todo:  # grows while it is read
        name = canonicalize_name(requirement.name)
        if name not in found and name not in LEFT_OUT:
            found[name] = distribution(name)
            inner = map(Requirement, found[name].requires or ())
            todo += [each for each in inner if not each.marker or each.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def _useful(found: Distribution) -> Iterator[PackagePath]:
    """The files of a distribution that are worth carrying: its modules, licences and metadata."""
    for path in found.files or ():
        name = path.as_posix()
        if ".dist-info/" in name:
            wanted = path.name in ("METADATA", "entry_points.txt") or "/licenses/" in name or path.name.startswith("LICENSE")
        else:
            wanted = path.suffix in (".py", ".typed") and found.name != PROJECT
            _refuse_compiled(found, path)
        if wanted and not name.startswith(("..", *UNUSED)):
            yield path


def _refuse_compiled(found: Distribution, path: PackagePath) -> None:
    """What is compiled runs on one Python and one system only. tomli and PyYAML work without that part of theirs."""
    if path.suffix in COMPILED and found.name not in WHOLE_WITHOUT:
        raise Trouble(f"{found.name} {found.version} is not pure Python ({path}): it cannot go into the zipapp")
