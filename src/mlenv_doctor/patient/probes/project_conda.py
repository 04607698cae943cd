"""Read what an environment.yml declares: libraries under conda's names, Python, and a list for pip."""

from mlenv_doctor.patient.probes.project_files import note_unreadable, project_bytes, without_conflict
from mlenv_doctor.patient.probes.project_pyproject import add_requires_python
from mlenv_doctor.patient.probes.project_requirements import add_line, add_requirement, include_file, split_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 1 << 17  # bytes; the longest export of a real environment has a fifth of that
ENVIRONMENT_FILES = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
# What pip calls otherwise, by the recipes of conda-forge (https://github.com/conda-forge/NAME-feedstock), 2026-11.
# Everything else counts only if the catalogue of libraries knows it by the same name.
NAMES_IN_PIP = {
    "pytorch": "torch",
    "pytorch-gpu": "torch",
    "pytorch-cpu": "torch",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "pyarrow-core": "pyarrow",
    "tensorflow-gpu": "tensorflow",
}


def add_environment_file(path: str, said: "dict[str, Any]") -> None:
    """One environment.yml; each of its nodes knows its line."""
    import yaml  # type: ignore[import-untyped,unused-ignore]  # not everybody has its types

    data = project_bytes(path, said, LARGEST)
    if data is None:
        return
    text = data.decode("utf-8-sig", "replace")
    whole = without_conflict(text, path, said)
    try:
        top = yaml.compose(whole, Loader=yaml.SafeLoader)  # not the compiled one, which the zipapp lacks
    except (yaml.YAMLError, RecursionError, ValueError) as why:
        mark = getattr(why, "problem_mark", None)
        where = " in line %d" % (mark.line + 1) if mark else ""
        if whole == text:
            note_unreadable(said, path, 0, "not valid YAML: %s%s" % (getattr(why, "problem", "cannot be read"), where))
        return
    for node in _items(_value(top, "dependencies")):
        if isinstance(node, yaml.ScalarNode):
            _add_conda_requirement(node.value, path, node.start_mark.line + 1, said)
        for line in _items(_value(node, "pip")):
            if isinstance(line, yaml.ScalarNode):
                _add_line_for_pip(line.value.strip(), path, line.start_mark.line + 1, said)


def _value(node: "Any", key: str) -> "Any":
    """The value of a key in a mapping; None where there is none."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    return next((value for name, value in pairs if name.value == key), None)


def _items(node: "Any") -> "list[Any]":
    """The nodes in a list; none where it is not a list."""
    return node.value if node is not None and node.id == "sequence" else []


def _add_line_for_pip(text: str, path: str, line: int, said: "dict[str, Any]") -> None:
    """A line of the list for pip, which conda hands over as a requirements file."""
    option, value = split_option(text)
    if option in ("-r", "--requirement"):
        include_file(value, path, line, said, "requirements", "")
    elif option in ("-c", "--constraint"):
        include_file(value, path, line, said, "limits", "")
    elif not option or option in ("-e", "--editable"):
        add_line(value or text, path, line, said, "requirements", "")


def _add_conda_requirement(text: str, path: str, line: int, said: "dict[str, Any]") -> None:
    """A requirement of conda: [channel::]name, a version with one = for "any of these", perhaps a build after another =."""
    import re

    found = re.match(r"(?:[\w./:+-]+::)?([A-Za-z0-9_][\w.-]*)\s*(.*)$", text.strip())
    if not found:
        return
    name, specifier = found.group(1).lower(), _specifier(found.group(2))
    if name in ("cpuonly", "pytorch-cpu") or (name == "pytorch" and "cpu" in found.group(2)):
        said["cpu_index"] = path
    if name == "python":
        if specifier and not said.get("requires_python"):
            add_requires_python(specifier, path, line, said)
    elif specifier is not None:
        # what conda calls a version need not be one for pip: such a line is not judged
        add_requirement(NAMES_IN_PIP.get(name, name) + specifier, path, line, dict(said, unreadable=[]), "conda")


def _specifier(text: str) -> "str | None":
    """A version of conda as PEP 440; empty for any, None for what that cannot say (a choice of versions)."""
    import re

    inner = re.search(r"version\s*=\s*['\"]?([^'\"\]]+)", text)
    text = inner.group(1) if inner else text.split("[")[0]
    text = re.sub(r"\s*(,|[<>=!~]+)\s*", r"\1", text).split(" ")[0]  # after a blank comes the build
    if "|" in text:
        return None
    parts = [_bound(part) for part in text.split(",") if part and not re.match(r"=?\*(=|$)", part)]
    return None if None in parts else ",".join(part for part in parts if part)


def _bound(text: str) -> "str | None":
    """One bound; None for what is none. =1.2 and 1.2.* mean 1.2 and all that begins with it; a build may follow another =."""
    import re

    found = re.match(r"(==|=|>=|<=|!=|~=|>|<|)(\d[\w.!+]*?)(\.?\*)?(=.*)?$", text)
    if not found:
        return None
    operator, version, star = found.groups()[:3]
    if operator in (">=", "<=", ">", "<", "~="):
        return operator + version
    return ("!=" if operator == "!=" else "==") + version + (".*" if star or operator == "=" else "")
