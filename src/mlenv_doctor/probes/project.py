"""Read what a project declares: its name, its Python, and its requirements with file and line."""

# Where PyTorch's builds for the CPU are kept: whoever names it wants those (https://pytorch.org/get-started/locally/).
_PRO_CPU_INDEX = "/whl/cpu"
_PRO_INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
)


def read_project(question):
    project = question["project"]
    said = {"root": project, "requirements": [], "unreadable": [], "cpu_index": _pro_cpu_index_of_shell()}
    _pro_pyproject(os.path.join(project, "pyproject.toml"), said)
    try:
        names = sorted(os.listdir(project))
    except OSError:
        names = []
    for name in _pro_chosen(name for name in names if _pro_is_requirements(name)):
        _pro_requirements(os.path.join(project, name), said, set())
    if not said.get("requires_python"):
        _pro_python_version(os.path.join(project, ".python-version"), said)
    return said


def _pro_cpu_index_of_shell():
    """The variable that sends every installation to the builds for the CPU; empty where none does."""
    names = (name for name in _PRO_INDEX_VARIABLES if _PRO_CPU_INDEX in os.environ.get(name, ""))
    backend = "UV_TORCH_BACKEND" if os.environ.get("UV_TORCH_BACKEND") == "cpu" else ""
    return next(names, backend)


def _pro_is_requirements(name):
    """requirements.txt and its like; not those for development, tests or documentation, nor constraints."""
    import re

    return bool(re.fullmatch(r"requirements([-_.](base|main|prod|production|core|ml|gpu|cpu|all))?\.txt", name, re.I))


def _pro_chosen(names):
    """The files that everybody needs. Where there are several, those for a CPU or a GPU are alternatives: nobody needs both."""
    names = list(names)
    plain = [name for name in names if name.lower() == "requirements.txt"]
    return plain or (names if len(names) == 1 else [name for name in names if name[-7:-4].lower() not in ("cpu", "gpu")])


def _pro_text(path, said):
    """The text of a regular file of sensible size; None where there is none, and why where it cannot be read."""
    import stat

    try:
        info = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_size > 1 << 20:
        said["unreadable"].append({"file": path, "line": 0, "reason": "not a regular file of at most 1 MiB"})
        return None
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as why:
        said["unreadable"].append({"file": path, "line": 0, "reason": why.strerror or "cannot be read"})
        return None
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        said["unreadable"].append({"file": path, "line": 0, "reason": "not UTF-8"})
    return data.decode("latin-1")  # what matters in it is ASCII in every code page


def _pro_pyproject(path, said):
    text = _pro_text(path, said)
    if text is None:
        return
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    try:
        tables = tomllib.loads(text)
    except ValueError as why:
        said["unreadable"].append({"file": path, "line": 0, "reason": "not valid TOML: %s" % why})
        return
    lines = text.split("\n")
    if any(_PRO_CPU_INDEX in line.partition("#")[0] for line in lines):
        said["cpu_index"] = path
    project = tables.get("project")
    if isinstance(project, dict):
        _pro_standard(project, path, lines, said)
    poetry = tables.get("tool", {}).get("poetry") if isinstance(tables.get("tool"), dict) else None
    if isinstance(poetry, dict):
        _pro_poetry(poetry, path, lines, said)


def _pro_standard(project, path, lines, said):
    """The table [project] (PEP 621)."""
    said["name"] = str(project.get("name", ""))
    if isinstance(project.get("requires-python"), str):
        _pro_requires_python(project["requires-python"], path, _pro_line(lines, "requires-python"), said)
    wanted = project.get("dependencies", [])
    for text in wanted if isinstance(wanted, list) else []:
        _pro_add(str(text), path, _pro_line(lines, str(text)), said)


def _pro_poetry(poetry, path, lines, said):
    """The table [tool.poetry.dependencies], with its own notation for versions."""
    said["name"] = said.get("name") or str(poetry.get("name", ""))
    wanted = poetry.get("dependencies", {})
    for name, what in wanted.items() if isinstance(wanted, dict) else []:
        what = what if isinstance(what, dict) else {"version": what}
        specifier = _pro_caret(what.get("version"), name == "python")
        if name == "python":
            if specifier and not said.get("requires_python"):
                _pro_requires_python(specifier, path, _pro_line(lines, "python"), said)
        elif specifier is not None and not {"optional", "python", "platform"}.intersection(what):
            marker = "; " + what["markers"] if isinstance(what.get("markers"), str) else ""
            _pro_add(name + specifier + marker, path, _pro_line(lines, name), said)


