"""Read the Dockerfiles, compose files and devcontainers of a project as text, and what of its code matters for them."""

import os
import re

from mlenv_checks.project.probes.walk import is_aside, walk
from mlenv_doctor.probekit import file_bytes, file_text, names_in

from . import builds, compose, devcontainer, dockerfile
from .dockerfile import NoDockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_FOLDERS, MOST_FILES, MOST_SOURCES, LARGEST = 200, 20, 300, 1 << 18
DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.[\w-]{1,40})?$|[\w.-]{1,60}\.[Dd]ockerfile$")
NO_DOCKERFILE = (".dockerignore", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".md", ".in", ".txt", ".yml", ".yaml")
COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]{1,40})?\.ya?ml$")
WORKERS = re.compile(rb"\bDataLoader\([^()]{0,400}(?:\([^()]{0,100}\)[^()]{0,300}){0,4}num_workers\s*=\s*[1-9]")
TEMPLATE = re.compile(r"\{\{|\{%")


def read_containers(question: "dict[str, Any]") -> "dict[str, Any]":
    project = question["project"]
    said = {"builds": [], "services": [], "bad": [], "workers": {"file": "", "line": 0}, "dotenv": []}  # type: dict[str, Any]
    if os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep)):
        return said  # a home folder has files of many projects
    dockerfiles, composes = _files(project)
    for path in composes:
        try:
            said["services"] += compose.services(project, path)
        except compose.NoCompose as why:
            _bad(said, path, why.line, str(why))
    for path in dockerfiles:
        if not TEMPLATE.search(file_text(os.path.join(project, path), LARGEST)):
            _build(project, path, said)
    _devcontainer(project, said)
    if said["builds"] and said["services"]:
        said["workers"] = _workers(project)
    if said["services"]:
        said["dotenv"] = _of_dotenv(project, question)
    return said


def _bad(said: "dict[str, Any]", path: str, line: int, reason: str) -> None:
    said["bad"].append({"file": path, "line": line, "reason": reason})


def _files(project: str) -> "tuple[list[str], list[str]]":
    """The Dockerfiles and compose files, in the folder itself and one or two levels below, without examples and templates."""
    dockerfiles, composes, seen = [], [], 0  # type: list[str], list[str], int
    todo = [""]
    while todo and seen < MOST_FOLDERS:
        folder = todo.pop(0)
        seen += 1
        for name in names_in(os.path.join(project, folder))[:2000]:
            path = os.path.join(folder, name)
            whole = os.path.join(project, path)
            if DOCKERFILE.match(name) and not name.endswith(NO_DOCKERFILE) and os.path.isfile(whole):
                dockerfiles.append(path)
            elif COMPOSE.match(name) and os.path.isfile(whole):
                composes.append(path)
            elif folder.count(os.sep) < 1 and _is_own(whole, name) and os.path.isdir(whole):
                todo.append(path)
    return _own(dockerfiles), _own(composes)


def _own(paths: "list[str]") -> "list[str]":
    return [path for path in paths if not is_aside(path)][:MOST_FILES]


def _is_own(path: str, name: str) -> bool:
    """Whether a folder can hold files of the project's own; what git or an environment holds is not looked into."""
    if (name.startswith(".") and name != ".devcontainer") or name in ("node_modules", "venv", "env", "site-packages", "mlruns"):
        return False
    return not any(os.path.lexists(os.path.join(path, sign)) for sign in ("pyvenv.cfg", "conda-meta", ".git"))


def _build(project: str, path: str, said: "dict[str, Any]") -> None:
    try:
        said["builds"].append(builds.describe(project, path, _context(project, path, said)))
    except NoDockerfile as why:
        _bad(said, path, why.line, str(why))


def _context(project: str, path: str, said: "dict[str, Any]") -> str:
    """The folder that a build is given: as compose says, else the one where what it copies lies."""
    for service in said["services"]:
        if service["build"]["file"] == path:
            return str(service["build"]["context"])
    folder = os.path.dirname(path)
    text = file_text(os.path.join(project, path), LARGEST)
    copied = [found.group(1) for found in re.finditer(r"(?mi)^\s*(?:COPY|ADD)[ \t]+(?!--)([\w./-]{2,200})[ \t]", text)]
    here = any(os.path.exists(os.path.join(project, folder, name)) for name in copied)
    there = any(os.path.exists(os.path.join(project, name)) for name in copied)
    return "." if not folder or (there and not here) or folder.startswith(".") else folder


def _devcontainer(project: str, said: "dict[str, Any]") -> None:
    """The image of a devcontainer counts as one that is built: it names its base, its variables and its options."""
    for path in (os.path.join(".devcontainer", "devcontainer.json"), ".devcontainer.json"):
        text = file_text(os.path.join(project, path), LARGEST)
        if text.strip():
            try:
                found = devcontainer.read(text)
            except devcontainer.NoDevcontainer as why:
                _bad(said, path, why.line, str(why))
                continue
            image = found.get("image")
            if isinstance(image, str):
                line = devcontainer.line_of(text, image)
                base = builds.base_of(image[:200], line)
                said["builds"].append(dict(base, file=path, context=".", compiles=True, itself=True))


def _workers(project: str) -> "dict[str, Any]":
    """The first line of the project's own code that loads data with several processes."""
    code = [path for path, size in walk(project, 20000)["code"] if size < LARGEST and not is_aside(path)]
    for path in code[:MOST_SOURCES]:
        data = file_bytes(os.path.join(project, path), LARGEST)
        found = WORKERS.search(data) if b"num_workers" in data else None
        if found:
            return {"file": path, "line": data.count(b"\n", 0, found.start()) + 1}
    return {"file": "", "line": 0}


def _of_dotenv(project: str, question: "dict[str, Any]") -> "list[dict[str, Any]]":
    """The variables of `.env` that send whoever reads them to localhost. No other value leaves this process."""
    text = file_text(os.path.join(project, question.get("env_file") or ".env"), LARGEST)
    found = []
    for number, line in enumerate(text.split("\n")[:2000], 1):
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w{0,100})\s*=\s*['\"]?(\S{1,1000})", line)
        address = compose.ADDRESS.search(match.group(2)) if match else None
        if match and address:
            found.append(
                {"name": match.group(1), "host": address.group(1), "port": dockerfile.port(address.group(2)), "line": number}
            )
    return found[:50]
