"""Read what pyproject.toml and Pipfile declare: the standard tables, and those of uv, Poetry, PDM and Pipenv."""

import os

from mlenv_doctor.patient.probes.project_files import line_of, list_in, note_unreadable, read_toml, table_in
from mlenv_doctor.patient.probes.project_requirements import CPU_INDEX, add_requirement, add_requirements_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mlenv_doctor.patient.probes.project_files import Places


def add_pyproject(path: str, said: "dict[str, Any]") -> None:
    """Add what a pyproject.toml declares."""
    tables, places = read_toml(path, said)
    _add_cpu_index(places, path, said)
    project, tool = table_in(tables, "project"), table_in(tables, "tool")
    poetry = table_in(tool, "poetry")
    said["name"] = str(project.get("name") or poetry.get("name", ""))
    if isinstance(project.get("requires-python"), str):
        add_requires_python(project["requires-python"], path, line_of(places, "project", "requires-python"), said)
    overrides = list_in(table_in(tool, "uv"), "override-dependencies")
    _add_listed(list_in(project, "dependencies"), "project", "", path, places, said)
    for each in said["requirements"]:
        each["text"] = _without_overridden_version(each["text"], overrides)
    _add_listed(overrides, "tool.uv", "", path, places, said, "limits")
    _add_groups(project, tables, path, places, said)
    _add_dynamic(project, tool, path, said)
    _add_poetry(poetry, path, places, said)


def _add_cpu_index(places: "Places", path: str, said: "dict[str, Any]") -> None:
    """Note that the file names the index of PyTorch's CPU builds."""
    if any(CPU_INDEX in text for _, text in places):
        said["cpu_index"] = path


def _add_listed(
    texts: "list[Any]",
    table: str,
    group: str,
    path: str,
    places: "Places",
    said: "dict[str, Any]",
    into: str = "requirements",
) -> None:
    """A list of requirements (PEP 508); the tables in it name other groups, which are read on their own."""
    for text in texts:
        if isinstance(text, str):
            add_requirement(text, path, line_of(places, table, text), said, into, group)


def _without_overridden_version(text: str, overrides: "list[Any]") -> str:
    """A requirement without its version, where uv is told to go by another one."""
    import re

    from packaging.utils import canonicalize_name

    found = [re.match(r"[\w.-]+", str(each).strip()) for each in [text, *overrides]]
    names = [canonicalize_name(each.group()) for each in found if each]
    marker = text.partition(";")[2]
    return (names[0] + ("; " + marker.strip() if marker else "")) if names[0] in names[1:] else text


def _add_groups(project: "dict[str, Any]", tables: "dict[str, Any]", path: str, places: "Places", said: "dict[str, Any]") -> None:
    """Extras (PEP 621), groups (PEP 735), and the groups and limits of uv and PDM."""
    uv, pdm = table_in(tables, "tool", "uv"), table_in(tables, "tool", "pdm")
    kinds = [
        ("extra %s", "project.optional-dependencies", table_in(project, "optional-dependencies")),
        ("group %s", "dependency-groups", table_in(tables, "dependency-groups")),
        ("group %s", "tool.pdm.dev-dependencies", table_in(pdm, "dev-dependencies")),
        ("group dev", "tool.uv", {"": uv.get("dev-dependencies")}),
    ]
    for kind, table, groups in kinds:
        for name in groups:
            group = kind % name if "%" in kind else kind
            _add_listed(list_in(groups, name), table, group, path, places, said, "grouped")
    _add_listed(list_in(uv, "constraint-dependencies"), "tool.uv", "", path, places, said, "limits")


def _add_dynamic(project: "dict[str, Any]", tool: "dict[str, Any]", path: str, said: "dict[str, Any]") -> None:
    """Requirements files that setuptools is told to take the dependencies from."""
    if "dependencies" in list_in(project, "dynamic"):
        files = table_in(tool, "setuptools", "dynamic", "dependencies").get("file", [])
        for name in [files] if isinstance(files, str) else files if isinstance(files, list) else []:
            add_requirements_file(os.path.normpath(os.path.join(os.path.dirname(path), str(name))), said)


def _add_poetry(poetry: "dict[str, Any]", path: str, places: "Places", said: "dict[str, Any]") -> None:
    """The tables of Poetry: what everybody needs, and the groups."""
    table = "tool.poetry.dependencies"
    wanted = table_in(poetry, "dependencies")
    if not said.get("requires_python"):
        specifier = _caret_bounds(_version(wanted.get("python")), True)
        if specifier:
            add_requires_python(specifier, path, line_of(places, table, "python"), said)
    _add_versions(wanted, table, "", path, places, said)
    _add_versions(table_in(poetry, "dev-dependencies"), "tool.poetry.dev-dependencies", "group dev", path, places, said)
    for name, group in table_in(poetry, "group").items():
        if isinstance(group, dict):
            where = "tool.poetry.group.%s.dependencies" % name
            _add_versions(table_in(group, "dependencies"), where, "group %s" % name, path, places, said)


