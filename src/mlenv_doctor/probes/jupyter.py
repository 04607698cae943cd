"""Read which kernels the notebooks of a project name, and which Python each of them would start."""

_JUP_SERVERS = ("jupyterlab", "notebook", "jupyter_server", "nbclassic", "nbclient")
_JUP_COMMANDS = ("jupyter-lab", "jupyter-notebook", "jupyter-server", "jupyter")


def read_jupyter(question):
    notebooks = _nb_all(question["project"])
    target = _jup_environment(_venv_of_python(question["target"])[0] or os.path.realpath(question["prefix"]))
    replaced = _run_replaced(target["sites"], target["modules"])
    said = {"notebooks": len(notebooks), "kernels": [], "replaced": replaced}
    if not notebooks:
        return said
    server = _jup_server(target)
    looking = server or target
    said.update(
        server=server["prefix"] if server else "",
        server_mine=bool(server) and server["prefix"] == target["prefix"],
        finds_conda="nb_conda_kernels" in looking["modules"],
    )
    folders = _kernel_folders(looking["prefix"], looking["sites"])
    for name in sorted({notebook["kernel"] for notebook in notebooks}):
        users = [notebook for notebook in notebooks if notebook["kernel"] == name]
        said["kernels"].append(_jup_kernel(name, users, folders, looking, target))
    return said


def _jup_environment(prefix):
    """An environment with what can be imported there; `whole` unless it may have more."""
    sites = _kernel_sites(prefix)
    return {"prefix": prefix, "sites": sites or [], "whole": sites is not None, "modules": _kernel_modules(sites or [])}


def _jup_server(target):
    """The environment whose Jupyter shows the notebooks: the examined one, if it has one, else that on PATH."""
    import shutil

    if any(name in target["modules"] for name in _JUP_SERVERS):
        return target
    for name in _JUP_COMMANDS:
        path = shutil.which(name)
        prefix = _jup_of_command(path) if path else ""
        found = _jup_environment(prefix) if prefix else None
        if found and any(name in found["modules"] for name in _JUP_SERVERS):  # ipykernel brings a `jupyter` that shows nothing
            return found
    return None


def _jup_of_command(path):
    if os.name == "nt":
        return os.path.realpath(os.path.dirname(os.path.dirname(path)))
    return _venv_of_script(os.path.realpath(path))[0]


def _jup_kernel(name, users, folders, looking, target):
    """One kernel: where it is registered, what it starts, and what is there."""
    file = _kernel_find(name, folders)
    spec = _kernel_spec(file) if file else {}
    native = not file and name.lower() == "python3" and "ipykernel" in looking["modules"]
    said = {
        "name": name,
        "notebooks": [notebook["path"] for notebook in users[:5]],
        "count": len(users),
        "found": bool(file) or native,
        "file": file,
        "level": _jup_level(file, target["prefix"]),
        "widgets": [notebook["path"] for notebook in users if notebook["widgets"]][:5],
    }
    python = _jup_python(spec, looking) if file else _venv_python(looking["prefix"])
    if said["found"] and python:
        said.update(_jup_started(python, spec, users, looking, target))
    return said


def _jup_level(file, prefix):
    """Whose a kernel.json is."""
    real = os.path.realpath(file) if file else ""
    if real.startswith(os.path.realpath(prefix) + os.sep):
        return "environment"
    return "user" if real.startswith(os.path.realpath(_kernel_user_data()) + os.sep) else "elsewhere" if real else ""


def _jup_python(spec, looking):
    """The interpreter that a kernel starts; a bare `python` is replaced by that of Jupyter itself (jupyter_client does so).

    Empty for anything that is not surely a Python: conda run, env, a container, a shell, a shim.
    """
    import re

    first = spec["argv"][0].replace("{prefix}", looking["prefix"]) if spec else ""
    if first in ("python", "python3"):
        return _venv_python(looking["prefix"])
    python = bool(re.match(r"python[\d.]*w?(\.exe)?$", os.path.basename(first).lower()))
    shim = os.path.exists(first) and not _venv_of_python(first)[0]
    return first if os.path.isabs(first) and python and not shim else ""


def _jup_started(python, spec, users, looking, target):
    """What is known of the interpreter behind a kernel."""
    bare = not spec or not os.path.isabs(spec["argv"][0])
    alive = bare or os.path.exists(python)
    prefix = looking["prefix"] if bare else _venv_belongs(python)[0]
    said = {"python": python, "alive": alive, "prefix": prefix, "mine": prefix == target["prefix"]}
    if not alive:
        return said
    there = looking if bare else target if said["mine"] else _jup_environment(prefix)
    env = spec.get("env") if isinstance(spec.get("env"), dict) else {}
    if not there["whole"] or "PYTHONPATH" in env or not there["sites"]:
        return said
    wanted = {name for notebook in users if not notebook["installs"] for name in notebook["imports"]}
    said["has_widgets"] = "ipywidgets" in there["modules"]
    said["lacking"] = sorted(name for name in wanted if name.lower() in target["modules"] - there["modules"])[:8]
    if not spec or "ipykernel" in " ".join(spec["argv"]):
        said["ipykernel"] = "ipykernel" in there["modules"]
    return said
