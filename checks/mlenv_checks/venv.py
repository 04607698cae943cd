"""Is there an environment for this project, is it the one in use, and is it whole?"""

from __future__ import annotations

from mlenv_doctor import Finding, Missing, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.facts import Environment, Place, Python, Venv

# Places that are themselves made for one purpose: there a virtual environment adds nothing, and nobody misses it.
ONE_PURPOSE = frozenset(
    ["colab", "kaggle", "lightning", "codespaces", "sagemaker", "databricks", "paperspace", "kubernetes", "container", "ci"]
)


@check("venv.environment", causes=("not-in-venv", "externally-managed", "no-ensurepip"))
def in_an_environment(venv: Venv | Missing, python: Python, place: Place) -> Finding:
    """Packages go into an environment of their own.

    In a Python that everything shares, one project's packages break another's, or the system's.
    """
    if isinstance(venv, Missing):
        return unknown(f"the environments could not be read: the probe {venv.reason}")
    if python.in_venv:
        return ok(f"virtual environment {python.prefix}")
    if venv.target_conda:
        return ok(f"conda environment {python.prefix}")
    alone = next((kind for kind in place.kinds if kind in ONE_PURPOSE), "")
    if alone:
        return ok(f"no virtual environment, as is usual here ({alone})")
    return _shared(python)


def _shared(python: Python) -> Finding:
    """A Python that is shared with everything else on this machine."""
    evidence = {"prefix": python.prefix}
    if not python.ensurepip:
        message = f"Python {python.version} cannot make a virtual environment: its module ensurepip is missing"
        return fail("no-ensurepip", message, evidence=evidence, fix=fix("venv.enable"))
    if python.externally_managed:
        message = (
            f"the Python of the system ({python.executable}) refuses packages (PEP 668), and no virtual environment is in use"
        )
        return warn("externally-managed", message, evidence=evidence, fix=fix("venv.make"))
    message = f"no virtual environment is in use: packages go into {python.prefix}, which everything shares"
    return warn("not-in-venv", message, evidence=evidence, fix=fix("venv.make"))


@check("venv.active", causes=("venv-not-active", "virtual-env-mismatch"))
def environment_is_active(venv: Venv, place: Place) -> Finding:
    """The project's environment is the one in use.

    Where it is not, `python` runs another Python, and what was installed for the project is not found.
    """
    if venv.virtual_env and not venv.virtual_env_exists:
        return _gone(venv)
    if not venv.project:
        return skip("this project has no virtual environment of its own")
    excuse = _excuse(venv, place)
    if excuse:
        return ok(excuse)
    own = venv.project[0]
    running = venv.command("python", "python3")
    other = venv.virtual_env or venv.conda_prefix or (running.path if running else "no Python")
    message = f"the project has an environment at {own.path}, but {other} is in use"
    activate = fix("venv.activate", path=own.path)
    if venv.conda_prefix and not venv.virtual_env and not venv.conda_base:
        return warn("venv-not-active", message, fix=activate)
    return fail("venv-not-active", message, evidence={"python on PATH": running.path if running else ""}, fix=activate)


def _gone(venv: Venv) -> Finding:
    """VIRTUAL_ENV leads nowhere: the environment was deleted, or moved."""
    if any(environment.activates == venv.virtual_env_real for environment in venv.project):
        return skip(f"{venv.virtual_env} was moved", blocked_by="venv.intact")
    message = f"VIRTUAL_ENV names {venv.virtual_env}, which does not exist"
    return fail("virtual-env-mismatch", message, fix=fix("venv.deactivate"))


def _excuse(venv: Venv, place: Place) -> str:
    """Why it is right that the project's environment is not the active one, or that it is; empty where neither holds."""
    homes = {environment.real for environment in venv.project}
    running = venv.command("python", "python3")
    if venv.chosen_by == "--python":
        return "the Python to examine was named with --python"
    if venv.virtual_env_real in homes:
        return "the environment is active"
    if running and running.prefix in homes:
        return "the environment is first on PATH"
    if venv.lock:
        return f"{venv.lock} selects the environment of this project"
    return "the pipeline selects the environment" if "ci" in place.kinds else ""


@check("venv.intact", causes=("venv-base-gone", "venv-moved"))
def environment_is_whole(venv: Venv) -> Finding:
    """The environment is where it was made, and so is the Python that it was made from.

    A virtual environment is a set of links and absolute paths: it survives neither a move nor the removal of its Python.
    """
    target = venv.target
    if target is None:
        return skip("the examined Python belongs to no virtual environment")
    remade = fix("venv.remake", path=target.path, site=f"{target.path}/lib/python{_minor(target)}/site-packages")
    if not target.alive:
        message = f"{target.python} leads nowhere: the Python that this environment was made from ({target.home}) is gone"
        return fail("venv-base-gone", message, evidence={"home": target.home}, fix=remade)
    places = {place for place in (target.activates, target.pip_prefix) if place}
    if places - {target.real}:
        message = f"{target.path} was made at {sorted(places - {target.real})[0]} and moved or copied from there"
        return fail("venv-moved", message, fix=remade)
    return ok("the environment is whole")


def _minor(environment: Environment) -> str:
    return ".".join(environment.version.split(".")[:2])


@check("venv.pip", causes=("pip-python-mismatch",))
def pip_belongs_to_python(venv: Venv) -> Finding:
    """`pip` installs for the Python that `python` runs.

    Where it does not, "Successfully installed" is followed by ModuleNotFoundError: the commonest fault of all.
    """
    python, pip = venv.command("python", "python3"), venv.command("pip", "pip3")
    if python is None or pip is None:
        return skip("there is no bare `pip` on PATH" if python else "there is no bare `python` on PATH")
    if not python.prefix or not pip.prefix:
        return skip("what `python` and `pip` are is decided when they run")
    if python.prefix == pip.prefix:
        return ok("`pip` belongs to `python`", evidence={"python": python.path, "pip": pip.path})
    if venv.target and venv.target.maker == "uv":
        return ok(f"this environment is uv's: use `uv pip`, not {pip.path}")
    message = f"`{pip.name}` ({pip.path}) installs into {pip.prefix}, but `{python.name}` is {python.path}"
    return fail("pip-python-mismatch", message, evidence={"python": python.path, "pip": pip.path}, fix=fix("venv.use-its-pip"))


@check("venv.writable", causes=("env-not-writable",))
def environment_is_writable(python: Python, venv: Venv, place: Place) -> Finding:
    """Packages can be installed into the environment.

    One that was made with sudo refuses its own user.
    """
    if python.purelib_writable:
        return ok("packages can be installed")
    if not python.in_venv:
        return skip("a shared Python need not be writable")
    message = f"{python.purelib} belongs to {python.purelib_owner or 'somebody else'} and cannot be written by you"
    frozen = any(kind in ONE_PURPOSE for kind in place.kinds)
    return (warn if frozen else fail)("env-not-writable", message, fix=fix("venv.own", owner=python.purelib_owner or "root"))
