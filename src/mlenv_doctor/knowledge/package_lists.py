"""Read lists of packages that people have at hand: of pip, uv and conda, as text, JSON or YAML, lock files, and nvidia-smi."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from .surroundings import Surroundings

NAME = r"(?P<name>[A-Za-z0-9][\w.-]{0,99})"
PINNED = re.compile(
    rf"^{NAME}(?:\[[^\]\n]{{0,200}}\])?\s*={{2,3}}\s*(?P<version>[A-Za-z0-9][\w.+!-]{{0,60}})\s*(?:[;#\\].*)?$",
    re.M,
)
FROM_FILE = re.compile(rf"^{NAME} @ [^\n]*?-(?P<version>\d[\w.+]*?)(?:-[^\n/]*\.whl|\.tar\.gz|\.zip)\b", re.M)
SOMEWHERE = re.compile(rf"^{NAME} @ (?P<version>)\S", re.M)  # from a folder or a repository: installed in a version not told
EDITABLE = re.compile(r"^-e [^\n#]{1,500}#egg=(?P<name>[A-Za-z0-9][\w.-]{0,99})(?P<version>)", re.M)
COLUMNS = re.compile(r"^(?P<name>[A-Za-z0-9_][\w.-]{0,99})[ \t]{1,80}(?P<version>\d[\w.+!-]{0,60})(?:[ \t]+\S[^\n]*)?$", re.M)
HEADER = re.compile(r"^Package[ \t]+Version|^# packages in environment at |^# Name[ \t]+Version|^-{3,}[ \t]+-{3,}", re.M)
CONDA = re.compile(r"^# packages in environment at (?P<folder>[^\n]{1,300}?):?$", re.M)
TREE = re.compile(rf"^(?:[│├└─ ]{{4}}){{0,30}}{NAME} v(?P<version>\d[\w.+!-]{{0,60}})(?: \(\*\))?$", re.M)
LOCK = re.compile(r"^\[\[packages?\]\]\nname = \"(?P<name>[\w.-]{1,100})\"\nversion = \"(?P<version>[\w.+!-]{1,60})\"", re.M)
EXPORT = re.compile(r"^dependencies:[ \t]*$", re.M)
EXPORTED = re.compile(
    r"^[ \t]{0,8}- (?:[\w./-]{1,60}::)?(?P<name>[A-Za-z0-9_][\w.-]{0,99})={1,2}(?P<version>\d[\w.+!-]{0,60})"
    r"(?P<build>=\w{1,100})?[ \t]*$",
    re.M,
)
PREFIX = re.compile(r"^prefix: (?P<folder>\S[^\n]{0,300}?)[ \t]*$", re.M)
SMI = re.compile(r"Driver Version: (?P<driver>[\d.]+)[^\n]{0,40}?CUDA Version: (?P<cuda>[\d.]+|N/A)")
WHOLE = 15  # a list of at least so many packages is taken for all that is installed
LONGEST = 2_000_000  # characters that are looked at


def package_list(text: str) -> Surroundings | None:
    """What a list says; None where the text is no list of packages."""
    text = text[:LONGEST].replace("\r\n", "\n")
    found = dict(_of_json(text) if text.lstrip().startswith(("[{", "{", "[\n")) else _of_text(text))
    smi = SMI.search(text)
    if not found and not smi:
        return None
    python = found.pop("python", "")
    if smi:
        found |= {"nvidia-driver": smi["driver"], "cuda-of-driver": smi["cuda"]}
    folder = CONDA.search(text) or (PREFIX.search(text) if EXPORT.search(text) else None)
    whole = _is_export(text) if EXPORT.search(text) else bool(HEADER.search(text) or LOCK.search(text)) or len(found) >= WHOLE
    return Surroundings(versions=found, complete=whole and not smi, python=python, prefix=folder["folder"] if folder else "")


def _is_export(text: str) -> bool:
    """Whether conda wrote this environment.yml: by hand nobody names builds, nor all that comes along."""
    return any(found["build"] for found in EXPORTED.finditer(text))


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    """`pip list --format json`, `conda list --json` and `pip inspect`."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return
    inspected = isinstance(said, dict) and isinstance(said.get("installed"), list) and "pip_version" in said
    rows = [row.get("metadata") for row in said["installed"] if isinstance(row, dict)] if inspected else said
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("name"), str) and isinstance(row.get("version"), str):
            yield canonicalize_name(row["name"]), row["version"]
    if inspected and isinstance(python := _python_of(said), str):
        yield "python", python


def _python_of(inspected: dict[str, Any]) -> object:
    environment = inspected.get("environment")
    return environment.get("python_full_version") if isinstance(environment, dict) else None


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """The version of a package that a lock file holds in several is not told."""
    if EXPORT.search(text):
        yield from _pairs(text, (EXPORTED,))
    elif LOCK.search(text):
        several: dict[str, set[str]] = {}
        for name, version in _pairs(text, (LOCK,)):
            several.setdefault(name, set()).add(version)
        yield from ((name, versions.pop() if len(versions) == 1 else "") for name, versions in several.items())
    elif len(TREE.findall(text)) > 1:
        yield from _pairs(text, (TREE,))
    else:
        columns = (COLUMNS,) if HEADER.search(text) else ()
        yield from _pairs(text, (SOMEWHERE, EDITABLE, PINNED, FROM_FILE, *columns))


def _pairs(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for found in pattern.finditer(text):
            yield canonicalize_name(found["name"]), found["version"]
