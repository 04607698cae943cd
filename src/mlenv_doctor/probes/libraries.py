"""Read which distributions are installed, from the names of folders and the heads of their METADATA; nothing is imported."""

import re


def read_libraries(question):
    found, leftovers = [], []
    for folder in _lib_folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        leftovers += [os.path.join(folder, name) for name in names if name.startswith("~")]
        found += [_lib_distribution(folder, name) for name in names if _lib_is_info(name)]
    modules = [_lib_module(name) for name in question.get("names", ())]
    return {
        "distributions": found,
        "leftovers": leftovers,
        "modules": [dict(module, owner=_lib_owner(module, found)) for module in modules],
        "local": _lib_local(question["project"]),
    }


def _lib_folders():
    """The folders on the path, each once, be it under two names: in a venv of Fedora lib64 is a link to lib."""
    seen = {}
    for entry in sys.path:
        if entry and os.path.isdir(entry):
            seen.setdefault(os.path.realpath(entry), entry)
    return list(seen.values())


def _lib_is_info(name):
    """EGG-INFO lies within an egg, the folder that `setup.py install` makes for each library and puts on the path."""
    return (name.endswith((".dist-info", ".egg-info")) and not name.startswith("~")) or name == "EGG-INFO"


def _lib_distribution(folder, name):
    info = os.path.join(folder, name)
    stem = os.path.basename(folder) if name == "EGG-INFO" else name.rsplit(".", 1)[0]
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
    return _lib_bytes(path, most).decode("utf-8", "replace").replace("\r\n", "\n")


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


def _lib_owner(module, distributions):
    """The distribution that brings a module: the one of its name, or the one whose list of files has it; empty where none has.

    Those of a similar name are asked first: to read all lists would take longer than all the rest.
    """
    origin, name = module.get("origin") or "", module["name"]
    home = os.path.dirname(os.path.dirname(origin) if os.path.basename(origin).startswith("__init__.") else origin)
    near = [d for d in distributions if d["folder"] == home]
    if any(d["name"] == _lib_normal(name) for d in near):
        return _lib_normal(name)
    near.sort(key=lambda d: (name.lower() not in d["name"].replace("-", "_"), d["name"][:1] != name[:1].lower()))
    return next((d["name"] for d in near if _lib_lists(d["info"], name)), "")


def _lib_lists(info, name):
    """Whether a distribution brings a package or a module of this name."""
    name = name.encode()
    record = _lib_bytes(os.path.join(info, "RECORD"))
    starts = (b"%s/__init__." % name, b"%s." % name)
    if record.startswith(starts) or any(b"\n" + start in record for start in starts):
        return True
    return name in _lib_bytes(os.path.join(info, "top_level.txt")).split()


def _lib_bytes(path, most=1 << 24):
    """The beginning of a file; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def _lib_local(project):
    """What could be imported from the project's own folder.

    What is built into Python, or loaded before the script, cannot be replaced by a file.
    """
    try:
        names = sorted(os.listdir(project))[:5000]
    except OSError:
        return []
    found = []
    for name in names:
        path = os.path.join(project, name)
        if name.split(".")[0] in loaded_at_start.union(sys.builtin_module_names):
            continue
        if name.endswith(".py") and os.path.isfile(path):
            found.append({"name": name[:-3], "origin": path})
        elif os.path.isfile(os.path.join(path, "__init__.py")):
            found.append({"name": name, "origin": os.path.join(path, "__init__.py"), "locations": [path]})
        elif os.path.isdir(path) and name.isidentifier():
            found.append({"name": name, "namespace": True, "locations": [path]})
    return found
