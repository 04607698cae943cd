"""Read where Jupyter looks for kernels, in its own order of precedence, and what lies in an environment.

The order is that of jupyter_core: https://github.com/jupyter/jupyter_core/blob/v5.9.1/jupyter_core/paths.py
"""

import json
import os
import sys

from mlenv_doctor.patient.probes.environment import environment_config, regular_file_text
from mlenv_doctor.probekit import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OFF = ("no", "n", "false", "off", "0", "0.0")


def kernel_folders(prefix: str, sites: "list[str] | None") -> "list[str]":
    """The folders with kernels that the Jupyter of this environment looks into, the first wins."""
    data = [os.path.join(prefix, "share", "jupyter")]
    user = [user_data_folder()]
    if not _is_venv(prefix):
        user.append(os.path.join(os.environ.get("PYTHONUSERBASE") or os.path.expanduser("~/.local"), "share", "jupyter"))
    named = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    system = [] if os.name == "nt" else ["/usr/local/share/jupyter", "/usr/share/jupyter"]
    env = [path for path in data if path not in system]
    order = named + (env + user if _is_environment_first(prefix, sites) else user + env) + system
    ipython = os.environ.get("IPYTHONDIR") or os.path.expanduser("~/.ipython")
    return [os.path.join(path, "kernels") for path in order] + [os.path.join(ipython, "kernels")]


def user_data_folder() -> str:
    """The user's own folder of Jupyter's data."""
    env, home = os.environ, os.path.expanduser("~")
    if env.get("JUPYTER_DATA_DIR"):
        return env["JUPYTER_DATA_DIR"]
    if sys.platform == "darwin":
        platform_dirs = env.get("JUPYTER_PLATFORM_DIRS", "0").lower() not in OFF
        return os.path.join(
            home, "Library", "Application Support" if platform_dirs else "", "jupyter" if platform_dirs else "Jupyter"
        )
    if os.name == "nt":
        return os.path.join(env.get("APPDATA") or os.path.join(home, ".jupyter", "data"), "jupyter" if env.get("APPDATA") else "")
    return os.path.join(env.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "jupyter")


def _is_environment_first(prefix: str, sites: "list[str] | None") -> bool:
    """Whether kernels of the environment win over those of the user: in one's own virtual environment, unless told otherwise."""
    env = os.environ
    if "JUPYTER_PREFER_ENV_PATH" in env:
        return env["JUPYTER_PREFER_ENV_PATH"].lower() not in OFF
    if "jupyter_core-4" in _distributions(sites):  # version 5 brought that
        return False
    conda = env.get("CONDA_PREFIX", "")
    active = bool(conda) and prefix.startswith(os.path.realpath(conda)) and env.get("CONDA_DEFAULT_ENV", "base") != "base"
    return (_is_venv(prefix) or active) and _is_owned(prefix)


def _is_venv(prefix: str) -> bool:
    """Whether this is a virtual environment."""
    return os.path.isfile(os.path.join(prefix, "pyvenv.cfg"))


def _is_owned(prefix: str) -> bool:
    """Whether the environment belongs to the current user."""
    try:
        return not hasattr(os, "geteuid") or os.stat(prefix).st_uid == os.geteuid()
    except OSError:
        return False


def find_kernel(name: str, folders: "list[str]") -> str:
    """The kernel.json of a kernel; empty where it is not registered. Names are compared without regard to case."""
    for folder in folders:
        for entry in names_in(folder):
            file = os.path.join(folder, entry, "kernel.json")
            if entry.lower() == name.lower() and os.path.isfile(file):
                return file
    return ""


def kernel_spec(file: str) -> "dict[str, Any]":
    """What a kernel.json says; empty where it cannot be read, which Jupyter passes over with a warning."""
    try:
        with open(file, "rb") as opened:
            said = json.loads(opened.read(1 << 18).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    argv = said.get("argv") if isinstance(said, dict) else None
    return said if isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv) else {}


def package_folders(prefix: str) -> "list[str] | None":
    """The folders with packages of an environment; None where it also sees those of another one.

    A Python outside of environments has more of them, by the ways of distributions, and those of the user.
    """
    import glob

    if os.name == "nt":
        found = [os.path.join(prefix, "Lib", "site-packages")]
    else:
        found = glob.glob(os.path.join(glob.escape(prefix), "lib*", "python3*", "*-packages"))
    if _is_venv(prefix):
        config = environment_config(os.path.join(prefix, "pyvenv.cfg")) or {}
        return None if config.get("include-system-site-packages", "").lower() == "true" else found
    minors = {os.path.basename(os.path.dirname(path)) for path in found}
    shared = glob.glob("/usr/local/lib/python3*/*-packages") + glob.glob(
        os.path.expanduser("~/.local/lib/python3*/site-packages")
    )
    own = [path for path in shared if "python3" in minors or os.path.basename(os.path.dirname(path)) in minors]
    return found + [path for path in own if path not in found]


def importable_names(sites: "list[str]") -> "set[str]":
    """The names that can be imported from folders of packages, in lower case; rather too many than too few."""
    import re

    names: "set[str]" = set()
    todo = list(sites) + [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    for folder in todo:
        for entry in names_in(folder):
            names.update((re.split(r"[-.]", entry)[0].lower(), entry.lower()))
            if "editable" in entry:
                names.update(re.split(r"[-._]+", entry.lower()))
            if entry.endswith(".pth") and len(todo) < 100:
                todo += [line for line in _lines(os.path.join(folder, entry)) if os.path.isabs(line) and line not in todo]
    return names


def _lines(path: str) -> "list[str]":
    """The lines of a small text file; none where it cannot be read."""
    return [line.strip() for line in (regular_file_text(path, 65536) or "").splitlines()]


def _distributions(sites: "list[str] | None") -> "set[str]":
    """Names of distributions with the first part of their version, such as jupyter_core-5."""
    entries = [entry for folder in sites or () for entry in names_in(folder) if entry.endswith(".dist-info")]
    return {entry.partition(".")[0].lower().replace("-", "_").replace("core_", "core-") for entry in entries}
