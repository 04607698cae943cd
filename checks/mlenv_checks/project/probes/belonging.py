"""Which files belong to which project: the nearest folder above them that declares something of its own."""

import os

from mlenv_doctor.probekit import file_bytes

from .walk import is_aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_PROJECTS = ("requirements", "reqs", "deps", "dependencies", "docker", "conda", "envs", "env", "binder", ".binder", "scripts")
DECLARES = (b"[project", b"[tool.poetry", b"[build-system", b"[tool.pdm", b"[tool.flit")
MOST = 60

BEGINNING = 1 << 18  # bytes of a file that are looked at


def homes(project: str, tree: "dict[str, Any]") -> "dict[str, list[str]]":
    """The folders below that are projects of their own, with what declares them there; nothing where they form one workspace."""
    found = {}
    for folder, names in tree["projects"].items():
        names = [name for name in names if name != "setup.cfg" and _declares(os.path.join(project, folder, name), name)]
        if folder and names and not is_aside(folder + "/x") and os.path.basename(folder).lower() not in NOT_PROJECTS:
            found[folder] = names
    return found


def is_workspace(project: str) -> bool:
    """Whether the folders below share one environment with this one (uv, Poetry's path dependencies do not count)."""
    text = file_bytes(os.path.join(project, "pyproject.toml"), BEGINNING)
    return b"[tool.uv.workspace" in text or b"[tool.rye.workspace" in text or b"[tool.hatch.workspace" in text


def owner(path: str, found: "dict[str, list[str]]") -> str:
    """The project that a file belongs to: the nearest folder above it, "" for the one that is examined."""
    folder = os.path.dirname(path)
    while folder and folder not in found:
        folder = os.path.dirname(folder)
    return folder


def summary(tree: "dict[str, Any]", found: "dict[str, list[str]]") -> "list[dict[str, Any]]":
    """The projects below that hold code, each with how many files it has."""
    counts = {}  # type: dict[str, int]
    for path, _ in tree["code"] + tree["notebooks"]:
        home = owner(path, found)
        counts[home] = counts.get(home, 0) + 1
    named = sorted(folder for folder in found if counts.get(folder))
    return [{"folder": folder, "files": counts[folder], "declares": sorted(found[folder])[:3]} for folder in named[:MOST]]


def _declares(path: str, name: str) -> bool:
    return name != "pyproject.toml" or any(word in file_bytes(path, BEGINNING) for word in DECLARES)
