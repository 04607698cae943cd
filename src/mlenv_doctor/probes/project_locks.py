"""Read the lock file of a project: which version of each library was chosen, for which Pythons and systems."""

_PRL_MOST = 8 << 20  # bytes; those of large projects have 2 MiB, which takes half a second
_PRL_KNOWN = (
    ("uv.lock", "uv"),
    ("pylock.toml", "pylock"),
    ("poetry.lock", "poetry"),
    ("pdm.lock", "pdm"),
    ("Pipfile.lock", "pipenv"),
)
_PRL_ELSEWHERE = ("vcs", "directory", "archive", "git", "path", "url", "file")  # what is there now is nobody's version


def read_lock(question):
    for name, tool in _PRL_KNOWN:
        path = os.path.join(question["project"], name)
        if os.path.exists(path):
            said = {"file": path, "tool": tool, "unreadable": []}
            said["packages"] = _prl_of_pipenv(path, said) if tool == "pipenv" else _prl_of_toml(path, said)
            return said
    return {}


def _prl_of_toml(path, said):
    """The packages of uv, Poetry, PDM and the standard (PEP 751): all of them lists of tables."""
    text = _prf_text(path, said, _PRL_MOST) or ""
    tables = _prf_parsed(text, path, said)
    packages = _prf_list(tables, "packages") or _prf_list(tables, "package")
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.rstrip() in ("[[package]]", "[[packages]]")]
    lines += [0] * len(packages)
    found = (_prl_package(package, line) for package, line in zip(packages, lines))
    return [package for package in found if package]


def _prl_package(package, line):
    """One package; None for what is none. Where it does not come from an index, it has no version to compare."""
    from packaging.utils import canonicalize_name

    if not isinstance(package, dict) or not isinstance(package.get("name"), str):
        return None
    version = "" if _prl_is_elsewhere(package) else package.get("version", "")
    name = canonicalize_name(package["name"])
    return {"name": name, "version": version if isinstance(version, str) else "", "line": line, "markers": _prl_markers(package)}


def _prl_is_elsewhere(package):
    source = _prf_table(package, "source")
    indexed = not source or "registry" in source or source.get("type") == "legacy"
    return not indexed or any(key in package for key in _PRL_ELSEWHERE)


def _prl_markers(package):
    """Where a version applies, as one of several markers; uv, Poetry, PDM and the standard each have a name for that."""
    said = package.get("resolution-markers") or package.get("markers") or package.get("marker") or []
    said = list(said.values()) if isinstance(said, dict) else said if isinstance(said, list) else [said]
    return [marker for marker in said if isinstance(marker, str) and marker]


def _prl_of_pipenv(path, said):
    """The lock of Pipenv is JSON: two tables of names."""
    text = _prf_text(path, said, _PRL_MOST)
    try:
        tables = json.loads(text) if text is not None else {}
    except (ValueError, RecursionError) as why:
        _prf_not_valid(said, path, text, "JSON", why)
        return []
    places = {}
    for number, line in enumerate((text or "").split("\n"), 1):
        places.setdefault(line.strip(), number)
    found = []
    for table in ("default", "develop"):
        for name, package in _prf_table({"": tables}, "", table).items():
            if isinstance(package, dict):
                pinned = str(package.get("version", "")).lstrip("=")
                line = places.get('"%s": {' % name, 0)
                found.append(_prl_package(dict(package, name=name, version=pinned), line))
    return found
