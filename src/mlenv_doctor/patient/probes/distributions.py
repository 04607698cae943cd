"""Read which distributions are installed, from the names of folders and the heads of their METADATA; nothing is imported."""

import json
import os
import re
import sys

from mlenv_doctor.probekit import file_bytes, file_text, loaded_at_start, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST = 1 << 24  # bytes of a list of files
USUAL_HEAD = 1 << 13  # bytes that most heads of METADATA fit into
LARGEST_HEAD = 1 << 19  # bytes that are read of any
FIELD = re.compile(rb"(?i)\n(name|version|requires-dist|requires-python):([^\n]*)")


def read_libraries(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read every distribution on the path, and where the names that are asked for would be imported from."""
    found, leftovers = [], []
    for folder in path_folders():
        names = names_in(folder)
        leftovers += [os.path.join(folder, name) for name in names if name.startswith("~")]
        found += [_distribution(folder, name) for name in names if _is_metadata(name)]
    modules = [_module(name) for name in question.get("names", ())]
    return {
        "distributions": found,
        "leftovers": leftovers,
        "modules": [dict(module, owner=_owner(module, found)) for module in modules],
        "local": _local_modules(question["project"]),
    }


def path_folders() -> "list[str]":
    """The folders on the path, each once, be it under two names: in a venv of Fedora lib64 is a link to lib."""
    seen: "dict[str, str]" = {}
    for entry in sys.path:
        if entry and os.path.isdir(entry):
            seen.setdefault(os.path.realpath(entry), entry)
    return list(seen.values())


def _is_metadata(name: str) -> bool:
    """EGG-INFO lies within an egg, the folder that `setup.py install` makes for each library and puts on the path."""
    return (name.endswith((".dist-info", ".egg-info")) and not name.startswith("~")) or name == "EGG-INFO"


def _distribution(folder: str, name: str) -> "dict[str, Any]":
    """One installed distribution, from its metadata."""
    info = os.path.join(folder, name)
    stem = os.path.basename(folder) if name == "EGG-INFO" else name.rsplit(".", 1)[0]
    fields = _head_fields(info)
    version = fields["version"][0] if fields["version"] else None
    real = fields["name"][0] if fields["name"] else stem.split("-")[0]
    return {
        "name": normal_name(real),
        "version": version,
        "folder": folder,
        "info": info,
        "installer": file_text(os.path.join(info, "INSTALLER"), 100).strip(),
        "requires": fields["requires-dist"],
        "requires_python": fields["requires-python"][0] if fields["requires-python"] else None,
        "record": os.path.exists(os.path.join(info, "RECORD")),
        "editable": _editable_folder(info),
    }


def normal_name(name: str) -> str:
    """As in PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _head_fields(info: str) -> "dict[str, list[str]]":
    """The fields that count before the first empty line of METADATA (or PKG-INFO)."""
    fields: "dict[str, list[str]]" = {"name": [], "version": [], "requires-dist": [], "requires-python": []}
    path = os.path.join(info, "METADATA" if info.endswith(".dist-info") else "PKG-INFO")
    for key, value in FIELD.findall(_head(path) or _head(info)):  # old tools left a file where others make a folder
        fields[key.decode().lower()].append(value.decode("utf-8", "replace").strip())
    return fields


def _head(path: str) -> bytes:
    """The lines before the first empty one; what follows, a whole README, is not read.

    A line of blanks is not empty: licenses are written so, in the middle of the head.
    """
    for most in (USUAL_HEAD, LARGEST_HEAD):
        text = b"\n" + file_bytes(path, most)
        ends = [end for end in (text.find(b"\n\n"), text.find(b"\n\r\n")) if end >= 0]
        if ends or len(text) <= most:
            return text[: min(ends)] if ends else text if len(text) > 1 else b""
    return text


def _editable_folder(info: str) -> "str | None":
    """The folder of an editable install, from direct_url.json."""
    text = file_text(os.path.join(info, "direct_url.json"), 10000)
    if '"editable": true' not in text and '"editable":true' not in text:
        return None
    try:
        url = json.loads(text)["url"]
    except (ValueError, KeyError):
        return None
    from urllib.parse import unquote

    return unquote(url[7:]) if url.startswith("file://") else None


def _module(name: str) -> "dict[str, Any]":
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


def _owner(module: "dict[str, Any]", distributions: "list[dict[str, Any]]") -> str:
    """The distribution that brings a module: the one of its name, or the one whose list of files has it; empty where none has.

    Those of a similar name are asked first: to read all lists would take longer than all the rest.
    """
    origin, name = module.get("origin") or "", module["name"]
    home = os.path.dirname(os.path.dirname(origin) if os.path.basename(origin).startswith("__init__.") else origin)
    near = [d for d in distributions if d["folder"] == home]
    normal = normal_name(name)
    if any(d["name"] == normal for d in near):
        return normal
    near.sort(key=lambda d: (name.lower() not in d["name"].replace("-", "_"), d["name"][:1] != name[:1].lower()))
    return next((d["name"] for d in near if _brings(d["info"], name)), "")


def _brings(info: str, name: str) -> bool:
    """Whether a distribution brings a package or a module of this name."""
    module = name.encode()
    record = file_bytes(os.path.join(info, "RECORD"), LARGEST)
    starts = (b"%s/__init__." % module, b"%s." % module)
    if record.startswith(starts) or any(b"\n" + start in record for start in starts):
        return True
    return module in file_bytes(os.path.join(info, "top_level.txt"), LARGEST).split()


def _local_modules(project: str) -> "list[dict[str, Any]]":
    """What could be imported from the project's own folder.

    What is built into Python, or loaded before the script, cannot be replaced by a file.
    """
    loaded = {*loaded_at_start(), *sys.builtin_module_names}
    found: "list[dict[str, Any]]" = []
    for name in names_in(project)[:5000]:
        path = os.path.join(project, name)
        if name.split(".")[0] in loaded:
            continue
        if name.endswith(".py") and os.path.isfile(path):
            found.append({"name": name[:-3], "origin": path})
        elif os.path.isfile(os.path.join(path, "__init__.py")):
            found.append({"name": name, "origin": os.path.join(path, "__init__.py"), "locations": [path]})
        elif os.path.isdir(path) and name.isidentifier():
            found.append({"name": name, "namespace": True, "locations": [path]})
    return found
