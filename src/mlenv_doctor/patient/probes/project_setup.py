"""Read what setup.cfg and setup.py declare: the tables of setuptools, and the literal arguments of setup(). Nothing is run."""

import os

from mlenv_doctor.patient.probes.project_files import note_unreadable, project_text
from mlenv_doctor.patient.probes.project_pyproject import add_requires_python
from mlenv_doctor.patient.probes.project_requirements import add_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any

    Words = dict[str, ast.expr]


def add_setup(project: str, said: "dict[str, Any]") -> None:
    """Add what setuptools is told; where both files speak, both count, as they do there."""
    _add_setup_cfg(os.path.join(project, "setup.cfg"), said)
    _add_setup_py(os.path.join(project, "setup.py"), said)


def _add_setup_cfg(path: str, said: "dict[str, Any]") -> None:
    """The sections [metadata], [options] and [options.extras_require]."""
    text = project_text(path, said)
    if not text:
        return
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError):
        note_unreadable(said, path, 0, "not a valid setup.cfg")
        return
    lines = text.split("\n")
    said["name"] = said.get("name") or parser.get("metadata", "name", fallback="")
    for each in _lines(parser.get("options", "install_requires", fallback="")):
        add_requirement(each, path, _line_of(lines, each), said)
    if parser.has_section("options.extras_require"):
        for extra, listed in parser.items("options.extras_require"):
            for each in _lines(listed):
                add_requirement(each, path, _line_of(lines, each), said, "grouped", "extra " + extra)
    python = parser.get("options", "python_requires", fallback="")
    if python and not said.get("requires_python"):
        add_requires_python(python, path, _line_of(lines, "python_requires"), said)


def _lines(value: str) -> "list[str]":
    """The requirements of one option: a line each, or with semicolons between; file: names another file."""
    lines = [line.strip() for line in value.split("\n")]
    return [line for line in lines if line and not line.startswith(("#", "file:"))]


def _line_of(lines: "list[str]", word: str) -> int:
    return next((number for number, line in enumerate(lines, 1) if word in line), 0)


def _add_setup_py(path: str, said: "dict[str, Any]") -> None:
    """The literal words of setup(); what is worked out by code is not known."""
    text = project_text(path, said)
    if not text:
        return
    import ast

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        note_unreadable(said, path, 0, "cannot be parsed")
        return
    names = _assigned(tree)
    call = next((node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_setup(node)), None)
    words = {word.arg: word.value for word in call.keywords if word.arg} if call else {}
    said["name"] = said.get("name") or _text(words.get("name"))
    for each, line in _listed(words.get("install_requires"), names):
        add_requirement(each, path, line, said)
    extras = _meant(words.get("extras_require"), names)
    for key, value in zip(extras.keys, extras.values) if isinstance(extras, ast.Dict) else ():
        for each, line in _listed(value, names):
            add_requirement(each, path, line, said, "grouped", "extra " + _text(key))
    python = words.get("python_requires")
    if _text(python) and not said.get("requires_python"):
        add_requires_python(_text(python), path, getattr(python, "lineno", 0), said)


def _is_setup(call: "ast.Call") -> bool:
    return getattr(call.func, "attr", getattr(call.func, "id", "")) == "setup"


def _assigned(tree: "ast.Module") -> "Words":
    """What names stand for, where they are assigned at the top."""
    import ast

    found = {}  # type: Words
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _meant(node: "ast.expr | None", names: "Words") -> "ast.expr | None":
    """What a name stands for, or the expression itself."""
    import ast

    return names.get(node.id) if isinstance(node, ast.Name) else node


def _listed(node: "ast.expr | None", names: "Words") -> "list[tuple[str, int]]":
    """The texts of a literal list, with their lines."""
    import ast

    node = _meant(node, names)
    items = node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else []
    return [(_text(item), item.lineno) for item in items if _text(item)]


def _text(node: "ast.expr | None") -> str:
    value = getattr(node, "value", getattr(node, "s", None))
    return value if isinstance(value, str) else ""
