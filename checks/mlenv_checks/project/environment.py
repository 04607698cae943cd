"""Was this environment made for this project?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, ok, skip
from mlenv_doctor.patient import Libraries, Project, Python, Wanted

from ..libraries.dependencies import satisfies
from ..libraries.first_wheels import STUCK, unmeetable
from ..libraries.preparation import Preparation, preparation
from .commands import own_install
from .facts import Code
from .naming import first_ones


@check("project.environment", causes=("environment-not-prepared",))
def environment_is_for_this_project(
    wanted: Wanted, libraries: Libraries, project: Project, python: Python, code: Code | Missing
) -> Finding:
    """Environment of the project.

    If most requirements are missing, they were never installed here; one command installs them all.
    """
    found = preparation(wanted, libraries)
    if not found.asked:
        return skip("the project declares no requirements")
    if not found.unprepared:
        return ok(f"{found.met} of {found.asked} requirements are installed")
    root = _root(wanted, libraries, project, python)
    if root:
        return skip(_message(found, python), blocked_by=root)
    return fail(
        "environment-not-prepared",
        _message(found, python),
        evidence=_evidence(found),
        fix=own_install(project, code, found.absent),
    )


def _root(wanted: Wanted, libraries: Libraries, project: Project, python: Python) -> str:
    """What has to be cured first: no command installs a project for a Python that it does not allow or has no wheels for."""
    if project.requires_python and not satisfies(python.version, project.requires_python):
        return "python.project"
    return STUCK if unmeetable(wanted.libraries, libraries, python) else ""


def _message(found: Preparation, python: Python) -> str:
    other = f", and {len(found.other)} in other versions" if found.other else ""
    message = (
        f"This environment was not made for this project: {len(found.absent)} of {found.asked} requirements are missing{other}"
    )
    return message if python.in_venv or python.conda else f"{message} (and it is not a virtual environment)"


def _evidence(found: Preparation) -> dict[str, str]:
    return {"missing": first_ones(found.absent), "other versions": first_ones(found.other) or "none"}
