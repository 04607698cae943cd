"""Read what a project declares: its name, its Python, and its requirements with file and line."""

import os

from mlenv_doctor.patient.probes.project_conda import ENVIRONMENT_FILES, add_environment_file
from mlenv_doctor.patient.probes.project_files import project_text
from mlenv_doctor.patient.probes.project_pyproject import add_pipfile, add_pyproject
from mlenv_doctor.patient.probes.project_requirements import CPU_INDEX, add_requirements_file
from mlenv_doctor.patient.probes.project_setup import add_setup
from mlenv_doctor.patient.probes.project_workspace import add_workspace
from mlenv_doctor.probekit import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Match
    from typing import Any

INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
)
MAIN_FILE = r"requirements([-_.](base|main|prod|production|core|ml|gpu|cpu|all))?\.txt"
MAIN_FILE_WITHIN = r"(base|main|prod|production|core|common|requirements)\.txt"
SETUP_FILES = ("setup.py", "setup.cfg")  # these name what a package needs; an environment.yml beside them says how to run it
GROUP_FILE = r"(?:requirements[-_.])?(dev|develop|development|tests?|testing|docs?|lint)(?:[-_.]requirements)?\.txt"


def read_project(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read what the project declares, from every file that it can be declared in."""
    project = question["project"]
    said = {"root": project, "unreadable": [], "cpu_index": _cpu_index_of_shell(), "seen": set()}
    said.update({"requirements": [], "grouped": [], "limits": [], "conda": [], "addresses": []})
    add_pyproject(os.path.join(project, "pyproject.toml"), said)
    add_setup(project, said)
    add_workspace(project, said)
    add_pipfile(os.path.join(project, "Pipfile"), said)
    _add_requirements(project, said)
    _add_conda(project, question, said)
    if not said.get("requires_python"):
        _add_python_version(os.path.join(project, ".python-version"), said)
    del said["seen"]
    return said


def _cpu_index_of_shell() -> str:
    """The variable that sends every installation to the builds for the CPU; empty where none does."""
    names = (name for name in INDEX_VARIABLES if CPU_INDEX in os.environ.get(name, ""))
    backend = "UV_TORCH_BACKEND" if os.environ.get("UV_TORCH_BACKEND") == "cpu" else ""
    return next(names, backend)


def _add_requirements(project: str, said: "dict[str, Any]") -> None:
    """The requirements files: what everybody needs first, then what is for development, tests or documentation only."""
    inner = os.path.join(project, "requirements")
    top, within = names_in(project), names_in(inner)
    main = [os.path.join(project, name) for name in _main_files(name for name in top if _matches(MAIN_FILE, name))]
    main = main or [os.path.join(inner, name) for name in within if _matches(MAIN_FILE_WITHIN, name)]
    for path in main:
        add_requirements_file(path, said)
    for folder, names in ((project, top), (inner, within)):
        for name in names:
            found = _matches(GROUP_FILE, name)
            if found and (folder == inner or "requirements" in name.lower()):
                add_requirements_file(os.path.join(folder, name), said, "grouped", "group " + found.group(1).lower())


def _matches(pattern: str, name: str) -> "Match[str] | None":
    """The match of a whole file name, in upper or lower case."""
    import re

    return re.fullmatch(pattern, name, re.I)


def _main_files(names: "Iterable[str]") -> "list[str]":
    """The files that everybody needs. Where there are several, those for a CPU or a GPU are alternatives: nobody needs both."""
    names = list(names)
    plain = [name for name in names if name.lower() == "requirements.txt"]
    return plain or (names if len(names) == 1 else [name for name in names if name[-7:-4].lower() not in ("cpu", "gpu")])


def _add_conda(project: str, question: "dict[str, Any]", said: "dict[str, Any]") -> None:
    """An environment.yml speaks for an environment of conda; for another one only where nothing else does."""
    of_conda = os.path.isdir(os.path.join(question.get("prefix") or project, "conda-meta"))
    if of_conda or all(each["file"].endswith(SETUP_FILES) for each in said["requirements"]):
        names = (name for name in ENVIRONMENT_FILES if os.path.exists(os.path.join(project, name)))
        name = next(names, None)
        if name:
            add_environment_file(os.path.join(project, name), said)


def _add_python_version(path: str, said: "dict[str, Any]") -> None:
    """A .python-version may hold several lines, or the name of an environment: only numbers count."""
    import re

    text = project_text(path, said) or ""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.fullmatch(r"(?:cpython[-@]?)?([0-9]\.[0-9]{1,2})(\.[0-9]{1,3})?t?", line.partition("#")[0].strip())
        if found:
            said.update(requires_python="==%s.*" % found.group(1), requires_python_file=path, requires_python_line=number)
            return
