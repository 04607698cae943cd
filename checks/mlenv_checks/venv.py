"""Is there an environment for this project, is it the one in use, and is it whole?"""

from __future__ import annotations

from pathlib import Path

from mlenv_doctor.api import Finding, Fix, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Environment, OnPath, Place, Prefix, Python, Venv, Why

from .python import DIED

# Places that are themselves made for one purpose: there a virtual environment adds nothing, and nobody misses it.
ONE_PURPOSE = frozenset(
    [
        "colab", "kaggle", "lightning", "codespaces", "sagemaker", "databricks", "paperspace", "kubernetes", "jupyterhub",
        "container", "ci",
    ]
)  # fmt: skip
SUDO = "; sudo forgets which environment is active, so run mlenv-doctor without it"


@check("venv.environment", causes=("not-in-venv", "externally-managed", "no-ensurepip"))
def in_an_environment(venv: Venv | Missing, python: Python, place: Place) -> Finding:
    """Packages go into an environment of their own.

    In a Python that everything shares, one project's packages break another's, or the system's.
    """
    if isinstance(venv, Missing):
        said = f"the environments could not be read: the probe {venv.reason}"
        return skip(said) if venv.kind == Why.NOT_ASKED else unknown(said)
    if python.in_venv:
        return ok(f"virtual environment {python.prefix}")
    if python.conda or venv.target_conda:
        return ok(f"conda environment {python.prefix}")
    alone = next((kind for kind in place.kinds if kind in ONE_PURPOSE), "")
    if alone:
        return ok(f"no virtual environment, as is usual here ({alone})")
    return _shared(venv, python, place)


def _shared(venv: Venv, python: Python, place: Place) -> Finding:
    """A Python that is shared with everything else on this machine."""
    evidence = {"prefix": python.prefix}
    own = own_environment(venv)
    if not python.ensurepip and not own and not place.uv:
        message = f"Python {python.version} cannot make a virtual environment: its module ensurepip is missing"
        return fail("no-ensurepip", message, evidence=evidence, fix=fix("venv.enable"))
    remedy = fix("venv.activate", path=own.path) if own else fix("venv.make" if python.ensurepip else "venv.make-with-uv")
    if python.externally_managed:
        message = (
            f"the Python of the system ({python.executable}) refuses packages (PEP 668), and no virtual environment is in use"
        )
        return warn("externally-managed", message, evidence=evidence, fix=remedy)
    message = f"no virtual environment is in use: packages go into {python.prefix}, which everything shares"
    return warn("not-in-venv", message + (SUDO if venv.sudo else ""), evidence=evidence, fix=remedy)


def own_environment(venv: Venv) -> Environment | None:
    """The project's environment: the first that has an interpreter."""
    return next((found for found in venv.project if found.alive), None)


