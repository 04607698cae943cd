"""Read what an environment.yml declares: libraries under conda's names, Python, and a list for pip."""

_PRY_MOST = 1 << 17  # bytes; the longest export of a real environment has a fifth of that
_PRY_NAMES = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
# What pip calls otherwise, by the recipes of conda-forge (https://github.com/conda-forge/NAME-feedstock), 2026-11.
# Everything else counts only if the catalogue of libraries knows it by the same name.
_PRY_AS_IN_PIP = {
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


def _pry_environment(path, said):
    """One environment.yml; each of its nodes knows its line."""
    import yaml

    data = _prf_bytes(path, said, _PRY_MOST)
    if data is None:
        return
    text = data.decode("utf-8-sig", "replace")
    whole = _prf_without_conflict(text, path, said)
    try:
        top = yaml.compose(whole, Loader=yaml.SafeLoader)  # not the compiled one, which the zipapp lacks
    except (yaml.YAMLError, RecursionError, ValueError) as why:
        mark = getattr(why, "problem_mark", None)
        where = " in line %d" % (mark.line + 1) if mark else ""
        reason = "not valid YAML: %s%s" % (getattr(why, "problem", "cannot be read"), where)
        return _prf_bad(said, path, 0, reason) if whole == text else None
    for node in _pry_items(_pry_value(top, "dependencies")):
        if isinstance(node, yaml.ScalarNode):
            _pry_add(node.value, path, node.start_mark.line + 1, said)
        for line in _pry_items(_pry_value(node, "pip")):
            if isinstance(line, yaml.ScalarNode):
                _pry_of_pip(line.value.strip(), path, line.start_mark.line + 1, said)


def _pry_value(node, key):
    """The value of a key in a mapping; None where there is none."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    return next((value for name, value in pairs if name.value == key), None)


def _pry_items(node):
    return node.value if node is not None and node.id == "sequence" else []


def _pry_of_pip(text, path, line, said):
    """A line of the list for pip, which conda hands over as a requirements file."""
    option, value = _prr_option(text)
    if option in ("-r", "--requirement"):
        _prr_include(value, path, line, said, "requirements", "")
    elif option in ("-c", "--constraint"):
        _prr_include(value, path, line, said, "limits", "")
    elif not option or option in ("-e", "--editable"):
        _prr_named(value or text, path, line, said, "requirements", "")


def _pry_add(text, path, line, said):
    """A requirement of conda: [channel::]name, a version with one = for "any of these", perhaps a build after another =."""
    import re

    found = re.match(r"(?:[\w./:+-]+::)?([A-Za-z0-9_][\w.-]*)\s*(.*)$", text.strip())
    if not found:
        return
    name, specifier = found.group(1).lower(), _pry_specifier(found.group(2))
    if name in ("cpuonly", "pytorch-cpu") or (name == "pytorch" and "cpu" in found.group(2)):
        said["cpu_index"] = path
    if name == "python":
        if specifier and not said.get("requires_python"):
            _prt_requires_python(specifier, path, line, said)
    elif specifier is not None:
        # what conda calls a version need not be one for pip: such a line is not judged
        _prr_add(_PRY_AS_IN_PIP.get(name, name) + specifier, path, line, dict(said, unreadable=[]), "conda")


def _pry_specifier(text):
    """A version of conda as PEP 440; empty for any, None for what that cannot say (a choice of versions)."""
    import re

    inner = re.search(r"version\s*=\s*['\"]?([^'\"\]]+)", text)
    text = inner.group(1) if inner else text.split("[")[0]
    text = re.sub(r"\s*(,|[<>=!~]+)\s*", r"\1", text).split(" ")[0]  # after a blank comes the build
    if "|" in text:
        return None
    parts = [_pry_part(part) for part in text.split(",") if part and not re.match(r"=?\*(=|$)", part)]
    return None if None in parts else ",".join(parts)


def _pry_part(text):
    """One bound; None for what is none. =1.2 and 1.2.* mean 1.2 and all that begins with it; a build may follow another =."""
    import re

    found = re.match(r"(==|=|>=|<=|!=|~=|>|<|)(\d[\w.!+]*?)(\.?\*)?(=.*)?$", text)
    if not found:
        return None
    operator, version, star = found.groups()[:3]
    if operator in (">=", "<=", ">", "<", "~="):
        return operator + version
    return ("!=" if operator == "!=" else "==") + version + (".*" if star or operator == "=" else "")
