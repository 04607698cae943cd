"""Read which notebooks a project has, which kernels they name, and what they import. Nothing of them is executed."""

_NB_MOST = 200  # notebooks
_NB_LARGEST = 2 << 20  # bytes of one: a larger one is full of pictures
_NB_ENTRIES = 20000  # files and folders that are looked at
_NB_DEPTH = 6
_NB_SKIPPED = ("node_modules", "site-packages", "venv", "env", "ml_env", "__pycache__")
_NB_WIDGETS = ("ipywidgets", "tqdm.notebook", "tqdm.tqdm_notebook")


def _nb_all(project):
    """The notebooks that name a kernel for Python, each as a dictionary."""
    found = []
    for path in _nb_files(project):
        read = _nb_read(path)
        if read:
            read["path"] = os.path.relpath(path, project)
            found.append(read)
    return found


def _nb_files(project):
    """The notebooks of a project; not those of environments, packages, and other repositories within it.

    A home folder is no project: there only what lies in it directly counts.
    """
    deep = 0 if os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep)) else _NB_DEPTH
    notebooks, seen = [], 0
    for folder, folders, files in os.walk(project):
        seen += len(folders) + len(files)
        depth = 0 if folder == project else os.path.relpath(folder, project).count(os.sep) + 1
        folders[:] = sorted(name for name in folders if depth < deep and _nb_own(os.path.join(folder, name)))
        notebooks += [os.path.join(folder, name) for name in sorted(files) if name.endswith(".ipynb") and name[0] != "."]
        if len(notebooks) >= _NB_MOST or seen > _NB_ENTRIES:
            break
    return notebooks[:_NB_MOST]


def _nb_own(folder):
    """Whether a folder belongs to the project itself."""
    name = os.path.basename(folder)
    if name.startswith(".") or name in _NB_SKIPPED:
        return False
    return not any(os.path.lexists(os.path.join(folder, sign)) for sign in ("pyvenv.cfg", "conda-meta", ".git"))


def _nb_read(path):
    """Kernel and imports of one notebook; None for one that names no kernel, or one of another language."""
    import stat

    try:
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode) or info.st_size > _NB_LARGEST:
            return None
        with open(path, "rb") as file:
            data = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    said = _nb_table(_nb_table(data).get("metadata"))
    spec = _nb_table(said.get("kernelspec"))
    name = spec.get("name")
    if not isinstance(name, str) or not name or not _nb_is_python(spec, _nb_table(said.get("language_info"))):
        return None
    return dict(_nb_code(_nb_sources(data)), kernel=name[:100])


def _nb_table(value):
    return value if isinstance(value, dict) else {}


def _nb_is_python(spec, language):
    said = spec.get("language") or language.get("name") or spec["name"]
    return isinstance(said, str) and said.lower().startswith(("python", "ipython"))


def _nb_sources(data):
    """The text of each cell with code; version 3 of the format kept cells in worksheets, and named no kernel."""
    cells = data.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source")
            lines = source if isinstance(source, list) else [source]
            yield "".join(line for line in lines if isinstance(line, str))


def _nb_code(sources):
    """What is imported without a condition, and whether something is installed: both only where a line begins with it."""
    import re

    names, installs = set(), False
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
        "widgets": any(name == one or name.startswith(one + ".") for name in names for one in _NB_WIDGETS),
    }
