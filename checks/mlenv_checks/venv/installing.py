"""Where do packages go that are installed: does `pip` belong to `python`, and can the environment be written?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok, skip, warn
from mlenv_doctor.patient import OnPath, Place, Python, Venv

from .checks import ONE_PURPOSE, damage


@check("venv.pip", causes=("pip-python-mismatch", "no-pip-in-venv"))
def pip_belongs_to_python(venv: Venv, python: Python | Missing, place: Place) -> Finding:
    """The `pip` command.

    Where it does not, "Successfully installed" is followed by ModuleNotFoundError: the commonest fault of all.
    """
    if damage(venv, python):
        return skip("the environment is broken", blocked_by="venv.intact")
    run, pip = venv.command("python", "python3"), venv.command("pip", "pip3")
    if run is None or pip is None:
        return skip("`pip` is not on PATH" if run else "`python` is not on PATH")
    if not run.prefix or not pip.prefix:
        return skip("`python` and `pip` are wrappers such as pyenv shims")
    if run.prefix == pip.prefix and (run.minor == pip.minor or not run.minor or not pip.minor):
        return ok(f"{pip.path} belongs to {run.path}")
    if venv.target_prefix not in (run.prefix, pip.prefix):
        return skip("the checked Python is not the one on PATH")
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
    return say("no-pip-in-venv", f"{message}, which has no pip", evidence=evidence, fix=fix("venv.use-its-pip"))


@check("venv.writable", causes=("env-not-writable",))
def environment_is_writable(python: Python, venv: Venv, place: Place) -> Finding:
    """Write permission in the environment.

    One that was made with sudo refuses its own user.
    """
    if python.purelib_writable:
        return ok("packages can be installed")
    if not python.in_venv:
        return skip("a shared Python does not have to be writable")
    if python.purelib_obstacle == "read-only":
        message = f"{python.purelib} is on a read-only file system: nothing can be installed"
        return warn("env-not-writable", message, fix=fix("venv.elsewhere"))
    if python.purelib_obstacle == "mode":
        message, repair = f"{python.purelib} belongs to you but is not writable (file mode)", fix("venv.unlock")
    else:
        owner = python.purelib_owner or "somebody else"
        message, repair = f"{python.purelib} belongs to {owner} and is not writable for you", fix("venv.own")
    frozen = any(kind in ONE_PURPOSE for kind in place.kinds) and not venv.project_writable
    return (warn if frozen else fail)("env-not-writable", message, fix=repair)
