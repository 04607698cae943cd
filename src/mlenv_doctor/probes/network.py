"""Read how downloads leave this machine, from variables and pip's files; nothing beyond this machine is asked."""

_NET_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_NET_BUNDLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_NET_PIP_KEYS = ("target", "prefix", "user", "no-deps", "no-binary", "require-virtualenv", "cert", "index-url", "proxy")
_NET_PIP_MORE = ("extra-index-url", "no-index")  # of use where the index is asked, and never shown


def read_network(question):
    import shutil

    pip = [found for found in _net_pip(question.get("prefix", "")) if found["key"] in _NET_PIP_KEYS]
    bundles = [_net_bundle(name, os.environ[name], name) for name in _NET_BUNDLES if os.environ.get(name)]
    certificates = [found for found in pip if found["key"] == "cert"]
    bundles += [_net_bundle(_net_name(found), found["value"], found["source"]) for found in certificates]
    compilers = (shutil.which(name) for name in ("cc", "gcc", "clang", "cl"))
    return {
        "proxies": _net_proxies(pip, question["quick"]),
        "bundles": bundles,
        "index": _net_index(question.get("prefix", "")),
        "pip": [dict(found, value=_net_shown(found["key"], found["value"])) for found in pip],
        "compiler": next(filter(None, compilers), ""),
    }


def _net_index(prefix):
    """The package index as it is set; what is the matter with it only where that is seen without asking."""
    chosen = _ixs_chosen(prefix)
    problem, folder = _ixs_local(chosen)
    return {"url": folder or _ixs_shown(chosen["value"]), "source": chosen["source"], "problem": problem}


def _net_proxies(pip, quick):
    """The proxies that variables and pip name; none where NO_PROXY excepts everything, as Python understands that."""
    everything = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").strip() == "*"
    named = [] if everything else [(name, os.environ[name]) for name in _NET_PROXIES if os.environ.get(name)]
    used = {name: os.environ.get(name.lower(), value) == value for name, value in named}
    found = [_net_proxy(name, value, quick or not used[name], used[name]) for name, value in named]
    of_pip = [setting for setting in pip if setting["key"] == "proxy"]
    found += [dict(_net_proxy(_net_name(s), s["value"], quick, True), source=_net_file(s)) for s in of_pip]
    return found


def _net_file(setting):
    return "" if setting["source"].startswith("PIP_") else setting["source"]


def _net_name(found):
    """A setting by the name of its variable, or else as it stands in a file of pip's."""
    return found["source"] if found["source"].startswith("PIP_") else found["key"]


def _net_shown(key, value):
    """A value as it may be shown: an address loses its user, password and query."""
    return _net_address(value)[1] if key in ("index-url", "proxy") else value[:300]


def _net_address(url):
    """Scheme, what may be shown, host and port of an address; pip and requests take one without a scheme for http."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url if "://" in url else "http://" + url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a port that is none, brackets that do not close
        return "", "", "", None
    if "@" in url and "@" not in parts.netloc:  # a password with a / ? or # in it: part of it would be taken for a host
        return "", "", "", None
    shown = "%s://%s%s%s" % (parts.scheme, "[%s]" % host if ":" in host else host, ":%d" % port if port else "", parts.path)
    return parts.scheme.lower(), shown, host, port


def _net_proxy(variable, value, quick, used):
    """A proxy, and, unless in haste, whether something listens where it is on this machine itself."""
    import re

    value = value.strip()
    scheme, shown, host, port = _net_address(value)
    said = {"variable": variable, "scheme": scheme, "address": shown.rstrip("/"), "problem": "", "used": used}
    if not used:
        return said
    if "://" not in value and re.match("[A-Za-z][A-Za-z0-9+-]*:", value):  # urllib3 takes localhost:8080 for a scheme and a path
        said["problem"] = "no-scheme"
    if re.match("[A-Za-z]+:/(?!/)", value):
        said.update(problem="unreadable", address="")
    elif not host or not scheme.startswith(("http", "socks")):
        said["problem"] = "unreadable"
    elif not quick and host in ("localhost", "127.0.0.1", "::1") and not _net_listens(host, port or 80):
        said["problem"] = "refused"
    return said


def _net_listens(host, port):
    """Whether something on this machine accepts a connection; it is closed at once, and nothing is said."""
    import socket

    try:
        socket.create_connection((host, port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    except OSError:  # slow, or not to be asked: nothing is known
        return True
    return True


def _net_bundle(name, path, source):
    """Whether a file of certificates can be read, and what it is. SSL_CERT_DIR names folders; one that is there is enough."""
    paths = path.split(os.pathsep) if name == "SSL_CERT_DIR" else [path]
    readable = any(os.path.exists(one) and os.access(one, os.R_OK) for one in paths)
    holds = "folder" if os.path.isdir(paths[0]) else _net_holds(paths[0])
    return {"name": name, "path": path, "readable": readable, "source": source, "holds": holds}


def _net_holds(path):
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


def _net_pip(prefix):
    """The settings of pip that matter, each from where it wins: a variable, then the most particular file.

    https://pip.pypa.io/en/stable/topics/configuration/
    """
    found = {}
    for path, level in _net_pip_files(prefix):
        for section, key, value in _net_pip_file(path):
            found[key] = {"key": key, "value": value, "source": path, "section": section, "level": level}
    for key in _NET_PIP_KEYS + _NET_PIP_MORE:
        variable = "PIP_" + key.upper().replace("-", "_")
        if os.environ.get(variable):
            found[key] = {"key": key, "value": os.environ[variable], "source": variable}
    return [found[key] for key in _NET_PIP_KEYS + _NET_PIP_MORE if key in found]


def _net_pip_files(prefix):
    """The files that pip reads, the most general first, each with the level by which `pip config` changes it.

    PIP_CONFIG_FILE comes last; where that file is there, those of the user are not read, and as /dev/null it shuts all out.
    """
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    general, own = _net_pip_folders()
    files = [(os.path.join(folder, name), "") for folder in general]
    if not (named and os.path.exists(named)):
        files += [(os.path.join(folder, name), "user" if folder == own[-1] else "") for folder in own]
    files += [(os.path.join(prefix, name), "site")] if prefix else []
    return files + ([(named, "")] if named else [])


def _net_pip_folders():
    """The folders of everybody and those of the user; of the latter, `pip config` writes into the last."""
    home = os.path.expanduser("~")
    if os.name == "nt":
        data = [os.path.join(os.environ.get(name) or home, "pip") for name in ("ProgramData", "APPDATA")]
        return data[:1], [os.path.join(home, "pip"), data[1]]
    config = os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "pip")
    library = os.path.join("Library", "Application Support", "pip")
    mac = os.path.join(home, library)
    if sys.platform == "darwin":
        config = mac if os.path.isdir(mac) else config
    return ["/etc/xdg/pip", *(["/" + library] if sys.platform == "darwin" else []), "/etc"], [os.path.join(home, ".pip"), config]


def _net_pip_file(path):
    """Section, key and value of one file, those of [global] before those of [install]."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        if os.path.getsize(path) < 1 << 20 and os.path.isfile(path):
            parser.read(path, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return []
    sections = [name for name in ("global", "install") if parser.has_section(name)]
    found = [(name, key.replace("_", "-"), (value or "").strip()) for name in sections for key, value in parser.items(name)]
    return [one for one in found if one[1] in _NET_PIP_KEYS + _NET_PIP_MORE and one[2]]
