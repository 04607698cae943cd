"""Read which distributions are installed, from the names of folders and the heads of their METADATA; nothing is imported."""


def read_libraries(question):
    found, leftovers = [], []
    for folder in _lib_folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        leftovers += [os.path.join(folder, name) for name in names if name.startswith("~")]
        found += [_lib_distribution(folder, name) for name in names if _lib_is_info(name)]
    return {
        "distributions": found,
        "leftovers": leftovers,
        "modules": [_lib_module(name) for name in question.get("names", ())],
        "local": _lib_local(question["project"]),
    }


def _lib_folders():
    """The folders on the path that are folders, each once."""
    seen = []
    for entry in sys.path:
        if entry and entry not in seen and os.path.isdir(entry):
            seen.append(entry)
    return seen


def _lib_is_info(name):
    return name.endswith((".dist-info", ".egg-info")) and not name.startswith("~")


def _lib_distribution(folder, name):
    info = os.path.join(folder, name)
    stem = name.rsplit(".", 1)[0]
    fields = _lib_head(info)
    version = fields["version"][0] if fields["version"] else None
    real = fields["name"][0] if fields["name"] else stem.split("-")[0]
    return {
        "name": _lib_normal(real),
        "version": version,
        "folder": folder,
        "info": info,
        "installer": _lib_text(os.path.join(info, "INSTALLER"), 100).strip(),
        "requires": fields["requires-dist"],
        "requires_python": fields["requires-python"][0] if fields["requires-python"] else None,
        "record": os.path.exists(os.path.join(info, "RECORD")),
        "editable": _lib_editable(info),
    }


def _lib_normal(name):
    """As in PEP 503."""
    import re

    return re.sub(r"[-_.]+", "-", name).lower()


def _lib_head(info):
    """The fields before the first blank line of METADATA (or PKG-INFO)."""
    fields = {"name": [], "version": [], "requires-dist": [], "requires-python": []}
    path = info if os.path.isfile(info) else os.path.join(info, "METADATA" if info.endswith(".dist-info") else "PKG-INFO")
    try:
        with open(path, "rb") as file:
            for line in _lib_lines(file):
                key, colon, value = line.partition(":")
                if colon and key.lower() in fields:
                    fields[key.lower()].append(value.strip())
    except OSError:
        pass
    return fields


def _lib_lines(file, most=5000):
    """The fields' lines before the first empty one, and no more than so many; what follows, a whole README, is not read.

    A line of blanks is none of its own but goes on with the field before: licenses are written so, in the middle of the head.
    """
    for _, line in zip(range(most), file):
        if line in (b"\n", b"\r\n"):
            return
        if not line[:1].isspace():
            yield line.decode("utf-8", "replace")


def _lib_text(path, most):
    """The beginning of a file; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(most).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _lib_editable(info):
    """The folder of an editable install, from direct_url.json."""
    text = _lib_text(os.path.join(info, "direct_url.json"), 10000)
    if '"editable": true' not in text and '"editable":true' not in text:
        return None
    try:
        url = json.loads(text)["url"]
    except (ValueError, KeyError):
        return None
    from urllib.parse import unquote

    return unquote(url[7:]) if url.startswith("file://") else None


def _lib_module(name):
    """Where an import name leads."""
    from importlib.machinery import PathFinder

    try:
        spec = PathFinder.find_spec(name)
    except Exception:
        spec = None
    if spec is None:
        return {"name": name}
    locations = [str(place) for place in (spec.submodule_search_locations or [])]
    origin = None if spec.origin == "namespace" else spec.origin  # so called up to Python 3.6
    return {"name": name, "origin": origin, "namespace": origin is None, "locations": locations}


def _lib_local(project):
    """What could be imported from the project's own folder; what is built into Python cannot be replaced by a file."""
    try:
        names = sorted(os.listdir(project))[:5000]
    except OSError:
        return []
    found = []
    for name in names:
        path = os.path.join(project, name)
        if name.split(".")[0] in sys.builtin_module_names:
            continue
        if name.endswith(".py") and os.path.isfile(path):
            found.append({"name": name[:-3], "origin": path})
        elif os.path.isfile(os.path.join(path, "__init__.py")):
            found.append({"name": name, "origin": os.path.join(path, "__init__.py"), "locations": [path]})
        elif os.path.isdir(path) and name.isidentifier():
            found.append({"name": name, "namespace": True, "locations": [path]})
    return found
