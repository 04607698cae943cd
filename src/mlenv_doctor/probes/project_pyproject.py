"""Read what pyproject.toml and Pipfile declare: the standard tables, and those of uv, Poetry, PDM and Pipenv."""


def _prt_pyproject(path, said):
    tables, places = _prf_toml(path, said)
    _prt_cpu_index(places, path, said)
    project, tool = _prf_table(tables, "project"), _prf_table(tables, "tool")
    poetry = _prf_table(tool, "poetry")
    said["name"] = str(project.get("name") or poetry.get("name", ""))
    if isinstance(project.get("requires-python"), str):
        _prt_requires_python(project["requires-python"], path, _prf_place(places, "project", "requires-python"), said)
    overrides = _prf_list(_prf_table(tool, "uv"), "override-dependencies")
    _prt_listed(_prf_list(project, "dependencies"), "project", "", path, places, said)
    for each in said["requirements"]:
        each["text"] = _prt_overridden(each["text"], overrides)
    _prt_listed(overrides, "tool.uv", "", path, places, said, "limits")
    _prt_groups(project, tables, path, places, said)
    _prt_dynamic(project, tool, path, said)
    _prt_poetry(poetry, path, places, said)


def _prt_cpu_index(places, path, said):
    if any(_PRR_CPU_INDEX in text for _, text in places):
        said["cpu_index"] = path


def _prt_listed(texts, table, group, path, places, said, into="requirements"):
    """A list of requirements (PEP 508); the tables in it name other groups, which are read on their own."""
    for text in texts:
        if isinstance(text, str):
            _prr_add(text, path, _prf_place(places, table, text), said, into, group)


def _prt_overridden(text, overrides):
    """A requirement without its version, where uv is told to go by another one."""
    import re

    from packaging.utils import canonicalize_name

    found = [re.match(r"[\w.-]+", str(each).strip()) for each in [text, *overrides]]
    names = [canonicalize_name(each.group()) for each in found if each]
    marker = text.partition(";")[2]
    return (names[0] + ("; " + marker.strip() if marker else "")) if names[0] in names[1:] else text


def _prt_groups(project, tables, path, places, said):
    """Extras (PEP 621), groups (PEP 735), and the groups and limits of uv and PDM."""
    uv, pdm = _prf_table(tables, "tool", "uv"), _prf_table(tables, "tool", "pdm")
    kinds = [
        ("extra %s", "project.optional-dependencies", _prf_table(project, "optional-dependencies")),
        ("group %s", "dependency-groups", _prf_table(tables, "dependency-groups")),
        ("group %s", "tool.pdm.dev-dependencies", _prf_table(pdm, "dev-dependencies")),
        ("group dev", "tool.uv", {"": uv.get("dev-dependencies")}),
    ]
    for kind, table, groups in kinds:
        for name in groups:
            group = kind % name if "%" in kind else kind
            _prt_listed(_prf_list(groups, name), table, group, path, places, said, "grouped")
    _prt_listed(_prf_list(uv, "constraint-dependencies"), "tool.uv", "", path, places, said, "limits")


def _prt_dynamic(project, tool, path, said):
    """Requirements files that setuptools is told to take the dependencies from."""
    if "dependencies" in _prf_list(project, "dynamic"):
        files = _prf_table(tool, "setuptools", "dynamic", "dependencies").get("file", [])
        for name in [files] if isinstance(files, str) else files if isinstance(files, list) else []:
            _prr_file(os.path.normpath(os.path.join(os.path.dirname(path), str(name))), said)


def _prt_poetry(poetry, path, places, said):
    """The tables of Poetry: what everybody needs, and the groups."""
    table = "tool.poetry.dependencies"
    wanted = _prf_table(poetry, "dependencies")
    if not said.get("requires_python"):
        specifier = _prt_caret(_prt_version(wanted.get("python")), True)
        if specifier:
            _prt_requires_python(specifier, path, _prf_place(places, table, "python"), said)
    _prt_versions(wanted, table, "", path, places, said)
    _prt_versions(_prf_table(poetry, "dev-dependencies"), "tool.poetry.dev-dependencies", "group dev", path, places, said)
    for name, group in _prf_table(poetry, "group").items():
        if isinstance(group, dict):
            where = "tool.poetry.group.%s.dependencies" % name
            _prt_versions(_prf_table(group, "dependencies"), where, "group %s" % name, path, places, said)


