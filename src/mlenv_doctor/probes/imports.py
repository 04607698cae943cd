"""Import one library for real and say what came of it. The working directory is not on the path: nothing of it runs."""


def read_imports(question):
    import time

    asked = question["import"]
    names = asked["modules"] or _imp_names(asked)
    said = {"name": asked["name"], "outcome": "not-run", "module": names[0] if names else ""}
    started = time.time()
    for name in names:
        try:
            _imp_deep(name)
        except BaseException as why:  # SystemExit and KeyboardInterrupt, too
            return {"libraries": [dict(said, **_imp_failure(name, why, time.time() - started))]}
    if names:
        said.update(_imp_success(names[0], time.time() - started))
    return {"libraries": [said]}


def _imp_deep(name):
    """Import a module, or the module before the last dot and an attribute of it (as in pydantic.BaseModel)."""
    from importlib import import_module

    parent, _, last = name.rpartition(".")
    if last[:1].isupper():
        getattr(import_module(parent), last)
    else:
        import_module(name)


def _imp_success(name, seconds):
    top = sys.modules.get(name.partition(".")[0])
    version = getattr(top, "__version__", "")
    return {
        "outcome": "ok",
        "seconds": seconds,
        "file": str(getattr(top, "__file__", "") or ""),
        "version": version if isinstance(version, str) else "",
    }


def _imp_failure(name, why, seconds):
    import traceback

    frames = traceback.extract_tb(why.__traceback__)
    files = [frame[0] for frame in frames if not frame[0].startswith("<") and "importlib" not in frame[0]]
    text = "".join(traceback.format_exception(type(why), why, why.__traceback__))
    lines = [line.strip() for line in str(why).strip().splitlines() if line.strip()]
    return {
        "outcome": "error",
        "module": name,
        "seconds": seconds,
        "reason": type(why).__name__,
        "message": lines[-1][:500] if lines else "",
        "file": ([file for file in files if "-packages" in file] or files or [""])[-1],
        "detail": text[-4000:],
    }


def _imp_names(asked):
    """The top-level name of a distribution that nobody told us: the one that equals its own, or the only one."""
    tops = sorted(set(_imp_tops(asked["info"])))
    own = asked["name"].replace("-", "_")
    same = [top for top in tops if top.lower() == own]
    return same or (tops if len(tops) == 1 else [])


def _imp_tops(info):
    """The importable names at the top of a distribution, from top_level.txt or RECORD."""
    try:
        with open(os.path.join(info, "top_level.txt")) as file:
            return [line.strip() for line in file if line.strip() and not line.startswith("_")]
    except (OSError, UnicodeDecodeError):
        pass
    try:
        with open(os.path.join(info, "RECORD")) as file:
            paths = [line.rsplit(",", 2)[0] for line in file]
    except (OSError, UnicodeDecodeError):
        return []
    packages = [path.split("/")[0] for path in paths if path.count("/") == 1 and path.endswith("/__init__.py")]
    modules = [path[:-3] for path in paths if "/" not in path and path.endswith(".py")]
    return [name for name in packages + modules if name.isidentifier() and not name.startswith("_")]
