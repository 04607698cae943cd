"""Import one library for real and say what came of it. The working directory is not on the path: nothing of it runs."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_imports(question: "dict[str, Any]") -> "dict[str, Any]":
    """Import one library, module by module, until one fails."""
    import time

    asked = question["import"]
    names = asked["modules"] or _import_names(asked)
    said = {"name": asked["name"], "outcome": "not-run", "module": names[0] if names else ""}
    if names and _is_own_code(names[0], asked.get("info", ""), question["project"]):
        return {"libraries": [dict(said, outcome="own")]}
    started = time.time()
    for name in names:
        try:
            _import(name)
        except BaseException as why:  # SystemExit and KeyboardInterrupt, too
            return {"libraries": [dict(said, **_failure(name, why, time.time() - started))]}
    if names:
        said.update(_success(names[0], time.time() - started))
    return {"libraries": [said]}


def _is_own_code(name: str, info: str, project: str) -> bool:
    """Whether an import would run the project's own code: by an editable install or PYTHONPATH it can be on the path.

    What was installed into a folder of the project (its environment, or one made by `pip install --target`) is no such code.
    """
    from importlib.util import find_spec

    try:
        found: "Any" = find_spec(name.partition(".")[0])
        origin = str(os.path.realpath(found.origin))
    except Exception:  # what cannot be found, or has no file, says more when it is imported
        return False
    installed = [sys.prefix] + ([os.path.dirname(info)] if info.endswith(".dist-info") else [])
    here, *others = (os.path.join(os.path.realpath(folder), "") for folder in [project, *installed])
    return origin.startswith(here) and not origin.startswith(tuple(others)) and "-packages" not in origin


def _import(name: str) -> None:
    """Import a module, or the module before the last dot and an attribute of it (as in pydantic.BaseModel)."""
    from importlib import import_module

    parent, _, last = name.rpartition(".")
    if parent and last[:1].isupper():
        getattr(import_module(parent), last)
    else:
        import_module(name)


def _success(name: str, seconds: float) -> "dict[str, Any]":
    """What is told of a library that could be imported."""
    top = sys.modules.get(name.partition(".")[0])
    version = getattr(top, "__version__", "")
    return {
        "outcome": "ok",
        "seconds": seconds,
        "file": str(getattr(top, "__file__", "") or ""),
        "version": version if isinstance(version, str) else "",
    }


def _failure(name: str, why: "BaseException", seconds: float) -> "dict[str, Any]":
    """What is told of an import that failed: the error, where it was raised, and the traceback."""
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
        "message": lines[-1][:20000] if lines else "",
        "file": ([file for file in files if "-packages" in file] or files or [""])[-1],
        "detail": text[-40000:],
        "instead": _built_for_another(why),
    }


def _built_for_another(why: "BaseException | None") -> str:
    """The file of a compiled module that was not found, where there is one for another Python or another machine; else empty."""
    while why is not None:
        if isinstance(why, ImportError) and why.name:
            found = _compiled_files(why.name)
            if found:
                return found[0]
        why = why.__cause__ or why.__context__
    return ""


def _compiled_files(name: str) -> "list[str]":
    """The compiled files of a module in its package, none of which this Python can load."""
    from importlib.machinery import EXTENSION_SUFFIXES
    from importlib.util import find_spec

    top, *parts = name.split(".")
    try:
        found: "Any" = find_spec(top)
        folders = found.submodule_search_locations or []
        files = sorted(file for folder in folders for file in os.listdir(os.path.join(folder, *parts[:-1])))
    except Exception:  # whatever finding it does
        return []
    built = [file for file in files if parts and file.startswith(parts[-1] + ".") and file.endswith((".so", ".pyd"))]
    return [] if any(file == parts[-1] + suffix for file in built for suffix in EXTENSION_SUFFIXES) else built


def _import_names(asked: "dict[str, Any]") -> "list[str]":
    """The top-level name of a distribution that nobody told us: the one that equals its own, or the only one."""
    tops = sorted(set(_top_level_names(asked["info"])))
    own = asked["name"].replace("-", "_")
    same = [top for top in tops if top.lower() == own]
    return same or (tops if len(tops) == 1 else [own] if not tops and _can_be_found(own) else [])


def _can_be_found(name: str) -> bool:
    """Whether a name can be imported at all: an editable install lists no files of its own."""
    from importlib.util import find_spec

    try:
        return find_spec(name) is not None
    except Exception:
        return False


def _top_level_names(info: str) -> "list[str]":
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
