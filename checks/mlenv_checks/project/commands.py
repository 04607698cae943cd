"""The command by which a project's own files say how it is installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from mlenv_doctor.api import Fix, Missing, fix
from mlenv_doctor.patient import Declared, Project

from .facts import Code

BY_LOCK = {
    "uv.lock": "libs.sync-uv", "poetry.lock": "libs.sync-poetry", "pdm.lock": "libs.sync-pdm", "Pipfile.lock": "libs.sync-pipenv",
}  # fmt: skip
CONDA = (".yml", ".yaml")


def own_install(project: Project, code: Code | Missing, packages: Sequence[str]) -> Fix:
    """How the project is installed as a whole; where its files do not say it, the packages one by one."""
    locks = code.locks if isinstance(code, Code) else ()
    lock = next((BY_LOCK[name] for name in BY_LOCK if name in locks), "")
    if lock:
        return (
            fix("project.sync-workspace") if lock == "libs.sync-uv" and isinstance(code, Code) and code.workspace else fix(lock)
        )
    files = _files([*project.requirements, *project.conda])
    lists = tuple(file for file in files if file.endswith(".txt"))
    if lists:
        return fix("project.install-lists", options=tuple(word for file in lists for word in ("-r", beside(file, project))))
    if any(PurePath(file).name == "Pipfile" for file in files):
        return fix("project.install-pipfile")
    conda = next((file for file in files if file.endswith(CONDA)), "")
    if conda:
        return fix("project.update-conda", file=beside(conda, project))
    if any(PurePath(file).name in ("pyproject.toml", "setup.py", "setup.cfg") for file in files):
        return fix("project.install-itself")
    return fix("libs.install", packages=tuple(packages))


def beside(file: str, project: Project) -> str:
    """A file's path from the project's folder, in which its owner types."""
    try:
        return PurePath(file).relative_to(project.root).as_posix()
    except ValueError:
        return file


def _files(declared: Iterable[Declared]) -> list[str]:
    """The files that requirements stand in, those that are included by others left out."""
    files = list(dict.fromkeys(each.file for each in declared))
    root = [file for file in files if PurePath(file).name == "requirements.txt"]
    return root[:1] + [file for file in files if not file.endswith(".txt")] if root else files
