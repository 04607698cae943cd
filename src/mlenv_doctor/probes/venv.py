"""Read the virtual environments of a project and of the target, and what stands on PATH, from files and variables."""

_VENV_NAMES = (".venv", "venv", "env", "ml_env")
_VENV_BIN, _VENV_OTHER_BIN = ("Scripts", "bin") if os.name == "nt" else ("bin", "Scripts")
_VENV_PYTHONS = ("python.exe",) if os.name == "nt" else ("python", "python3")
_VENV_LOCKS = (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("Pipfile.lock", "pipenv"), ("pdm.lock", "pdm"))


def read_venv(question):
    env = os.environ
    active = env.get("VIRTUAL_ENV") or None
    prefix = question["prefix"]
    conda = env.get("CONDA_PREFIX") or None
    project = [found for found in map(_venv_environment, _venv_candidates(question["project"])) if found]
    doctor = _venv_belongs(sys.executable or "")[0]
    return {
        "chosen_by": question["chosen_by"],
        "virtual_env": active,
        "virtual_env_real": os.path.realpath(active) if active else "",
        "virtual_env_exists": bool(active) and _venv_is_one(active),
        "virtual_env_on_path": bool(active) and _venv_on_path(os.path.join(active, _VENV_BIN)),
        "conda_prefix": conda,
        "conda_real": os.path.realpath(conda) if conda else "",
        "conda_base": bool(conda) and (env.get("CONDA_DEFAULT_ENV") == "base" or os.path.isdir(os.path.join(conda, "condabin"))),
        "target": _venv_environment(prefix) if prefix else None,
        "target_conda": bool(prefix) and os.path.isdir(os.path.join(prefix, "conda-meta")),
        "target_prefix": _venv_of_python(question["target"])[0] if question["target"] else "",
        "project": project,
        "commands": [found for found in (_venv_command(name) for name in ("python", "python3", "pip", "pip3")) if found],
        "lock": next((tool for file, tool in _VENV_LOCKS if os.path.exists(os.path.join(question["project"], file))), ""),
        "sudo": "SUDO_USER" in env,
        "python_home": env.get("PYTHONHOME") or None,
        "started_within": doctor in [found["real"] for found in project],
        "project_writable": os.access(question["project"], os.W_OK),
    }


def _venv_candidates(project):
    """Where a project's environments may be: in its folder, or in a parent up to the top of its repository."""
    folders, folder = [project], project
    while not os.path.exists(os.path.join(folder, ".git")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        folders.append(folder)
    if not os.path.exists(os.path.join(folder, ".git")):
        folders = [project]
    return [os.path.join(folder, name) for folder in folders for name in _VENV_NAMES]


def _venv_is_one(path):
    """Whether a folder is an environment at all; virtualenv before version 20 wrote no pyvenv.cfg."""
    return os.path.isfile(os.path.join(path, "pyvenv.cfg")) or os.path.lexists(_venv_python(path))


def _venv_on_path(folder):
    """Whether a folder is on PATH, at whatever place."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.path.realpath(folder) in [os.path.realpath(entry) for entry in folders if os.path.isabs(entry)]


def _venv_python(path):
    """The interpreter of an environment, or where it ought to be."""
    pythons = [os.path.join(path, _VENV_BIN, name) for name in _VENV_PYTHONS]
    return next((python for python in pythons if os.path.lexists(python)), pythons[0])


def _venv_environment(path):
    """What the files of an environment say; None where there is none."""
    config = _venv_config(os.path.join(path, "pyvenv.cfg"))
    if config is None:
        return None
    python = _venv_python(path)
    home = config.get("home", "")
    return {
        "path": path,
        "real": os.path.realpath(path),
        "python": python,
        "alive": os.path.exists(python),
        "there": os.path.lexists(python),
        "foreign": os.path.isdir(os.path.join(path, _VENV_OTHER_BIN)) and not os.path.isdir(os.path.join(path, _VENV_BIN)),
        "home": home,
        "home_exists": not home or os.path.isdir(home),
        "maker": "uv" if "uv" in config else "virtualenv" if "virtualenv" in config else "venv",
        "version": config.get("version", config.get("version_info", "")),
        "site": _venv_site(path),
        "activates": _venv_activates(os.path.join(path, _VENV_BIN, "activate")),
        "pip_prefix": _venv_of_script(os.path.join(path, _VENV_BIN, "pip"))[0],
        "unreadable": _venv_unreadable(_venv_site(path)),
    }


def _venv_text(path, most):
    """The beginning of a regular file; None where there is none or it cannot be read."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read(most).decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _venv_config(path):
    text = _venv_text(path, 65536)
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _venv_site(path):
    """The site-packages of an environment; empty where it has none."""
    if os.name == "nt":
        return os.path.join(path, "Lib", "site-packages")
    try:
        names = sorted(name for name in os.listdir(os.path.join(path, "lib")) if name.startswith(("python", "pypy")))
    except OSError:
        return ""
    return os.path.join(path, "lib", names[0], "site-packages") if names else ""


def _venv_unreadable(site):
    """The start files that are not UTF-8: up to Python 3.12 one of these ends every start."""
    try:
        names = sorted(name for name in os.listdir(site) if name.endswith(".pth"))[:200]
    except OSError:
        return []
    return [path for path in (os.path.join(site, name) for name in names) if not _venv_is_utf8(path)]


def _venv_is_utf8(path):
    text = _venv_text(path, 1 << 20) or ""
    return not any("\udc80" <= letter <= "\udcff" for letter in text)


def _venv_activates(path):
    """The folder that an activate script names; empty where it works that out when it runs (relocatable ones)."""
    import re

    text = _venv_text(path, 65536) or ""
    found = re.search(r"^\s*(?:export\s+)?VIRTUAL_ENV=(?:\"(/[^\"$`\n]*)\"|'(/[^'\n]*)'|(/[^\s\"'$`]*))\s*$", text, re.M)
    return os.path.realpath(next(filter(None, found.groups()))) if found else ""


def _venv_interpreter(path):
    """The interpreter that a script names; empty where it names none, or leaves it to PATH.

    Where the path is long or has blanks, pip writes #!/bin/sh and then '''exec' "/path/python", uv the same with single
    quotes: https://github.com/pypa/distlib/blob/0.3.9/distlib/scripts.py#L169
    """
    import re

    text = _venv_text(path, 4096) or ""
    found = re.match(r"#!/bin/sh\s+'''exec'\s+(?:\"([^\"\n]+)\"|'([^'\n]+)'|(\S+))|#!\s*(/\S*)[^\n]*", text)
    python = next(filter(None, found.groups())) if found else ""
    return python if _venv_is_named_python(python) else ""


def _venv_is_named_python(path):
    return os.path.isabs(path) and os.path.basename(path).lower().startswith(("python", "pypy"))


def _venv_of_script(path):
    """The environment and the minor version that a script of pip's works for."""
    python = _venv_interpreter(path)
    return _venv_belongs(python) if python else ("", "")


def _venv_belongs(python):
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


def _venv_of_python(path):
    """The same for a command; a shim (pyenv, asdf, mise) decides when it is run, and tells nothing."""
    shim = (_venv_text(path, 2) or "") == "#!" or (os.path.exists(path) and not _venv_is_named_python(os.path.realpath(path)))
    return ("", "") if shim else _venv_belongs(path)


def _venv_command(name):
    """What a name on PATH leads to."""
    import shutil

    path = shutil.which(name)
    if path is None:
        return None
    prefix, minor = _venv_of_python(path) if name.startswith("python") else _venv_of_script(path)
    return {"name": name, "path": path, "prefix": prefix, "minor": minor}
