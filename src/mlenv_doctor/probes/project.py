"""Read what a project declares: its name, its Python, and its requirements with file and line."""

_PRO_INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
)
_PRO_MAIN = r"requirements([-_.](base|main|prod|production|core|ml|gpu|cpu|all))?\.txt"
_PRO_MAIN_WITHIN = r"(base|main|prod|production|core|common|requirements)\.txt"
_PRO_GROUP = r"(?:requirements[-_.])?(dev|develop|development|tests?|testing|docs?|lint)(?:[-_.]requirements)?\.txt"


def read_project(question):
    project = question["project"]
    said = {"root": project, "unreadable": [], "cpu_index": _pro_cpu_index_of_shell(), "seen": set()}
    said.update({"requirements": [], "grouped": [], "limits": [], "conda": []})
    _prt_pyproject(os.path.join(project, "pyproject.toml"), said)
    _prt_pipfile(os.path.join(project, "Pipfile"), said)
    _pro_requirements(project, said)
    _pro_conda(project, question, said)
    if not said.get("requires_python"):
        _pro_python_version(os.path.join(project, ".python-version"), said)
    del said["seen"]
    return said


def _pro_cpu_index_of_shell():
    """The variable that sends every installation to the builds for the CPU; empty where none does."""
    names = (name for name in _PRO_INDEX_VARIABLES if _PRR_CPU_INDEX in os.environ.get(name, ""))
    backend = "UV_TORCH_BACKEND" if os.environ.get("UV_TORCH_BACKEND") == "cpu" else ""
    return next(names, backend)


def _pro_requirements(project, said):
    """The requirements files: what everybody needs first, then what is for development, tests or documentation only."""
    inner = os.path.join(project, "requirements")
    top, within = _pro_names(project), _pro_names(inner)
    main = [os.path.join(project, name) for name in _pro_chosen(name for name in top if _pro_is(_PRO_MAIN, name))]
    main = main or [os.path.join(inner, name) for name in within if _pro_is(_PRO_MAIN_WITHIN, name)]
    for path in main:
        _prr_file(path, said)
    for folder, names in ((project, top), (inner, within)):
        for name in names:
            found = _pro_is(_PRO_GROUP, name)
            if found and (folder == inner or "requirements" in name.lower()):
                _prr_file(os.path.join(folder, name), said, "grouped", "group " + found.group(1).lower())


def _pro_names(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _pro_is(pattern, name):
    import re

    return re.fullmatch(pattern, name, re.I)


def _pro_chosen(names):
    """The files that everybody needs. Where there are several, those for a CPU or a GPU are alternatives: nobody needs both."""
    names = list(names)
    plain = [name for name in names if name.lower() == "requirements.txt"]
    return plain or (names if len(names) == 1 else [name for name in names if name[-7:-4].lower() not in ("cpu", "gpu")])


def _pro_conda(project, question, said):
    """An environment.yml speaks for an environment of conda; for another one only where nothing else does."""
    of_conda = os.path.isdir(os.path.join(question.get("prefix") or project, "conda-meta"))
    if of_conda or not said["requirements"]:
        names = (name for name in _PRY_NAMES if os.path.exists(os.path.join(project, name)))
        name = next(names, None)
        if name:
            _pry_environment(os.path.join(project, name), said)


def _pro_python_version(path, said):
    """A .python-version may hold several lines, or the name of an environment: only numbers count."""
    import re

    text = _prf_text(path, said) or ""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.fullmatch(r"(?:cpython[-@]?)?([0-9]\.[0-9]{1,2})(\.[0-9]{1,3})?t?", line.partition("#")[0].strip())
        if found:
            said.update(requires_python="==%s.*" % found.group(1), requires_python_file=path, requires_python_line=number)
            return
