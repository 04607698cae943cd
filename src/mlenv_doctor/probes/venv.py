"""Read the virtual environments of a project and of the target, and what stands on PATH, from files and variables."""

_VENV_NAMES = (".venv", "venv", "env", "ml_env")
_VENV_BIN = "Scripts" if os.name == "nt" else "bin"
_VENV_LOCKS = (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("Pipfile.lock", "pipenv"), ("pdm.lock", "pdm"))


def read_venv(question):
    env = os.environ
    active = env.get("VIRTUAL_ENV") or None
    prefix = question["prefix"]
    conda = env.get("CONDA_PREFIX") or None
    return {
        "chosen_by": question["chosen_by"],
        "virtual_env": active,
        "virtual_env_real": os.path.realpath(active) if active else "",
        "virtual_env_exists": bool(active) and os.path.isdir(active),
        "conda_prefix": conda,
        "conda_base": bool(conda) and (env.get("CONDA_DEFAULT_ENV") == "base" or os.path.isdir(os.path.join(conda, "condabin"))),
        "target": _venv_environment(prefix) if prefix else None,
        "target_conda": bool(prefix) and os.path.isdir(os.path.join(prefix, "conda-meta")),
        "project": [e for e in (_venv_environment(path) for path in _venv_candidates(question["project"])) if e],
        "commands": [found for found in (_venv_command(name) for name in ("python", "python3", "pip", "pip3")) if found],
        "lock": next((tool for file, tool in _VENV_LOCKS if os.path.exists(os.path.join(question["project"], file))), ""),
        "sudo": "SUDO_USER" in env,
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


def _venv_environment(path):
    """What the files of an environment say; None where there is none."""
    config = _venv_config(os.path.join(path, "pyvenv.cfg"))
    if config is None:
        return None
    names = ("python.exe",) if os.name == "nt" else ("python", "python3")
    pythons = [os.path.join(path, _VENV_BIN, name) for name in names]
    python = next((p for p in pythons if os.path.lexists(p)), pythons[0])
    home = config.get("home", "")
    maker = "uv" if "uv" in config else "virtualenv" if "virtualenv" in config else "venv"
    return {
        "path": path,
        "real": os.path.realpath(path),
        "python": python,
        "alive": os.path.exists(python),
        "home": home,
        "home_exists": not home or os.path.isdir(home),
        "maker": maker,
        "version": config.get("version", config.get("version_info", "")),
        "activates": _venv_activates(os.path.join(path, _VENV_BIN, "activate")),
        "pip_prefix": _venv_prefix_of_script(os.path.join(path, _VENV_BIN, "pip")),
    }


def _venv_text(path, most):
    """The beginning of a regular file; None where there is none or it cannot be read."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return None


def _venv_config(path):
    text = _venv_text(path, 65536)
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _venv_activates(path):
    """The folder that an activate script names; empty where it works that out when it runs (relocatable ones)."""
    import re

    found = re.search(r"^\s*(?:export\s+)?VIRTUAL_ENV=[\"']?(/[^\"'$`\n]*?)[\"']?\s*$", _venv_text(path, 65536) or "", re.M)
    return os.path.realpath(found.group(1)) if found else ""


def _venv_interpreter(path):
    """The interpreter in the first lines of a script, also in the form for long paths: #!/bin/sh and then '''exec'."""
    import re

    text = _venv_text(path, 4096) or ""
    found = re.match(r"#!\s*(?:/bin/sh\s+)?(?:'''exec'\s+)?\"?([^\"\n]*?python[^\s\"/]*)\"?(?:\s|$)", text)
    return found.group(1) if found else ""


def _venv_prefix_of_script(path):
    """The environment whose interpreter a script names; empty where it names none."""
    python = _venv_interpreter(path)
    return _venv_prefix(python) if python.startswith("/") and " " not in os.path.basename(python) else ""


def _venv_prefix(python):
    """The environment that an interpreter or command lies in: the folder above bin, with links of folders resolved."""
    return os.path.dirname(os.path.realpath(os.path.dirname(python)))


def _venv_command(name):
    """What a name on PATH leads to. A shim (pyenv, asdf) decides when it is run: its environment is not known."""
    import shutil

    path = shutil.which(name)
    if path is None:
        return None
    if name.startswith("python"):
        head = _venv_text(path, 2)
        prefix = "" if head == "#!" else _venv_prefix(path)
    else:
        prefix = _venv_prefix_of_script(path)
    return {"name": name, "path": path, "prefix": prefix}