@check("venv.active", causes=("venv-not-active", "virtual-env-mismatch"))
def environment_is_active(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """The project's environment is the one in use.

    Where it is not, `python` runs another Python, and what was installed for the project is not found.
    """
    if venv.chosen_by in ("kernel", "caller"):
        return ok("the program that asks runs in the examined Python")
    if venv.chosen_by == "--python":
        return ok("the Python to examine was named with --python")
    if damage(venv, python):
        return skip("the environment has to be repaired first", blocked_by="venv.intact")
    if venv.virtual_env and not venv.virtual_env_exists:
        return _nowhere(venv)
    own = own_environment(venv)
    if not own:
        return skip("this project has no virtual environment of its own")
    excuse = _excuse(venv, place)
    return ok(excuse) if excuse else _not_active(venv, own)


def _nowhere(venv: Venv) -> Finding:
    """VIRTUAL_ENV names no environment: it was deleted. Harmless where something else selects the right one."""
    message = f"VIRTUAL_ENV names {venv.virtual_env}, which is no environment (any more)"
    judge = warn if venv.lock or _first_on_path(venv) else fail
    return judge("virtual-env-mismatch", message, fix=fix("venv.deactivate"))


def _not_active(venv: Venv, own: Environment) -> Finding:
    """Another Python is in use. Whoever chose that one knowingly, or may have, is only warned."""
    running = venv.command("python", "python3")
    evidence = {"python on PATH": running.path} if running else {}
    activate = fix("venv.activate", path=own.path)
    if venv.virtual_env:
        message = f"the project has an environment at {own.path}, but {venv.virtual_env} is active"
        return (warn if venv.lock else fail)("venv-not-active", message, evidence=evidence, fix=activate)
    if venv.conda_prefix and not venv.conda_base:
        message = f"the project has an environment at {own.path}, but the conda environment {venv.conda_prefix} is active"
        return warn("venv-not-active", message, evidence=evidence, fix=activate)
    instead = f"`{running.name}` is {running.path}" if running else "there is no `python` on PATH"
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
    """The environment is where it was made, and so is the Python that it was made from.

    A virtual environment is a set of links and absolute paths: it survives neither a move nor the removal of its Python.
    """
    if found := damage(venv, python):
        return found
    if isinstance(python, Python) and isinstance(prefix, Prefix) and upgraded(prefix, python):
        return _upgraded(venv, python, prefix)
    return ok("the environment is whole") if venv.target else skip("the examined Python belongs to no virtual environment")


def upgraded(prefix: Prefix, python: Python) -> bool:
    """Whether an environment was made for another minor version than the one that its interpreter has become."""
    return python.in_venv and prefix.made_for not in ("", "{}.{}".format(*python.minor)) and not prefix.has_own_site


def _upgraded(venv: Venv, python: Python, prefix: Prefix) -> Finding:
    """The Python that it was made from has moved on: what is installed lies in a folder that the new one does not look into."""
    own = venv.target or Environment(python.prefix)
    found = f"its `python` is {python.version} now, which finds none of its libraries"
    message = f"{own.path} was made for Python {prefix.made_for}, and {found}"
    return fail("venv-minor-upgraded", message, evidence={"made for": prefix.made_for}, fix=_remake(own))


def damage(venv: Venv, python: Python | Missing) -> Finding | None:
    """What is wrong with the environment of the target, or with the project's own if its activation led elsewhere."""
    if venv.target and (found := _defect(venv.target, python)):
        return found
    misled = (e for e in venv.project if venv.virtual_env_real and e.activates == venv.virtual_env_real != e.real)
    return next((_moved(environment, environment.activates) for environment in misled), None)


def _defect(target: Environment, python: Python | Missing) -> Finding | None:
    """What is wrong with one environment; None if it is whole."""
    remade = _remake(target)
    if target.foreign:
        message = f"{target.path} was made by another operating system, and its programs do not run here"
        return fail("venv-of-other-os", message, evidence={"home": target.home}, fix=remade)
    if not target.there:
        message = f"{target.path} has no interpreter: it was not made to the end, or partly deleted"
        return fail("half-made-venv", message, fix=remade)
    gone = isinstance(python, Missing) and python.kind in DIED and not target.home_exists
    if gone or not target.alive:
        message = f"{target.python} leads nowhere: the Python that this environment was made from ({target.home}) is gone"
        return fail("venv-base-gone", message, evidence={"home": target.home}, fix=remade)
    elsewhere = sorted({target.activates, target.pip_prefix} - {target.real, ""})
    return _moved(target, elsewhere[0]) if elsewhere else None


def _moved(environment: Environment, origin: str) -> Finding:
    """Its scripts still point to the place where it was made."""
    message = f"{environment.path} was made at {origin} and moved or copied from there: its commands work for the old place"
    return fail("venv-moved", message, evidence={"made at": origin}, fix=_remake(environment))


def _remake(environment: Environment) -> Fix:
    return fix("venv.remake", path=environment.path, site=environment.site or environment.path)


@check("venv.pip", causes=("pip-python-mismatch", "no-pip-in-venv"))
def pip_belongs_to_python(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """`pip` installs for the Python that `python` runs.

    Where it does not, "Successfully installed" is followed by ModuleNotFoundError: the commonest fault of all.
    """
    if damage(venv, python):
        return skip("the environment has to be repaired first", blocked_by="venv.intact")
    run, pip = venv.command("python", "python3"), venv.command("pip", "pip3")
    if run is None or pip is None:
        return skip("there is no bare `pip` on PATH" if run else "there is no bare `python` on PATH")
    if not run.prefix or not pip.prefix:
        return skip("what `python` and `pip` are is decided when they run")
    if run.prefix == pip.prefix and (run.minor == pip.minor or not run.minor or not pip.minor):
        return ok(f"{pip.path} belongs to {run.path}")
    if venv.target_prefix not in (run.prefix, pip.prefix):
        return skip("the examined Python is not the one on PATH")
    return _mismatch(venv, run, pip, place)


def _mismatch(venv: Venv, run: OnPath, pip: OnPath, place: Place) -> Finding:
    """Two commands, two Pythons. An environment of uv has no pip on purpose: there `uv pip` is meant."""
    bare = venv.target is not None and not venv.target.pip_prefix
    uv = bare and venv.target is not None and venv.target.maker == "uv"
    if uv and venv.lock == "uv":
        return ok(f"this environment is uv's: use `uv add` or `uv pip`, not {pip.path}")
    works_for = f"{pip.prefix} (Python {pip.minor})" if pip.minor else pip.prefix
    evidence = {"python": run.path, "pip": pip.path}
    message = f"`{pip.name}` ({pip.path}) installs into {works_for}, but `{run.name}` is {run.path}"
    if not bare:
        return fail("pip-python-mismatch", message, evidence=evidence, fix=fix("venv.use-its-pip"))
    say = warn if uv and place.uv else fail
    return say("no-pip-in-venv", f"{message}, which has no pip of its own", evidence=evidence, fix=fix("venv.use-its-pip"))


@check("venv.writable", causes=("env-not-writable",))
def environment_is_writable(python: Python, venv: Venv, place: Place) -> Finding:
    """Packages can be installed into the environment.

    One that was made with sudo refuses its own user.
    """
    if python.purelib_writable:
        return ok("packages can be installed")
    if not python.in_venv:
        return skip("a shared Python need not be writable")
    if python.purelib_obstacle == "read-only":
        message = f"{python.purelib} lies on a file system that is read-only: nothing can be installed"
        return warn("env-not-writable", message, fix=fix("venv.elsewhere"))
    if python.purelib_obstacle == "mode":
        message, repair = f"{python.purelib} is yours, but its access rights forbid writing", fix("venv.unlock")
    else:
        owner = python.purelib_owner or "somebody else"
        message, repair = f"{python.purelib} belongs to {owner} and cannot be written by you", fix("venv.own")
    frozen = any(kind in ONE_PURPOSE for kind in place.kinds) and not venv.project_writable
    return (warn if frozen else fail)("env-not-writable", message, fix=repair)
