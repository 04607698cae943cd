"""Read what the members of a uv workspace declare: they share the environment of the folder that names them."""

import os

from mlenv_doctor.patient.probes.project_files import line_of, list_in, read_toml, table_in
from mlenv_doctor.patient.probes.project_requirements import add_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_MEMBERS = 100


def add_workspace(project: str, said: "dict[str, Any]") -> None:
    """Add the requirements of all members but those for each other."""
    import glob

    tables, _ = read_toml(os.path.join(project, "pyproject.toml"), dict(said, unreadable=[]))
    patterns = list_in(table_in(tables, "tool", "uv", "workspace"), "members")
    folders = [
        found
        for pattern in patterns
        if isinstance(pattern, str) and not os.path.isabs(pattern) and ".." not in pattern.split("/")
        for found in sorted(glob.glob(os.path.join(glob.escape(project), pattern)))
    ]
    members = [_member(os.path.join(folder, "pyproject.toml"), said) for folder in folders[:MOST_MEMBERS]]
    names = {_normal(name) for name, _ in members}
    for _, requirements in members:
        for text, path, line in requirements:
            if _normal(text) not in names:
                add_requirement(text, path, line, said)


def _member(path: str, said: "dict[str, Any]") -> "tuple[str, list[tuple[str, str, int]]]":
    """The name of a member, and its requirements with file and line."""
    tables, places = read_toml(path, said) if os.path.isfile(path) else ({}, {})
    project = table_in(tables, "project")
    texts = [text for text in list_in(project, "dependencies") if isinstance(text, str)]
    return str(project.get("name") or ""), [(text, path, line_of(places, "project", text)) for text in texts]


def _normal(text: str) -> str:
    """The name at the beginning of a requirement, as names are compared."""
    import re

    found = re.match(r"\s*([A-Za-z0-9][\w.-]*)", text)
    return re.sub(r"[-_.]+", "-", found.group(1)).lower() if found else ""
