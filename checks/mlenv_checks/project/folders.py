"""Which folder is the project?"""

from __future__ import annotations

from collections.abc import Sequence

from mlenv_doctor.api import Finding, check, ok, skip, unknown, warn
from mlenv_doctor.patient import Project, Wanted

from .facts import Code, SubProject

SHOWN = 10


@check("project.folder", causes=("projects-below",))
def project_is_in_this_folder(code: Code, project: Project, wanted: Wanted) -> Finding:
    """Project folder.

    A folder that only contains other projects cannot be judged: each of them has a separate environment.
    """
    below = [] if code.workspace else list(code.projects)
    if not below:
        return (
            ok(f"{project.root or 'this folder'} contains the project") if code.files or code.notebooks else skip("no code here")
        )
    if wanted.declared:
        return skip(f"not checked here, because they are separate projects: {listed(below)}; --recursive judges them too")
    if _own(code) and len(below) > 1:
        message = f"{len(below)} projects below this folder are not judged here: {listed(below)}; --recursive judges them too"
        return warn("projects-below", message, evidence=_rows(below))
    if _own(code):
        return skip(f"not checked here, because it is a separate project: {below[0].folder}")
    message = f"the code is in projects below this folder: {listed(below)}"
    return unknown(message, evidence=_rows(below), required=not wanted.profiles)


def _own(code: Code) -> bool:
    return bool(code.files or code.notebooks)


def listed(below: Sequence[SubProject]) -> str:
    """The first ten folders, and how many more."""
    more = f" and {len(below) - SHOWN} more" if len(below) > SHOWN else ""
    return ", ".join(each.folder for each in below[:SHOWN]) + more


def _rows(below: Sequence[SubProject]) -> dict[str, str]:
    rows = {each.folder: f"cd {each.folder} && mlenv-doctor ({', '.join(each.declares)})" for each in below[:SHOWN]}
    return rows | ({"more": f"{len(below) - SHOWN} projects"} if len(below) > SHOWN else {})