def _prt_pipfile(path, said):
    """The file of Pipenv: bare versions do not occur in it, everything else is as in Poetry's tables."""
    tables, places = _prf_toml(path, said)
    _prt_cpu_index(places, path, said)
    requires = _prf_table(tables, "requires")
    version = requires.get("python_full_version") or requires.get("python_version")
    if isinstance(version, str) and not said.get("requires_python"):
        key = "python_full_version" if "python_full_version" in requires else "python_version"
        _prt_requires_python(_prt_caret(version, True), path, _prf_place(places, "requires", key), said)
    _prt_versions(_prf_table(tables, "packages"), "packages", "", path, places, said)
    _prt_versions(_prf_table(tables, "dev-packages"), "dev-packages", "group dev", path, places, said)


def _prt_versions(wanted, table, group, path, places, said):
    """A table of names and versions. Several versions of one are for several Pythons."""
    for name, what in wanted.items():
        several = [each for each in what if isinstance(each, dict)] if isinstance(what, list) else None
        for each in [what if isinstance(what, dict) else {"version": what}] if several is None else several:
            text = None if name == "python" else _prt_requirement(name, each)
            if text is not None:
                extra = "extra " if each.get("optional") is True and not group else group
                into = "grouped" if extra else "requirements"
                _prr_add(text, path, _prf_place(places, table, name), said, into, extra.strip())


def _prt_requirement(name, what):
    """One entry as PEP 508 says it; None where it cannot: a folder, a choice of versions."""
    address = what.get("git") or what.get("url") or what.get("file")
    specifier = "" if isinstance(address, str) else _prt_caret(_prt_version(what))
    if specifier is None or "path" in what:
        return None
    markers = [_prt_marker(key, value) for key, value in what.items()]
    if None in markers:
        return None
    extras = ",".join(str(extra) for extra in _prf_list(what, "extras"))
    place = (" @ git+" if "git" in what else " @ ") + address.replace(" ", "") if isinstance(address, str) else ""
    markers = [marker for marker in markers if marker]
    marker = " and ".join("(%s)" % marker for marker in markers) if len(markers) > 1 else "".join(markers)
    gap = " ; " if place else "; "
    return name + ("[%s]" % extras if extras else "") + (place or specifier) + (gap + marker if marker else "")


def _prt_marker(key, value):
    """What one field of an entry says about where it applies; empty where nothing, None where it cannot be said in PEP 508."""
    if key == "python":
        bounds = _prt_caret(value)
        return None if bounds is None else " and ".join(_prt_bound(bound) for bound in bounds.split(",") if bound)
    if key == "platform":
        return None if not isinstance(value, str) or "|" in value else "sys_platform == '%s'" % value
    if key == "markers":
        return value if isinstance(value, str) else None
    of_pipenv = key in ("sys_platform", "platform_machine", "os_name", "platform_system", "python_version")
    return "%s %s" % (key, value) if of_pipenv and isinstance(value, str) else ""


def _prt_bound(bound):
    import re

    operator, version = re.match(r"([<>=!~]*)\s*(.*)", bound).groups()
    name = "python_full_version" if version.count(".") > 1 and "*" not in version else "python_version"
    return "%s %s '%s'" % (name, operator or "==", version.replace(".*", "") if name == "python_version" else version)


def _prt_version(what):
    return what.get("version", "*" if len(what) else None) if isinstance(what, dict) else what


def _prt_caret(version, of_python=False):
    """Poetry's ^1.2 and ~1.2 as PEP 440: up to the next change of the first part that is not zero.

    None for what has no version (a path, an address, one for each Python) or several to choose from, which PEP 440 cannot say.
    A bare version of Python means all its patches.
    """
    if not isinstance(version, str) or "|" in version or len(version) > 200:
        return None
    parts = []
    for part in version.split(","):
        part = part.strip()
        if part[:1] in ("^", "~") and part[:2] != "~=":
            parts += _prt_up_to(part[0], part[1:].strip())
        elif part and part != "*":
            minor = ".*" if of_python and part.count(".") < 2 else ""
            parts.append(part if part[0] in "<>=!~" else "==" + part + minor)
    return ",".join(parts)


def _prt_up_to(sign, version):
    """From a version up to the next one that may break: ^0.2.3 is >=0.2.3,<0.3 and ~1.2 is >=1.2,<1.3."""
    numbers = [int(n) for n in version.split(".") if n.isdecimal()]
    if not numbers:
        return []
    first = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
    place = first if sign == "^" else min(1, len(numbers) - 1)
    return [">=" + version, "<" + ".".join(str(n) for n in [*numbers[:place], numbers[place] + 1])]


def _prt_requires_python(text, path, line, said):
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text or "" if len(text or "") < 200 else "too long")
    except InvalidSpecifier:
        return _prf_bad(said, path, line, "requires-python is no version specifier")
    if text:
        said.update(requires_python=text, requires_python_file=path, requires_python_line=line)
