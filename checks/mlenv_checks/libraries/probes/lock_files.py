"""Read the lock file of a project: which version of each library was chosen, for which Pythons and systems."""

import json
import os

from mlenv_doctor.patient.probes.project_files import list_in, note_invalid, parse_toml, project_text, table_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 8 << 20  # bytes; those of large projects have 2 MiB, which takes half a second
LOCK_FILES = (
    ("uv.lock", "uv"),
    ("pylock.toml", "pylock"),
    ("poetry.lock", "poetry"),
    ("pdm.lock", "pdm"),
    ("Pipfile.lock", "pipenv"),
)
NOT_FROM_AN_INDEX = ("vcs", "directory", "archive", "git", "path", "url", "file")  # what is there now is nobody's version


def read_lock(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the first lock file of the project; empty where there is none."""
    for name, tool in LOCK_FILES:
        path = os.path.join(question["project"], name)
        if os.path.exists(path):
            said: "dict[str, Any]" = {"file": path, "tool": tool, "unreadable": []}
            said["packages"] = _packages_of_pipenv(path, said) if tool == "pipenv" else _packages_of_toml(path, said)
            return said
    return {}


def _packages_of_toml(path: str, said: "dict[str, Any]") -> "list[dict[str, Any]]":
    """The packages of uv, Poetry, PDM and the standard (PEP 751): all of them lists of tables."""
    text = project_text(path, said, LARGEST) or ""
    tables = parse_toml(text, path, said)
    packages = list_in(tables, "packages") or list_in(tables, "package")
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.rstrip() in ("[[package]]", "[[packages]]")]
    lines += [0] * len(packages)
    found = (_package(package, line) for package, line in zip(packages, lines))
    return [package for package in found if package]


def _package(package: "Any", line: int) -> "dict[str, Any] | None":
    """One package; None for what is none. Where it does not come from an index, it has no version to compare."""
    from packaging.utils import canonicalize_name

    if not isinstance(package, dict) or not isinstance(package.get("name"), str):
        return None
    version = "" if _is_not_from_an_index(package) else package.get("version", "")
    name = canonicalize_name(package["name"])
    return {"name": name, "version": version if isinstance(version, str) else "", "line": line, "markers": _markers(package)}


def _is_not_from_an_index(package: "dict[str, Any]") -> bool:
    """Whether a package comes from a repository, a file or a folder."""
    source = table_in(package, "source")
    indexed = not source or "registry" in source or source.get("type") == "legacy"
    return not indexed or any(key in package for key in NOT_FROM_AN_INDEX)


def _markers(package: "dict[str, Any]") -> "list[str]":
    """Where a version applies, as one of several markers; uv, Poetry, PDM and the standard each have a name for that."""
    said = package.get("resolution-markers") or package.get("markers") or package.get("marker") or []
    said = list(said.values()) if isinstance(said, dict) else said if isinstance(said, list) else [said]
    return [marker for marker in said if isinstance(marker, str) and marker]


def _packages_of_pipenv(path: str, said: "dict[str, Any]") -> "list[dict[str, Any] | None]":
    """The lock of Pipenv is JSON: two tables of names."""
    text = project_text(path, said, LARGEST)
    try:
        tables = json.loads(text) if text is not None else {}
    except (ValueError, RecursionError) as why:
        note_invalid(said, path, text or "", "JSON", why)
        return []
    places: "dict[str, int]" = {}
    for number, line in enumerate((text or "").split("\n"), 1):
        places.setdefault(line.strip(), number)
    found = []
    for table in ("default", "develop"):
        for name, package in table_in({"": tables}, "", table).items():
            if isinstance(package, dict):
                pinned = str(package.get("version", "")).lstrip("=")
                number = places.get('"%s": {' % name, 0)
                found.append(_package(dict(package, name=name, version=pinned), number))
    return found