def add_pipfile(path: str, said: "dict[str, Any]") -> None:
    """The file of Pipenv: bare versions do not occur in it, everything else is as in Poetry's tables."""
    tables, places = read_toml(path, said)
    _add_cpu_index(places, path, said)
    requires = table_in(tables, "requires")
    version = requires.get("python_full_version") or requires.get("python_version")
    if isinstance(version, str) and not said.get("requires_python"):
        key = "python_full_version" if "python_full_version" in requires else "python_version"
        add_requires_python(_caret_bounds(version, True), path, line_of(places, "requires", key), said)
    _add_versions(table_in(tables, "packages"), "packages", "", path, places, said)
    _add_versions(table_in(tables, "dev-packages"), "dev-packages", "group dev", path, places, said)


def _add_versions(wanted: "dict[str, Any]", table: str, group: str, path: str, places: "Places", said: "dict[str, Any]") -> None:
    """A table of names and versions. Several versions of one are for several Pythons."""
    for name, what in wanted.items():
        several = [each for each in what if isinstance(each, dict)] if isinstance(what, list) else None
        for each in [what if isinstance(what, dict) else {"version": what}] if several is None else several:
            text = None if name == "python" else _requirement(name, each)
            if text is not None:
                extra = "extra " if each.get("optional") is True and not group else group
                into = "grouped" if extra else "requirements"
                add_requirement(text, path, line_of(places, table, name), said, into, extra.strip())


def _requirement(name: str, what: "dict[str, Any]") -> "str | None":
    """One entry as PEP 508 says it; None where it cannot: a folder, a choice of versions."""
    address = what.get("git") or what.get("url") or what.get("file")
    specifier = "" if isinstance(address, str) else _caret_bounds(_version(what))
    if specifier is None or "path" in what:
        return None
    every = [_marker(key, value) for key, value in what.items()]
    if None in every:
        return None
    extras = ",".join(str(extra) for extra in list_in(what, "extras"))
    place = (" @ git+" if "git" in what else " @ ") + address.replace(" ", "") if isinstance(address, str) else ""
    markers = [marker for marker in every if marker]
    marker = " and ".join("(%s)" % marker for marker in markers) if len(markers) > 1 else "".join(markers)
    gap = " ; " if place else "; "
    return name + ("[%s]" % extras if extras else "") + (place or specifier) + (gap + marker if marker else "")


def _marker(key: str, value: "Any") -> "str | None":
    """What one field of an entry says about where it applies; empty where nothing, None where it cannot be said in PEP 508."""
    if key == "python":
        bounds = _caret_bounds(value)
        return None if bounds is None else " and ".join(_python_bound(bound) for bound in bounds.split(",") if bound)
    if key == "platform":
        return None if not isinstance(value, str) or "|" in value else "sys_platform == '%s'" % value
    if key == "markers":
        return value if isinstance(value, str) else None
    of_pipenv = key in ("sys_platform", "platform_machine", "os_name", "platform_system", "python_version")
    return "%s %s" % (key, value) if of_pipenv and isinstance(value, str) else ""


def _python_bound(bound: str) -> str:
    """One bound for Python as an environment marker."""
    import re

    found: "Any" = re.match(r"([<>=!~]*)\s*(.*)", bound)
    operator, version = found.groups()
    name = "python_full_version" if version.count(".") > 1 and "*" not in version else "python_version"
    return "%s %s '%s'" % (name, operator or "==", version.replace(".*", "") if name == "python_version" else version)


def _version(what: "Any") -> "Any":
    """The version in an entry that is a table, or the entry itself."""
    return what.get("version", "*" if len(what) else None) if isinstance(what, dict) else what


def _caret_bounds(version: "Any", of_python: bool = False) -> "str | None":
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
            parts += _up_to_next_breaking(part[0], part[1:].strip())
        elif part and part != "*":
            minor = ".*" if of_python and part.count(".") < 2 else ""
            parts.append(part if part[0] in "<>=!~" else "==" + part + minor)
    return ",".join(parts)


def _up_to_next_breaking(sign: str, version: str) -> "list[str]":
    """From a version up to the next one that may break: ^0.2.3 is >=0.2.3,<0.3 and ~1.2 is >=1.2,<1.3."""
    numbers = [int(n) for n in version.split(".") if n.isdecimal()]
    if not numbers:
        return []
    first = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
    place = first if sign == "^" else min(1, len(numbers) - 1)
    return [">=" + version, "<" + ".".join(str(n) for n in [*numbers[:place], numbers[place] + 1])]


def add_requires_python(text: "str | None", path: str, line: int, said: "dict[str, Any]") -> None:
    """Note which Python the project needs, if it can be understood."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text or "" if len(text or "") < 200 else "too long")
    except InvalidSpecifier:
        note_unreadable(said, path, line, "requires-python is not a version specifier")
        return
    if text:
        said.update(requires_python=text, requires_python_file=path, requires_python_line=line)
