"""Read the virtual environments of a project and of the target, and what stands on PATH, from files and variables."""

import os
import sys

from mlenv_doctor.probekit import names_in, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ENVIRONMENT_NAMES = (".venv", "venv", "env", "ml_env")
BIN, OTHER_BIN = ("Scripts", "bin") if os.name == "nt" else ("bin", "Scripts")
PYTHON_NAMES = ("python.exe",) if os.name == "nt" else ("python", "python3")
LOCK_FILES = (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("Pipfile.lock", "pipenv"), ("pdm.lock", "pdm"))


def read_venv(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which environment is active, which one was asked for, and which ones the project has."""
    env = os.environ
    active = env.get("VIRTUAL_ENV") or None
    prefix = question["prefix"]
    conda = env.get("CONDA_PREFIX") or None
    project = [found for found in map(_environment, _candidates(question["project"])) if found]
    doctor = environment_of_interpreter(sys.executable or "")[0]
    return {
        "chosen_by": question["chosen_by"],
        "virtual_env": active,
        "virtual_env_real": os.path.realpath(active) if active else "",
        "virtual_env_exists": active is not None and _is_environment(active),
        "virtual_env_on_path": active is not None and _is_on_path(os.path.join(active, BIN)),
        "conda_prefix": conda,
        "conda_real": os.path.realpath(conda) if conda else "",
        "conda_base": conda is not None
        and (env.get("CONDA_DEFAULT_ENV") == "base" or os.path.isdir(os.path.join(conda, "condabin"))),
        "target": _environment(prefix) if prefix else None,
        "target_conda": bool(prefix) and os.path.isdir(os.path.join(prefix, "conda-meta")),
        "target_prefix": environment_of_command(question["target"])[0] if question["target"] else "",
        "project": project,
        "commands": [found for found in (_command(name) for name in ("python", "python3", "pip", "pip3")) if found],
        "lock": next((tool for file, tool in LOCK_FILES if os.path.exists(os.path.join(question["project"], file))), ""),
        "sudo": "SUDO_USER" in env,
        "python_home": env.get("PYTHONHOME") or None,
        "started_within": doctor in [found["real"] for found in project],
        "project_writable": os.access(question["project"], os.W_OK),
    }


def _candidates(project: str) -> "list[str]":
    """Where a project's environments may be: in its folder, or in a parent up to the top of its repository."""
    folders, folder = [project], project
    while not os.path.exists(os.path.join(folder, ".git")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        folders.append(folder)
    if not os.path.exists(os.path.join(folder, ".git")):
        folders = [project]
    return [os.path.join(folder, name) for folder in folders for name in ENVIRONMENT_NAMES]


def _is_environment(path: str) -> bool:
    """Whether a folder is an environment at all; virtualenv before version 20 wrote no pyvenv.cfg."""
    return os.path.isfile(os.path.join(path, "pyvenv.cfg")) or os.path.lexists(environment_python(path))


def _is_on_path(folder: str) -> bool:
    """Whether a folder is on PATH, at whatever place."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.path.realpath(folder) in [os.path.realpath(entry) for entry in folders if os.path.isabs(entry)]


def environment_python(path: str) -> str:
    """The interpreter of an environment, or where it ought to be."""
    pythons = [os.path.join(path, BIN, name) for name in PYTHON_NAMES]
    return next((python for python in pythons if os.path.lexists(python)), pythons[0])


def _environment(path: str) -> "dict[str, Any] | None":
    """What the files of an environment say; None where there is none."""
    config = environment_config(os.path.join(path, "pyvenv.cfg"))
    if config is None:
        return None
    python = environment_python(path)
    home = config.get("home", "")
    return {
        "path": path,
        "real": os.path.realpath(path),
        "python": python,
        "alive": os.path.exists(python),
        "there": os.path.lexists(python),
        "foreign": os.path.isdir(os.path.join(path, OTHER_BIN)) and not os.path.isdir(os.path.join(path, BIN)),
        "home": home,
        "home_exists": not home or os.path.isdir(home),
        "maker": "uv" if "uv" in config else "virtualenv" if "virtualenv" in config else "venv",
        "version": config.get("version", config.get("version_info", "")),
        "site": _site_packages(path),
        "activates": _activated_folder(os.path.join(path, BIN, "activate")),
        "pip_prefix": environment_of_script(os.path.join(path, BIN, "pip"))[0],
        "unreadable": _unreadable_start_files(_site_packages(path)),
    }


def regular_file_text(path: str, most: int) -> "str | None":
    """The beginning of a regular file; None where there is none or it cannot be read."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read(most).decode("utf-8", "surrogateescape")
    except OSError:
        return None


def environment_config(path: str) -> "dict[str, str] | None":
    """The settings in a pyvenv.cfg; None where it cannot be read."""
    text = regular_file_text(path, 65536)
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _site_packages(path: str) -> str:
    """The site-packages of an environment; empty where it has none."""
    if os.name == "nt":
        return os.path.join(path, "Lib", "site-packages")
    names = [name for name in names_in(os.path.join(path, "lib")) if name.startswith(("python", "pypy"))]
    return os.path.join(path, "lib", names[0], "site-packages") if names else ""


def _unreadable_start_files(site: str) -> "list[str]":
    """The start files that are not UTF-8: up to Python 3.12 one of these ends every start."""
    names = [name for name in names_in(site) if name.endswith(".pth")][:200]
    return [path for path in (os.path.join(site, name) for name in names) if not _is_utf8(path)]


def _is_utf8(path: str) -> bool:
    """Whether a text file is UTF-8."""
    text = regular_file_text(path, 1 << 20) or ""
    return not any("\udc80" <= letter <= "\udcff" for letter in text)


def _activated_folder(path: str) -> str:
    """The folder that an activate script names; empty where it works that out when it runs (relocatable ones)."""
    import re

    text = regular_file_text(path, 65536) or ""
    found = re.search(r"^\s*(?:export\s+)?VIRTUAL_ENV=(?:\"(/[^\"$`\n]*)\"|'(/[^'\n]*)'|(/[^\s\"'$`]*))\s*$", text, re.M)
    return os.path.realpath(next(filter(None, found.groups()))) if found else ""


def _script_interpreter(path: str) -> str:
    """The interpreter that a script names; empty where it names none, or leaves it to PATH.

    Where the path is long or has blanks, pip writes #!/bin/sh and then '''exec' "/path/python", uv the same with single
    quotes: https://github.com/pypa/distlib/blob/0.3.9/distlib/scripts.py#L169
    """
    import re

    text = regular_file_text(path, 4096) or ""
    found = re.match(r"#!/bin/sh\s+'''exec'\s+(?:\"([^\"\n]+)\"|'([^'\n]+)'|(\S+))|#!\s*(/\S*)[^\n]*", text)
    python = next(filter(None, found.groups())) if found else ""
    return python if _is_named_python(python) else ""


def _is_named_python(path: str) -> bool:
    """Whether a path is absolute and ends in the name of a Python."""
    return os.path.isabs(path) and os.path.basename(path).lower().startswith(("python", "pypy"))


def environment_of_script(path: str) -> "tuple[str, str]":
    """The environment and the minor version that a script of pip's works for."""
    python = _script_interpreter(path)
    return environment_of_interpreter(python) if python else ("", "")


def environment_of_interpreter(python: str) -> "tuple[str, str]":
    """The environment that an interpreter belongs to, with links resolved, and its minor version.

    Python itself looks for pyvenv.cfg only beside the path that it was started by; without one, links are followed.
    A link from a shared folder into some other installation (Homebrew, uv, conda) is thus that installation.
    """
    import re

    folder, real = os.path.realpath(os.path.dirname(python)), os.path.realpath(python)
    found = re.search(r"(\d+\.\d+)t?(\.exe)?$", real)
    if os.path.isfile(os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
        real = os.path.join(folder, "python")
    return os.path.dirname(os.path.dirname(real)), found.group(1) if found else ""


def environment_of_command(path: str) -> "tuple[str, str]":
    """The same for a command; a shim (pyenv, asdf, mise) decides when it is run, and tells nothing."""
    shim = (regular_file_text(path, 2) or "") == "#!" or (os.path.exists(path) and not _is_named_python(os.path.realpath(path)))
    return ("", "") if shim else environment_of_interpreter(path)


def _command(name: str) -> "dict[str, str] | None":
    """What a name on PATH leads to."""
    path = which(name)
    if path is None:
        return None
    prefix, minor = environment_of_command(path) if name.startswith("python") else environment_of_script(path)
    return {"name": name, "path": path, "prefix": prefix, "minor": minor}
