"""Which modules a project has itself, and which lie in folders above it or in those that its code adds to the path."""

import os
import re

from mlenv_doctor.probekit import file_bytes, open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ABOVE = 6
INSTALLED_BY = ("pyproject.toml", "setup.py", "setup.cfg")  # a list of requirements alone installs nothing of a folder
ROOTS = ("src", "lib", "libs", "python", "py")


def is_local(
    module: str,
    path: str,
    names: "tuple[str, ...]",
    project: str,
    tree: "dict[str, Any]",
    written: "dict[str, set[str]]",
    above: "list[str]",
) -> bool:
    """Whether a module is one of the project's own, in a folder from which the importing file can have it."""
    top = module.partition(".")[0]
    if top in written.get(path, ()) or any(_holds(folder, top) for folder in above):
        return True
    packages = tree["modules"].get("__init__", ())
    holders = [folder for folder in tree["modules"].get(top, ()) if _is_root(folder, path, tree)]
    holders = [folder for folder in holders if not _is_around(folder, module, path, names, project)]
    return any(
        not folder or folder not in packages or folder in tree["projects"] or _is_beside(folder, module, path, names, project)
        for folder in holders
    )


def _is_around(folder: str, module: str, path: str, names: "tuple[str, ...]", project: str) -> bool:
    """Whether a folder only happens to have the name of a library that a file in it uses: ray/train.py with `import ray`.

    Without a file __init__.py it is not a regular package: only modules inside it can be imported from it.
    """
    top, _, inner = module.partition(".")
    own = os.path.join(folder, top)
    if not path.startswith(own + os.sep) or os.path.isfile(os.path.join(project, own + ".py")):
        return False
    if os.path.isfile(os.path.join(project, own, "__init__.py")):
        return False
    asked = [inner.partition(".")[0]] if inner else list(names)
    if asked:
        return not any(_is_module(os.path.join(project, own, name)) for name in asked)
    some = re.compile(rb"^[ \t]*from[ \t]+%s[ \t]+import\b" % top.encode("utf-8", "replace"), re.M)
    return not some.search(file_bytes(os.path.join(project, path), 1 << 20))


def _is_module(path: str) -> bool:
    return os.path.isdir(path) or os.path.isfile(path + ".py")


def _is_beside(folder: str, module: str, path: str, names: "tuple[str, ...]", project: str) -> bool:
    """Whether a file of a package takes names from the module beside it, as it can where it is run as a script."""
    top, _, inner = module.partition(".")
    if os.path.dirname(path) != folder or path == os.path.join(folder, top + ".py"):
        return False
    beside = os.path.join(project, folder, top)
    asked = [inner.partition(".")[0]] if inner else list(names)
    if any(_is_module(os.path.join(beside, name)) for name in asked):
        return True
    file = beside + ".py" if os.path.isfile(beside + ".py") else os.path.join(beside, "__init__.py")
    try:
        with open_file(file) as opened:
            text = opened.read(1 << 20).decode("utf-8", "replace")
    except OSError:
        return False
    return any(name in text for name in names)


def _is_root(folder: str, path: str, tree: "dict[str, Any]") -> bool:
    """Whether Python looks in a folder: it is above the file, or where projects keep what is installed from them."""
    above = not folder or path.startswith(folder + os.sep)
    return above or os.path.basename(folder) in ROOTS or any(name in INSTALLED_BY for name in tree["projects"].get(folder, ()))


def folders_above(project: str) -> "list[str]":
    """The folders above a project that lie in the same repository: whoever runs a part of it may import the rest."""
    found = []  # type: list[str]
    folder = os.path.abspath(project)
    while len(found) < ABOVE and not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above in (folder, os.path.expanduser("~"), os.path.abspath(os.sep)):
            return []
        found.append(above)
        folder = above
    return (
        found + [os.path.join(each, "src") for each in found] if found and os.path.lexists(os.path.join(folder, ".git")) else []
    )


def in_added(top: str, words: "list[str]", path: str, project: str) -> bool:
    """Whether one of the folders that the code adds to the path holds a module."""
    bases = (os.path.join(project, os.path.dirname(path)), project)
    return any(_holds(os.path.join(base, word), top) for word in words[:40] for base in bases)


def _holds(folder: str, top: str) -> bool:
    """A module, or a folder with Python in it."""
    path = os.path.join(folder, top)
    if os.path.isfile(path + ".py") or os.path.isfile(os.path.join(path, "__init__.py")):
        return True
    try:
        return os.path.isdir(path) and any(name.endswith(".py") for name in os.listdir(path))
    except OSError:
        return False
