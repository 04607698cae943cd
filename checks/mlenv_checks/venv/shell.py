"""Does the terminal do what it says: is `python` that of the active environment, and can one be activated at all?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import OnPath, Place, Python, Venv

from .checks import ONE_PURPOSE, damage, of_conda, own_environment


@check("venv.terminal", causes=("virtual-env-mismatch",))
def python_is_that_of_the_active_environment(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """The `python` on PATH.

    What comes before it on PATH wins: the prompt shows the environment, and another Python runs.
    """
    if venv.chosen_by != "VIRTUAL_ENV" or not venv.virtual_env_exists:
        return skip("no virtual environment is active")
    if damage(venv, python):
        return skip("the environment is broken", blocked_by="venv.intact")
    run, pip = venv.command("python", "python3"), venv.command("pip", "pip3")
    if run is None or not run.prefix:
        return skip("`python` is a wrapper such as a pyenv shim" if run else "`python` is not on PATH")
    if run.prefix == venv.virtual_env_real:
        return ok(f"`{run.name}` is {run.path}")
    return _left_to_others(venv, run, pip) or _hidden(venv, run, place)


def _left_to_others(venv: Venv, run: OnPath, pip: OnPath | None) -> Finding | None:
    """Where another check names the fault already."""
    if of_conda(venv, run):
        return skip("conda comes first", blocked_by="venv.nesting")
    if pip and pip.prefix == venv.virtual_env_real:
        return skip("`pip` and `python` differ", blocked_by="venv.pip")
    project = {found.real for found in venv.project}
    if own_environment(venv) and venv.virtual_env_real not in project and run.prefix not in project:
        return skip("the project has its own environment", blocked_by="venv.active")
    return None


def _hidden(venv: Venv, run: OnPath, place: Place) -> Finding:
    """Another Python comes first. Who only sets the variable, for uv or in an image, may start the environment by its path."""
    if not venv.virtual_env_on_path and (venv.lock or any(kind in ONE_PURPOSE for kind in place.kinds)):
        return ok(f"VIRTUAL_ENV names {venv.virtual_env}, which is not meant to be on PATH")
    own = next((found.path for found in venv.project if found.real == run.prefix), "")
    message = f"{venv.virtual_env} is active, but `{run.name}` on PATH is {run.path}{' (this project)' if own else ''}"
    judge = fail if venv.virtual_env_on_path and not (venv.lock or own) else warn
    again = fix("venv.activate", path=own or venv.virtual_env or "")
    return judge("virtual-env-mismatch", message, evidence={"python": run.path}, fix=again)


@check("venv.powershell", causes=("powershell-execution-policy",))
def powershell_may_activate(venv: Venv, place: Place) -> Finding:
    """PowerShell execution policy.

    As it comes with Windows, it refuses all scripts: "running scripts is disabled on this system".
    """
    if place.shell != "powershell" or not place.script_policy:
        return skip("the shell is not Windows PowerShell")
    own = own_environment(venv)
    if venv.virtual_env or own is None:
        return skip("there is no environment to activate")
    if place.script_policy.lower() != "restricted":
        return ok(f"the execution policy is {place.script_policy}")
    message = f"PowerShell blocks scripts (execution policy Restricted), including the one that activates {own.path}"
    return warn("powershell-execution-policy", message, fix=fix("venv.allow-scripts", path=own.path))
