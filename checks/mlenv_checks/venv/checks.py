"""Is there an environment for this project, is it the one in use, and is it intact?"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Environment, OnPath, Place, Python, Venv

from ..python.checks import DIED
from .facts import Prefix

# Places that are themselves made for one purpose: there a virtual environment adds nothing, and nobody misses it.
ONE_PURPOSE = frozenset(
    [
        "colab", "kaggle", "lightning", "codespaces", "sagemaker", "databricks", "paperspace", "kubernetes", "jupyterhub",
        "container", "ci",
    ]
)  # fmt: skip
SUDO = "; sudo drops the active environment, so run mlenv-doctor without sudo"


@check("venv.environment", causes=("not-in-venv", "externally-managed", "no-ensurepip"))
def in_an_environment(venv: Venv | Missing, python: Python, place: Place) -> Finding:
    """Virtual environment.

    In a Python that everything shares, one project's packages break another's, or the system's.
    """
    if isinstance(venv, Missing):
        what = "the environments"
        unread = unknown(f"{what} could not be read: the probe {venv.reason}")
        return skip(f"{what}: {venv.reason}") if venv.kind == Why.NOT_ASKED else unread
    if python.in_venv:
        return ok(f"virtual environment {python.prefix}", brief=PurePath(python.prefix).name)
    if python.conda or venv.target_conda:
        return ok(f"conda environment {python.prefix}", brief=f"conda environment {PurePath(python.prefix).name}")
    alone = next((kind for kind in place.kinds if kind in ONE_PURPOSE), "")
    if alone:
        return ok(f"no virtual environment, as usual here ({alone})")
    return _shared(venv, python, place)


def _shared(venv: Venv, python: Python, place: Place) -> Finding:
    """A Python that is shared with everything else on this machine."""
    evidence = {"prefix": python.prefix}
    own = own_environment(venv)
    if not python.ensurepip and not own and not place.uv:
        message = f"Python {python.version} cannot create virtual environments: ensurepip is missing"
        return fail("no-ensurepip", message, evidence=evidence, fix=fix("venv.enable"))
    remedy = fix("venv.activate", path=own.path) if own else fix("venv.make" if python.ensurepip else "venv.make-with-uv")
    if python.externally_managed:
        refuses = f"the system Python ({python.executable}) is externally managed and refuses packages (PEP 668)"
        message = f"{refuses}, and no virtual environment is active"
        return warn("externally-managed", message, evidence=evidence, fix=remedy)
    message = f"no virtual environment: packages would be installed into the shared Python in {python.prefix}"
    return warn("not-in-venv", message + (SUDO if venv.sudo else ""), evidence=evidence, fix=remedy)


def own_environment(venv: Venv) -> Environment | None:
    """The project's environment: the first that has an interpreter."""
    return next((own for own in venv.project if own.alive), None)