def _pro_caret(version, of_python=False):
    """Poetry's ^1.2 and ~1.2 as PEP 440: up to the next change of the first part that is not zero.

    None for what has no version (a path, an address, one for each Python) or several to choose from, which PEP 440 cannot say.
    A bare version of Python means all its patches.
    """
    if not isinstance(version, str) or "|" in version:
        return None
    parts = []
    for part in version.split(","):
        part = part.strip()
        if part[:1] in "^~" and part[:2] != "~=":
            numbers = [int(n) for n in part[1:].strip().split(".") if n.isdigit()]
            place = (
                next((i for i, n in enumerate(numbers) if n), len(numbers) - 1) if part[0] == "^" else min(1, len(numbers) - 1)
            )
            upper = [*numbers[:place], numbers[place] + 1] if numbers else []
            parts += [">=" + part[1:].strip(), "<" + ".".join(str(n) for n in upper)] if upper else []
        elif part and part != "*":
            minor = ".*" if of_python and part.count(".") < 2 else ""
            parts.append(part if part[0] in "<>=!~" else "==" + part + minor)
    return ",".join(parts)


def _pro_requires_python(text, path, line, said):
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        said["unreadable"].append({"file": path, "line": line, "reason": "requires-python is no version specifier"})
        return
    said.update(requires_python=text, requires_python_file=path, requires_python_line=line)


def _pro_python_version(path, said):
    """A .python-version may hold several lines, or the name of an environment: only numbers count."""
    import re

    text = _pro_text(path, said) or ""
    for number, line in enumerate(text.splitlines(), 1):
        if re.fullmatch(r"\d+\.\d+(\.\d+)?", line.strip()):
            minor = ".".join(line.strip().split(".")[:2])
            said.update(requires_python="==%s.*" % minor, requires_python_file=path, requires_python_line=number)
            return


def _pro_requirements(path, said, seen):
    """A requirements file of pip, with those that it includes."""
    if path in seen or len(seen) > 20:
        return
    seen.add(path)
    text = _pro_text(path, said)
    for number, line in _pro_logical_lines(text or ""):
        option, _, value = line.partition(" ")
        if option in ("-r", "--requirement") or line.startswith(("-r", "--requirement=")):
            included = value.strip() or line.replace("--requirement=", "").replace("-r", "", 1).strip()
            _pro_include(os.path.normpath(os.path.join(os.path.dirname(path), included)), path, number, said, seen)
        elif not line.startswith("-"):
            _pro_add(line.split(" --")[0].strip(), path, number, said)
        elif _PRO_CPU_INDEX in line:
            said["cpu_index"] = path


def _pro_include(other, path, number, said, seen):
    """A requirements file that another one includes; one on the network is not read."""
    if os.path.exists(other):
        _pro_requirements(other, said, seen)
    elif "://" not in other and ":/" not in other:
        said["unreadable"].append({"file": path, "line": number, "reason": "includes %s, which does not exist" % other})


def _pro_logical_lines(text):
    """Lines with their numbers, without comments, continued lines joined."""
    import re

    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if joined else number
        joined += re.sub(r"(^|\s)#.*$", "", line)
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined.strip():
            yield first, joined.strip()
        joined = ""
    if joined.strip():
        yield first, joined.strip()


def _pro_add(text, path, line, said):
    """One requirement, where it can be understood; a path or an address without a name is not judged."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    if text.partition(";")[0].strip().endswith((".whl", ".tar.gz", ".zip")) and "@" not in text:
        return
    try:
        parsed = Requirement(text)
    except InvalidRequirement as why:
        if text.startswith(".") or any(mark in text for mark in ("/", "\\", "${")):
            return
        reason = str(why).splitlines()[0]
        said["unreadable"].append({"file": path, "line": line, "reason": "not a requirement: %s" % reason})
        return
    if canonicalize_name(parsed.name) != canonicalize_name(said.get("name", "")):  # its own extras are nothing to install
        said["requirements"].append({"text": text, "file": path, "line": line})


def _pro_line(lines, text):
    """The first line that holds a text, between quotes or at the beginning where there is such a one; 0 where none does."""
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if text in line]
    whole = (number for number, line in found if line.startswith(text) or any(q + text + q in line for q in "'\""))
    return next(whole, found[0][0] if found else 0)
