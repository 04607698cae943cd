"""Conda beside other ways to make environments: its base, its packages under pip's, its shell under a venv's."""

from __future__ import annotations

from mlenv_doctor.api import Finding, Missing, check, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries, Place, Python, Venv
from .facts import Prefix
from mlenv_doctor.api import Why

from .checks import ONE_PURPOSE, of_conda

# Packages with compiled parts that conda links against its own libraries: pip's build over them mixes two worlds.
# Conda calls some of them by another name than pip does.
COMPILED = {
    name: name
    for name in (
        "numpy", "scipy", "pandas", "scikit-learn", "torch", "torchvision", "tensorflow", "matplotlib", "pyarrow", "numba",
        "llvmlite", "lightgbm", "xgboost", "h5py", "lxml", "pillow", "grpcio", "protobuf", "mkl",
    )
} | {
    "pytorch": "torch", "tensorflow-base": "tensorflow", "matplotlib-base": "matplotlib", "pyarrow-core": "pyarrow",
    "py-xgboost": "xgboost", "py-opencv": "opencv-python",
}  # fmt: skip


@check("venv.conda-base", causes=("conda-base-in-use",))
def conda_base_is_left_alone(prefix: Prefix | Missing, python: Python, place: Place) -> Finding:
    """Conda base environment.

    Conda itself runs in it: a package that breaks it takes conda along, and every environment with it.
    """
    if isinstance(prefix, Missing):
        what = "the environment's files"
        unread = unknown(f"{what} could not be read: the probe {prefix.reason}")
        return skip(f"{what}: {prefix.reason}") if prefix.kind == Why.NOT_ASKED else unread
    if not prefix.conda_base:
        return skip("this is not conda's base environment")
    alone = next((kind for kind in place.kinds if kind in ONE_PURPOSE), "")
    if alone:
        return ok(f"conda's base environment, as usual here ({alone})")
    message = f"packages would be installed into conda's base environment {python.prefix}, which conda itself needs"
    return warn("conda-base-in-use", message, evidence={"prefix": python.prefix}, fix=fix("venv.conda-create"))


@check("venv.nesting", causes=("conda-venv-nested",))
def one_environment_at_a_time(venv: Venv, prefix: Prefix) -> Finding:
    """Conda and virtual environment together.

    With both active, the one that was activated last wins, and libraries of the other still come before the system's.
    """
    if not (venv.virtual_env and venv.virtual_env_exists and venv.conda_prefix):
        return ok("at most one environment is active")
    run = venv.command("python", "python3")
    if run is None or run.prefix in ("", venv.virtual_env_real) or not of_conda(venv, run):
        return ok("the virtual environment's Python comes before conda's")
    message = f"{venv.virtual_env} is active, but `{run.name}` is {run.path} of conda, which was activated later"
    levels = {"CONDA_SHLVL": str(prefix.conda_levels)}
    return warn("conda-venv-nested", message, evidence=levels, fix=fix("venv.leave-conda", path=venv.virtual_env))


@check("venv.conda-packages", causes=("conda-pip-mixed",))
def conda_packages_are_condas(prefix: Prefix, libraries: Libraries) -> Finding:
    """Conda packages replaced by pip.

    Pip's build contains its own copies of libraries, next to those that conda's other packages were linked with.
    """
    if not prefix.conda_packages:
        return skip("no conda packages here")
    ours = {found.name: found for found in libraries.distributions if found.installer in ("pip", "uv")}
    mixed = {name: ours[COMPILED[name]] for name in prefix.conda_packages if COMPILED.get(name) in ours}
    if not mixed:
        return ok("no conda package was replaced by pip")
    names = ", ".join(sorted({f"{found.name} {found.version or ''}".strip() for found in mixed.values()}))
    message = f"pip installed {names} over conda's build"
    installed = tuple(sorted({found.name for found in mixed.values()}))
    again = fix("venv.conda-again", packages=tuple(mixed), installed=installed)
    return warn("conda-pip-mixed", message, evidence={"packages": names}, fix=again)