@check("venv.active", causes=("venv-not-active", "virtual-env-mismatch"))
def environment_is_active(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """Active environment.

    Where it is not, `python` runs another Python, and what was installed for the project is not found.
    """
    if venv.chosen_by in ("kernel", "caller"):
        return ok("this program runs in the checked Python")
    if venv.chosen_by == "--python":
        return ok("the Python was chosen with --python")
    if damage(venv, python):
        return skip("the environment is broken", blocked_by="venv.intact")
    if venv.virtual_env and not venv.virtual_env_exists:
        return _nowhere(venv)
    own = own_environment(venv)
    if not own:
        return skip("this project has no virtual environment")
    excuse = _excuse(venv, place)
    return ok(excuse, brief="active" * excuse.endswith(" is active")) if excuse else _not_active(venv, own)


def _nowhere(venv: Venv) -> Finding:
    """VIRTUAL_ENV names no environment: it was deleted. Harmless where something else selects the right one."""
    message = f"VIRTUAL_ENV names {venv.virtual_env}, which is not a virtual environment or no longer exists"
    judge = warn if venv.lock or _first_on_path(venv) else fail
    return judge("virtual-env-mismatch", message, fix=fix("venv.deactivate"))


def _not_active(venv: Venv, own: Environment) -> Finding:
    """Another Python is in use. Whoever chose that one knowingly, or may have, is only warned."""
    running = venv.command("python", "python3")
    evidence = {"python on PATH": running.path} if running else {}
    activate = fix("venv.activate", path=own.path)
    if venv.virtual_env:
        message = f"the active environment {venv.virtual_env} is not this project's {own.path}"
        return (warn if venv.lock else fail)("venv-not-active", message, evidence=evidence, fix=activate)
    if venv.conda_prefix and not venv.conda_base:
        message = f"the active conda environment {venv.conda_prefix} is not this project's {own.path}"
        return warn("venv-not-active", message, evidence=evidence, fix=activate)
    instead = f"`{running.name}` is {running.path}" if running else "`python` is not on PATH"
    message = f"the project's environment {own.path} is not active: {instead}{SUDO if venv.sudo else ''}"
    return (warn if venv.sudo or venv.started_within else fail)("venv-not-active", message, evidence=evidence, fix=activate)


def _first_on_path(venv: Venv) -> OnPath | None:
    """The `python` on PATH, if it is that of an environment of the project."""
    running = venv.command("python", "python3")
    return running if running and running.prefix in {found.real for found in venv.project} else None


def of_conda(venv: Venv, run: OnPath) -> bool:
    """Whether a command is that of the active conda environment, by where it stands or by where it leads."""
    roots = {Path(root) for root in (venv.conda_prefix, venv.conda_real) if root}
    there = {folder for root in roots for folder in (root, root / "bin")}  # on Windows it lies at the top
    return bool(roots) and (Path(run.path).parent in there or Path(run.prefix) in roots)


def _excuse(venv: Venv, place: Place) -> str:
    """Why it is right that the project's environment is not the active one, or that it is; empty where neither holds."""
    running = _first_on_path(venv)
    if venv.virtual_env_real in {found.real for found in venv.project}:
        return f"{venv.virtual_env} is active"
    if running:
        return f"{running.path} is the first on PATH"
    if venv.lock and not venv.virtual_env:
        return f"{venv.lock} selects the environment of this project"
    return "the pipeline selects the environment" if "ci" in place.kinds else ""


@check("venv.intact", causes=("venv-base-gone", "venv-minor-upgraded", "venv-moved", "half-made-venv", "venv-of-other-os"))
def environment_is_whole(venv: Venv, python: Python | Missing, prefix: Prefix | Missing) -> Finding:
    """State of the virtual environment.

    A virtual environment is a set of links and absolute paths: it survives neither a move nor the removal of its Python.
    """
    if found := damage(venv, python):
        return found
    if isinstance(python, Python) and isinstance(prefix, Prefix) and upgraded(prefix, python):
        return _upgraded(venv, python, prefix)
    return ok("the environment is intact") if venv.target else skip("this Python is not in a virtual environment")


def upgraded(prefix: Prefix, python: Python) -> bool:
    """Whether an environment was made for another minor version than the one that its interpreter has become."""
    return python.in_venv and prefix.made_for not in ("", "{}.{}".format(*python.minor)) and not prefix.has_own_site


def _upgraded(venv: Venv, python: Python, prefix: Prefix) -> Finding:
    """The Python that it was made from has moved on: what is installed lies in a folder that the new one does not look into."""
    own = venv.target or Environment(python.prefix)
    found = f"its `python` is {python.version} now, which cannot find its libraries"
    message = f"{own.path} was created for Python {prefix.made_for}, but {found}"
    return fail("venv-minor-upgraded", message, evidence={"made for": prefix.made_for}, fix=_remake(own.path, own.site))


def damage(venv: Venv, python: Python | Missing) -> Finding | None:
    """What is wrong with the environment of the target, or with the project's own if its activation led elsewhere."""
    if venv.target and (found := _defect(venv.target, python)):
        return found
    misled = (e for e in venv.project if venv.virtual_env_real and e.activates == venv.virtual_env_real != e.real)
    return next((_moved(environment, environment.activates) for environment in misled), None)


def _defect(target: Environment, python: Python | Missing) -> Finding | None:
    """What is wrong with one environment; None if it is whole."""
    if target.foreign:
        message = f"{target.path} was created on another operating system, and its programs do not run here"
        return fail("venv-of-other-os", message, evidence={"home": target.home}, fix=_remake(target.path, target.site))
    if not target.there:
        message = f"{target.path} has no Python interpreter: it is half-made or partly deleted"
        return fail("half-made-venv", message, fix=fix("venv.complete", path=target.path))
    gone = isinstance(python, Missing) and python.kind in DIED and not target.home_exists
    if gone or not target.alive:
        message = f"{target.python} is a dead link: the base interpreter in {target.home} no longer exists"
        return fail("venv-base-gone", message, evidence={"home": target.home}, fix=_relink(target))
    elsewhere = sorted({target.activates, target.pip_prefix} - {target.real, ""})
    return _moved(target, elsewhere[0]) if elsewhere else None


def _moved(environment: Environment, origin: str) -> Finding:
    """Its scripts still point to the place where it was made."""
    message = f"{environment.path} was created at {origin} and then moved or copied: its commands still use the old place"
    return fail("venv-moved", message, evidence={"made at": origin}, fix=fix("venv.repair", path=environment.path))


def _remake(path: str, site: str) -> Fix:
    return fix("venv.remake", path=path, site=site or path)


def _relink(own: Environment) -> Fix:
    """Bring back the minor version that its packages were installed for; where nothing tells which, build it anew."""
    found = re.search(r"python(\d+\.\d+)", own.site) or re.match(r"(\d+\.\d+)", own.version)
    return fix("venv.relink", path=own.path, minor=found[1]) if found else _remake(own.path, own.site)
