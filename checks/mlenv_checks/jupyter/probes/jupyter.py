"""Read which kernels the notebooks of a project name, and which Python each of them would start."""

import os

from mlenv_checks.jupyter.probes.kernels import (
    find_kernel,
    importable_names,
    kernel_folders,
    kernel_spec,
    package_folders,
    user_data_folder,
)
from mlenv_checks.jupyter.probes.notebooks import project_notebooks
from mlenv_checks.jupyter.probes.running_kernels import replaced_libraries
from mlenv_doctor.patient.probes.environment import (
    environment_of_command,
    environment_of_interpreter,
    environment_of_script,
    environment_python,
)
from mlenv_doctor.probekit import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SERVERS = ("jupyterlab", "notebook", "jupyter_server", "nbclassic", "nbclient")
COMMANDS = ("jupyter-lab", "jupyter-notebook", "jupyter-server", "jupyter")


def read_jupyter(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the kernels that the notebooks name, and the environment whose Jupyter would open them."""
    notebooks = project_notebooks(question["project"])
    target = _environment(environment_of_command(question["target"])[0] or os.path.realpath(question["prefix"]))
    replaced = replaced_libraries(target["sites"], target["modules"])
    said: "dict[str, Any]" = {"notebooks": len(notebooks), "kernels": [], "replaced": replaced}
    if not notebooks:
        return said
    server = _server_environment(target)
    looking = server or target
    said.update(
        server=server["prefix"] if server else "",
        server_mine=server is not None and server["prefix"] == target["prefix"],
        finds_conda="nb_conda_kernels" in looking["modules"],
    )
    folders = kernel_folders(looking["prefix"], looking["sites"])
    for name in sorted({notebook["kernel"] for notebook in notebooks}):
        users = [notebook for notebook in notebooks if notebook["kernel"] == name]
        said["kernels"].append(_kernel(name, users, folders, looking, target))
    return said


def _environment(prefix: str) -> "dict[str, Any]":
    """An environment with what can be imported there; `whole` unless it may have more."""
    sites = package_folders(prefix)
    return {"prefix": prefix, "sites": sites or [], "whole": sites is not None, "modules": importable_names(sites or [])}


def _server_environment(target: "dict[str, Any]") -> "dict[str, Any] | None":
    """The environment whose Jupyter shows the notebooks: the examined one, if it has one, else that on PATH."""
    if any(name in target["modules"] for name in SERVERS):
        return target
    for name in COMMANDS:
        path = which(name)
        prefix = _prefix_of_command(path) if path else ""
        found = _environment(prefix) if prefix else None
        if found and any(name in found["modules"] for name in SERVERS):  # ipykernel brings a `jupyter` that shows nothing
            return found
    return None


def _prefix_of_command(path: str) -> str:
    """The environment that a command of Jupyter's belongs to."""
    if os.name == "nt":
        return os.path.realpath(os.path.dirname(os.path.dirname(path)))
    return environment_of_script(os.path.realpath(path))[0]


def _kernel(
    name: str, users: "list[dict[str, Any]]", folders: "list[str]", looking: "dict[str, Any]", target: "dict[str, Any]"
) -> "dict[str, Any]":
    """One kernel: where it is registered, what it starts, and what is there."""
    file = find_kernel(name, folders)
    spec = kernel_spec(file) if file else {}
    native = not file and name.lower() == "python3" and "ipykernel" in looking["modules"]
    said = {
        "name": name,
        "notebooks": [notebook["path"] for notebook in users[:5]],
        "count": len(users),
        "found": bool(file) or native,
        "file": file,
        "level": _level(file, target["prefix"]),
        "widgets": [notebook["path"] for notebook in users if notebook["widgets"]][:5],
    }
    python = _interpreter(spec, looking) if file else environment_python(looking["prefix"])
    if said["found"] and python:
        said.update(_what_it_starts(python, spec, users, looking, target))
    return said


def _level(file: str, prefix: str) -> str:
    """Whose a kernel.json is."""
    real = os.path.realpath(file) if file else ""
    if real.startswith(os.path.realpath(prefix) + os.sep):
        return "environment"
    return "user" if real.startswith(os.path.realpath(user_data_folder()) + os.sep) else "elsewhere" if real else ""


def _interpreter(spec: "dict[str, Any]", looking: "dict[str, Any]") -> str:
    """The interpreter that a kernel starts; a bare `python` is replaced by that of Jupyter itself (jupyter_client does so).

    Empty for anything that is not surely a Python: conda run, env, a container, a shell, a shim.
    """
    import re

    first = spec["argv"][0].replace("{prefix}", looking["prefix"]) if spec else ""
    if first in ("python", "python3"):
        return environment_python(looking["prefix"])
    python = bool(re.match(r"python[\d.]*w?(\.exe)?$", os.path.basename(first).lower()))
    shim = os.path.exists(first) and not environment_of_command(first)[0]
    return first if os.path.isabs(first) and python and not shim else ""


def _what_it_starts(
    python: str, spec: "dict[str, Any]", users: "list[dict[str, Any]]", looking: "dict[str, Any]", target: "dict[str, Any]"
) -> "dict[str, Any]":
    """What is known of the interpreter behind a kernel."""
    bare = not spec or not os.path.isabs(spec["argv"][0])
    alive = bare or os.path.exists(python)
    prefix = looking["prefix"] if bare else environment_of_interpreter(python)[0]
    said = {"python": python, "alive": alive, "prefix": prefix, "mine": prefix == target["prefix"]}
    if not alive:
        return said
    there = looking if bare else target if said["mine"] else _environment(prefix)
    env = spec.get("env")
    elsewhere = isinstance(env, dict) and "PYTHONPATH" in env
    if not there["whole"] or elsewhere or not there["sites"]:
        return said
    wanted = {name for notebook in users if not notebook["installs"] for name in notebook["imports"]}
    said["has_widgets"] = "ipywidgets" in there["modules"]
    said["lacking"] = sorted(name for name in wanted if name.lower() in target["modules"] - there["modules"])[:8]
    if not spec or "ipykernel" in " ".join(spec["argv"]):
        said["ipykernel"] = "ipykernel" in there["modules"]
    return said
