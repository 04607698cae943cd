"""Read where programs write without being asked, and whether they can. Nothing is written to find out."""

_FOLDERS_NAMED = ("HF_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR", "TORCH_HOME", "MPLCONFIGDIR")


def read_folders(question):
    import shutil

    home = os.path.expanduser("~")  # stays "~" where neither HOME nor the system names a home
    compilers = (shutil.which(name) for name in ("cc", "gcc", "clang"))
    return {
        "temporary": [_folder(path, name, must_exist=True) for name, path in _folders_temporary(question["project"])],
        "home": _folder(home, "HOME"),
        "downloads": _folder(*_folders_downloads(home)),
        "named": [_folder(os.environ[name], name) for name in _FOLDERS_NAMED if os.environ.get(name)],
        "compiler": next((path for path in compilers if path), ""),
    }


def _folders_temporary(project):
    """The folders that Python's tempfile tries, in its order."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        if os.environ.get(name):
            yield name, os.environ[name]
    if os.name == "nt":
        yield "", os.path.expandvars(r"%SYSTEMROOT%\Temp")
    else:
        for path in ("/tmp", "/var/tmp", "/usr/tmp"):
            yield "", path
    yield "", project


def _folders_downloads(home):
    """Where pip, uv, huggingface_hub and torch keep downloads unless they are told otherwise."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (named, "XDG_CACHE_HOME") if os.path.isabs(named) else (os.path.join(home, ".cache"), "")


def _folder(path, variable="", must_exist=False):
    if path.startswith("~"):
        return {"path": ""}
    path = os.path.abspath(path)
    existing = _existing(path)
    absent = must_exist and not os.path.isdir(path)
    return {
        "path": path,
        "variable": variable,
        "existing": existing,
        "obstacle": "absent" if absent else _obstacle(existing),
        "owner": _owner(existing),
        "noexec": _folders_noexec(existing),
    }


def _folders_noexec(folder):
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)
    except (OSError, AttributeError):  # macOS has the flag and no name for it, Windows neither
        return False
