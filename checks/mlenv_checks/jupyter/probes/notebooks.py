"""Read which notebooks a project has, which kernels they name, and what they import. Nothing of them is executed."""

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MOST_NOTEBOOKS = 200  # notebooks
LARGEST = 2 << 20  # bytes of one: a larger one is full of pictures
MOST_ENTRIES = 20000  # files and folders that are looked at
DEEPEST = 6
FOREIGN_FOLDERS = ("node_modules", "site-packages", "venv", "env", "ml_env", "__pycache__")
WIDGETS = ("ipywidgets", "tqdm.notebook", "tqdm.tqdm_notebook")


def project_notebooks(project: str) -> "list[dict[str, Any]]":
    """The notebooks that name a kernel for Python, each as a dictionary."""
    found = []
    for path in _notebook_files(project):
        read = _read_notebook(path)
        if read:
            read["path"] = os.path.relpath(path, project)
            found.append(read)
    return found


def _notebook_files(project: str) -> "list[str]":
    """The notebooks of a project; not those of environments, packages, and other repositories within it.

    A home folder is no project: there only what lies in it directly counts.
    """
    deep = 0 if os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep)) else DEEPEST
    notebooks, seen = [], 0
    for folder, folders, files in os.walk(project):
        seen += len(folders) + len(files)
        depth = 0 if folder == project else os.path.relpath(folder, project).count(os.sep) + 1
        folders[:] = sorted(name for name in folders if depth < deep and _is_own(os.path.join(folder, name)))
        notebooks += [os.path.join(folder, name) for name in sorted(files) if name.endswith(".ipynb") and name[0] != "."]
        if len(notebooks) >= MOST_NOTEBOOKS or seen > MOST_ENTRIES:
            break
    return notebooks[:MOST_NOTEBOOKS]


def _is_own(folder: str) -> bool:
    """Whether a folder belongs to the project itself."""
    name = os.path.basename(folder)
    if name.startswith(".") or name in FOREIGN_FOLDERS:
        return False
    return not any(os.path.lexists(os.path.join(folder, sign)) for sign in ("pyvenv.cfg", "conda-meta", ".git"))


def _read_notebook(path: str) -> "dict[str, Any] | None":
    """Kernel and imports of one notebook; None for one that names no kernel, or one of another language."""
    import stat

    try:
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode) or info.st_size > LARGEST:
            return None
        with open(path, "rb") as file:
            data = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    said = _table(_table(data).get("metadata"))
    spec = _table(said.get("kernelspec"))
    name = spec.get("name")
    if not isinstance(name, str) or not name or not _is_python(spec, _table(said.get("language_info"))):
        return None
    return dict(_imports(_cell_sources(data)), kernel=name[:100])


def _table(value: "Any") -> "dict[str, Any]":
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def _is_python(spec: "dict[str, Any]", language: "dict[str, Any]") -> bool:
    """Whether a notebook's kernel is one for Python."""
    said = spec.get("language") or language.get("name") or spec["name"]
    return isinstance(said, str) and said.lower().startswith(("python", "ipython"))


def _cell_sources(data: "dict[str, Any]") -> "Iterator[str]":
    """The text of each cell with code; version 3 of the format kept cells in worksheets, and named no kernel."""
    cells = data.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source")
            lines = source if isinstance(source, list) else [source]
            yield "".join(line for line in lines if isinstance(line, str))


def _imports(sources: "Iterable[str]") -> "dict[str, Any]":
    """What is imported without a condition, and whether something is installed: both only where a line begins with it."""
    import re

    names: "set[str]" = set()
    installs = False
    for source in sources:
        magic = re.match(r"\s*%%(\w+)", source)
        if magic and magic.group(1) not in ("time", "timeit", "capture", "prun"):
            continue  # a cell in another language
        installs = installs or bool(re.search(r"^\s*[!%]\s*(\S*pip3?|conda|mamba|uv|\S*python3?\s+-m\s+pip)\s", source, re.M))
        for line in re.findall(r"^import[ \t]+([\w., \t]+?)[ \t]*(?:[#;].*)?$", source, re.M):
            names.update(part.split()[0] for part in line.split(",") if part.strip())
        for module, what in re.findall(r"^from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]+\(?[ \t]*(\w+)?", source, re.M):
            names.update((module, module + "." + what if what else module))
    return {
        "imports": sorted({name.partition(".")[0] for name in names}),
        "installs": installs,
        "widgets": any(name == one or name.startswith(one + ".") for name in names for one in WIDGETS),
    }
