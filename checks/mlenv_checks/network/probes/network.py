"""Read how downloads leave this machine, from variables and pip's files; nothing beyond this machine is asked."""

import os

from mlenv_doctor.probekit import which

from .addresses import split_address
from .index_settings import chosen_index, problem_and_folder, shown_index
from .pip_settings import KEYS, settings_of_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
BUNDLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def read_network(question: "dict[str, Any]") -> "dict[str, Any]":
    pip = [found for found in settings_of_pip(question.get("prefix", "")) if found["key"] in KEYS]
    bundles = [_bundle(name, os.environ[name], name) for name in BUNDLES if os.environ.get(name)]
    certificates = [found for found in pip if found["key"] == "cert"]
    bundles += [_bundle(_name_of(found), found["value"], found["source"]) for found in certificates]
    compilers = (which(name) for name in ("cc", "gcc", "clang", "cl"))
    return {
        "proxies": _proxies(pip, question["quick"]),
        "bundles": bundles,
        "index": _index(question.get("prefix", "")),
        "pip": [dict(found, value=_shown_value(found["key"], found["value"])) for found in pip],
        "compiler": next(filter(None, compilers), ""),
    }


def _index(prefix: str) -> "dict[str, str]":
    """The package index as it is set; what is the matter with it only where that is seen without asking."""
    chosen = chosen_index(prefix)
    problem, folder = problem_and_folder(chosen)
    return {"url": folder or shown_index(chosen["value"]), "source": chosen["source"], "problem": problem}


def _proxies(pip: "list[dict[str, str]]", quick: bool) -> "list[dict[str, Any]]":
    """The proxies that variables and pip name; none where NO_PROXY excepts everything, as Python understands that."""
    everything = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").strip() == "*"
    named = [] if everything else [(name, os.environ[name]) for name in PROXIES if os.environ.get(name)]
    used = {name: os.environ.get(name.lower(), value) == value for name, value in named}
    found = [_proxy(name, value, quick or not used[name], used[name]) for name, value in named]
    of_pip = [setting for setting in pip if setting["key"] == "proxy"]
    found += [dict(_proxy(_name_of(s), s["value"], quick, True), source=_file_of(s)) for s in of_pip]
    return found


def _file_of(setting: "dict[str, str]") -> str:
    return "" if setting["source"].startswith("PIP_") else setting["source"]


def _name_of(setting: "dict[str, str]") -> str:
    """A setting by the name of its variable, or else as it is called in a file of pip's."""
    return setting["source"] if setting["source"].startswith("PIP_") else setting["key"]


def _shown_value(key: str, value: str) -> str:
    """A value as it may be shown: an address loses its user, password and query."""
    return split_address(value)[1] if key in ("index-url", "proxy") else value[:300]


def _proxy(variable: str, value: str, quick: bool, used: bool) -> "dict[str, Any]":
    """A proxy, and, unless in haste, whether something listens where it is on this machine itself."""
    import re

    value = value.strip()
    scheme, shown, host, port = split_address(value)
    said = {"variable": variable, "scheme": scheme, "address": shown.rstrip("/"), "problem": "", "used": used}
    if not used:
        return said
    if "://" not in value and re.match("[A-Za-z][A-Za-z0-9+-]*:", value):  # urllib3 takes localhost:8080 for a scheme and a path
        said["problem"] = "no-scheme"
    if re.match("[A-Za-z]+:/(?!/)", value):
        said.update(problem="unreadable", address="")
    elif not host or not scheme.startswith(("http", "socks")):
        said["problem"] = "unreadable"
    elif not quick and host in ("localhost", "127.0.0.1", "::1") and not _accepts_connections(host, port or 80):
        said["problem"] = "refused"
    return said


def _accepts_connections(host: str, port: int) -> bool:
    """Whether something on this machine accepts a connection; it is closed at once, and nothing is said."""
    import socket

    try:
        socket.create_connection((host, port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    except OSError:  # slow, or not to be asked: nothing is known
        return True
    return True


def _bundle(name: str, path: str, source: str) -> "dict[str, Any]":
    """Whether a file of certificates can be read, and what it is. SSL_CERT_DIR names folders; one that is there is enough."""
    paths = path.split(os.pathsep) if name == "SSL_CERT_DIR" else [path]
    readable = any(os.path.exists(one) and os.access(one, os.R_OK) for one in paths)
    holds = "folder" if os.path.isdir(paths[0]) else _content_of(paths[0])
    return {"name": name, "path": path, "readable": readable, "source": source, "holds": holds}


def _content_of(path: str) -> str:
    """Whether there is a certificate in a file of a sensible size. What cannot be read is told otherwise."""
    try:
        if os.path.exists(path) and (not os.path.isfile(path) or os.path.getsize(path) == 0):
            return "none"  # such as /dev/null
        if os.path.getsize(path) < 1 << 24:
            with open(path, "rb") as file:
                return "certificates" if b"-----BEGIN " in file.read() else "none"
    except OSError:
        pass
    return "certificates"
