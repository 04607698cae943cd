"""Read where libraries that were installed for development have their code, and whether it is still there."""

import json
import os

from mlenv_doctor.patient.probes.distributions import normal_name, path_folders
from mlenv_doctor.probekit import names_in, path_of_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_sources(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read which libraries are installed from a folder elsewhere."""
    found = []
    for folder in path_folders():
        for name in names_in(folder):
            found += _code_elsewhere(folder, name)
    return {"editables": found}


def _code_elsewhere(folder: str, name: str) -> "list[dict[str, Any]]":
    """What one entry of site-packages says of code that lies elsewhere."""
    path = os.path.join(folder, name)
    if name.endswith(".dist-info") and not name.startswith("~"):
        file = path + os.sep + "direct_url.json"
        there = os.path.exists(file)  # of most there is none, and nothing else has to be worked out
        return _editable_install(normal_name(name[:-10].rpartition("-")[0]), path, file) if there else []
    if name.endswith(".egg-link"):
        return [_described(normal_name(name[:-9]), line, path) for line in _lines(path)[:1]]
    return []


def _editable_install(name: str, info: str, file: str) -> "list[dict[str, Any]]":
    """An editable install: the folder it was made from, or the one within it that Python is sent to, if that is gone."""
    found = [_described(name, path, file) for path in _direct_url_folder(file)]
    if found and found[0]["there"]:
        sent = [_described(name, path, pth) for pth in _pth_files(info) for path in _lines(pth) if os.path.isabs(path)]
        found = sent[:1] if sent and not any(said["there"] for said in sent) else found
    return found


def _pth_files(info: str) -> "list[str]":
    """The .pth files that a distribution brings."""
    names = [line.split(",")[0] for line in _lines(os.path.join(info, "RECORD"))]
    return [os.path.join(os.path.dirname(info), name) for name in names if name.endswith(".pth") and "/" not in name]


def _described(name: str, path: str, file: str) -> "dict[str, Any]":
    """One library, the folder with its code, the file that names the folder, and whether the folder exists."""
    return {"name": name, "path": path, "file": file, "there": _exists(path)}


def _exists(path: str) -> bool:
    """Whether something lies there. What may not be looked at is not called gone."""
    try:
        os.stat(path)
    except (OSError, ValueError) as why:
        return getattr(why, "errno", None) not in (2, 20)
    return True


def _direct_url_folder(file: str) -> "list[str]":
    """The folder in direct_url.json (PEP 610) of an editable install; none where it is no folder of this machine."""
    try:
        said = json.loads("\n".join(_lines(file)))
        url, editable = said["url"], said["dir_info"]["editable"]
    except (ValueError, KeyError, TypeError):
        return []
    if editable is not True or not isinstance(url, str):
        return []
    from urllib.parse import urlparse

    parts = urlparse(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):  # a share of another machine may be asleep
        return []
    return [path_of_address(parts.path)]


def _lines(path: str) -> "list[str]":
    """The lines of a small file that are not empty; none where it cannot be read."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > 1 << 16:
            return []
        with open(path, "rb") as file:
            text = file.read(1 << 16).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]
