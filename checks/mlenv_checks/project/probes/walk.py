"""Walk a project's folder, nearest files first: its code, its notebooks, the modules it holds, and the projects within it."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SKIPPED = ("node_modules", "site-packages", "dist-packages", "__pycache__", "mlruns", "wandb", "dist", "build", "venv", "ml_env")
OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
MANIFESTS = (
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "environment.yml", "environment.yaml", "conda.yml",
    "conda.yaml",
)  # fmt: skip
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
COMPILED = (".so", ".pyd", ".pyx")
ASIDE = {
    "test", "tests", "testing", "unittests", "e2e", "doc", "docs", "documentation", "example", "examples", "sample", "samples",
    "fixtures", "testdata", "test_data", "benchmark", "benchmarks", "bench", "ci", "third_party", "thirdparty", "3rdparty",
    "vendor", "vendored", "_vendor", "extern", "external", "externals", "templates", "template", "legacy", "deprecated",
    "archive", "archived", "old", "backup", "contrib",
}  # fmt: skip
ASIDE_FILES = {"conftest.py", "setup.py", "noxfile.py", "fabfile.py", "toxfile.py", "versioneer.py", "tests.py"}
SIGNS_OF_AN_ENVIRONMENT = ("bin", "Scripts", "lib", "Lib")


def walk(project: str, most: int) -> "dict[str, Any]":
    """What the folder holds, as a dictionary; `most` is how many entries are looked at."""
    tree = {"code": [], "notebooks": [], "modules": {}, "projects": {}, "locks": [], "entries": 0, "complete": True}  # type: dict[str, Any]
    home = os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep))
    with_python = set()  # type: set[str]
    todo, seen = [("", False)], 0
    while seen < len(todo):
        folder, foreign = todo[seen]
        seen += 1
        if tree["entries"] > most:
            tree["complete"] = False
            break
        folders = _one_folder(project, folder, foreign, tree, with_python)
        if not home:
            todo += folders
    _name_packages(tree, with_python)
    return tree


def _one_folder(
    project: str, folder: str, foreign: bool, tree: "dict[str, Any]", with_python: "set[str]"
) -> "list[tuple[str, bool]]":
    """Sort the entries of one folder in; its own folders are for later."""
    try:
        entries = sorted(os.scandir(os.path.join(project, folder)), key=lambda entry: entry.name)
    except OSError:
        return []
    tree["entries"] += len(entries)
    folders = []
    for entry in entries:
        path = os.path.join(folder, entry.name)
        try:
            if entry.is_dir(follow_symlinks=False):
                folders += [(path, foreign or _is_foreign(entry.path))] if _is_own(entry.path, entry.name) else []
                _note_skipped(entry, folder, tree)
            else:
                _note_file(entry, path, folder, foreign, tree, with_python)
        except OSError:
            continue
    return folders


def _note_skipped(entry: "os.DirEntry[str]", folder: str, tree: "dict[str, Any]") -> None:
    """A folder that is passed over can be a package all the same: build/, dist/."""
    if entry.name in SKIPPED and os.path.isfile(os.path.join(entry.path, "__init__.py")):
        tree["modules"].setdefault(entry.name, []).append(folder)


def _note_file(
    entry: "os.DirEntry[str]", path: str, folder: str, foreign: bool, tree: "dict[str, Any]", with_python: "set[str]"
) -> None:
    stem, ending = os.path.splitext(entry.name)
    if ending == ".py":
        tree["modules"].setdefault(stem, []).append(folder)
        with_python.add(folder)
        if not foreign and entry.is_file(follow_symlinks=False):
            tree["code"].append((path, entry.stat(follow_symlinks=False).st_size))
    elif ending == ".ipynb" and not foreign and entry.is_file(follow_symlinks=False):
        tree["notebooks"].append((path, entry.stat(follow_symlinks=False).st_size))
    elif ending in COMPILED:
        tree["modules"].setdefault(stem.partition(".")[0], []).append(folder)
        with_python.add(folder)
    elif entry.is_symlink() and os.path.isdir(entry.path):
        tree["modules"].setdefault(entry.name, []).append(folder)
    if not folder and entry.name in LOCKS:
        tree["locks"].append(entry.name)
    if entry.name in MANIFESTS and not foreign:
        tree["projects"].setdefault(folder, []).append(entry.name)


def _is_own(path: str, name: str) -> bool:
    """Whether a folder can hold code of the project: no hidden one, no environment."""
    if name.startswith(".") or name in SKIPPED or name.endswith((".egg-info", ".dist-info")):
        return False
    if any(os.path.lexists(os.path.join(path, sign)) for sign in OF_ENVIRONMENTS):
        return False
    return not (name in ("env", "ENV") and any(os.path.isdir(os.path.join(path, sign)) for sign in SIGNS_OF_AN_ENVIRONMENT))


def _is_foreign(path: str) -> bool:
    """Whether a folder is another repository within this one: its modules count as known, its code is not judged."""
    return os.path.lexists(os.path.join(path, ".git"))


def _name_packages(tree: "dict[str, Any]", with_python: "set[str]") -> None:
    """Each folder with Python in it, at whatever depth, can be imported as a package from the folder that holds it."""
    named = set()
    for folder in with_python:
        while folder and folder not in named:
            named.add(folder)
            above, name = os.path.split(folder)
            tree["modules"].setdefault(name, []).append(above)
            folder = above


def is_aside(path: str) -> bool:
    """Whether a file is no part of the program itself: tests, documentation, examples, what is vendored or left behind."""
    parts = path.replace(os.sep, "/").split("/")
    name = parts[-1].lower()
    if name in ASIDE_FILES or name.startswith("test_") or name.endswith(("_test.py", "_tests.py")):
        return True
    return any(part.lower() in ASIDE or "{{" in part or part.lower().startswith(("test_", "tests_")) for part in parts[:-1])
