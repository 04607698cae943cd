"""Which Python a new environment is made with: an installed one that fits, else one that uv brings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import BadInput

VERSION = re.compile(r"[23](?:\.\d{1,2}){1,2}|3")
NAME = re.compile(r"python3?(\.\d+)?(\.exe)?")
MOST = 40  # interpreters that are asked
ASK = """import importlib.util, json, os, sys
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([base, list(sys.version_info[:3]), importlib.util.find_spec("ensurepip") is not None,
    importlib.util.find_spec("venv") is not None, os.path.isdir(os.path.join(sys.base_prefix, "conda-meta"))]))"""
HOW = "install it, or uv (https://docs.astral.sh/uv/), which brings a Python without administrator rights"


class NoPython(BadInput):
    """No Python fits; the text says which one is needed and how to get it."""


@dataclass(frozen=True)
class Chosen:
    """The Python of the new environment.

    python: the interpreter, or the version that uv brings. version: as numbers; empty parts are not known beforehand.
    ensurepip: whether it can put pip into an environment by itself.
    """

    python: str
    version: tuple[int, ...]
    ensurepip: bool = True
    brought: bool = False

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True)
class Wish:
    """Which Python is wanted. asked: of --python. allowed: what the project allows. oldest, best, newest: what libraries have."""

    asked: str = ""
    allowed: str = ""
    oldest: str = "3.11"
    best: str = "3.12"
    newest: str = "3.15"

    @property
    def specifier(self) -> SpecifierSet:
        """What a version has to satisfy."""
        try:
            own = SpecifierSet(self.allowed)
        except InvalidSpecifier:
            own = SpecifierSet()
        if self.asked:
            return SpecifierSet(f"=={self.asked}" if self.asked.count(".") > 1 else f"=={self.asked}.*")
        return own & SpecifierSet("" if self.allowed else f">={self.oldest}") & SpecifierSet(f"<{_after(self.newest)}")

    @property
    def words(self) -> str:
        """What is wanted, for a sentence."""
        return f"Python {self.asked}" if self.asked else f"a Python {self.specifier}"


def _after(minor: str) -> str:
    major, _, number = minor.partition(".")
    return f"{major}.{int(number) + 1}"


def choose(wish: Wish, project: Path, uv: str | None, environ: Mapping[str, str] = os.environ) -> Chosen:
    """The Python to make the environment with. Raises NoPython."""
    if wish.asked and not VERSION.fullmatch(wish.asked):
        return _named(wish.asked)
    for found in _asked(installed(project, environ)):
        if wish.specifier.contains(found.text):
            return found
    if uv and (version := _brought(wish, uv)):
        return Chosen(version, tuple(map(int, version.split("."))), brought=True)
    raise NoPython(f"{wish.words} is not installed here; {HOW}")


def _named(asked: str) -> Chosen:
    """The interpreter that was named by its path or command."""
    path = shutil.which(os.path.expanduser(asked))
    found = next(_asked([path]), None) if path else None
    if found is None:
        raise NoPython(f"--python {asked}: this is neither a version, such as 3.12, nor an interpreter that starts")
    return found


def installed(project: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """The interpreters that are installed: on PATH, then those of pyenv and uv, then our own. None that lies in the project."""
    home = Path(environ.get("HOME") or os.path.expanduser("~"))
    folders = [Path(entry) for entry in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    for root in (home / ".pyenv/versions", home / ".local/share/uv/python"):
        folders += sorted((path / "bin" for path in root.glob("*")), reverse=True)
    inside = os.path.realpath(project) + os.sep
    for folder in dict.fromkeys(folders):
        if os.path.realpath(folder).startswith(inside):
            continue
        names = sorted((path.name for path in folder.glob("python*") if NAME.fullmatch(path.name)), key=_usual)
        yield from (str(folder / name) for name in names)
    yield getattr(sys, "_base_executable", None) or sys.executable


def _usual(name: str) -> tuple[bool, int]:
    """`python3` first, then the newest."""
    found = re.search(r"\.(\d+)", name)
    return found is not None, -int(found[1]) if found else 0


def _asked(paths: Iterable[str]) -> Iterator[Chosen]:
    """What each interpreter says of itself; those of conda and those without venv are passed over."""
    seen = set[str]()
    for _, path in zip(range(MOST), paths):
        real = os.path.realpath(path)
        if real in seen and ".pyenv/shims" not in path:
            continue
        seen.add(real)
        try:
            done = subprocess.run(
                [path, "-I", "-c", ASK], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=10
            )
            base, version, ensurepip, venv, conda = json.loads(done.stdout)
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        if venv and not conda:
            yield Chosen(str(base), tuple(version), bool(ensurepip))


def _brought(wish: Wish, uv: str) -> str:
    """The version that uv would fetch; empty where it has none that fits. Its list of downloads is built in."""
    minors = [wish.asked] if wish.asked else [wish.best, *_minors(wish)]
    fitting = [minor for minor in minors if wish.asked or wish.specifier.contains(f"{minor}.99")]
    for minor in dict.fromkeys(fitting):
        try:
            done = subprocess.run(
                [uv, "python", "list", "--only-downloads", "--offline", minor],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return ""
        if done.returncode == 0 and done.stdout.strip():
            return minor
    return ""


def _minors(wish: Wish) -> list[str]:
    """All minor versions that libraries have wheels for, the newest first."""
    (major, low), (_, high) = (tuple(map(int, text.split("."))) for text in (wish.oldest, wish.newest))
    return [f"{major}.{number}" for number in range(high, low - 1, -1)]
