"""Read how downloads leave this machine, from variables and pip's files; nothing beyond this machine is asked."""

_NET_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_NET_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_NET_PIP_KEYS = ("target", "prefix", "user", "no-deps", "no-binary", "require-virtualenv", "cert", "index-url", "proxy")


def read_network(question):
    import shutil

    pip = _net_pip(question.get("prefix", ""))
    bundles = [_net_bundle(name, os.environ[name], name) for name in _NET_BUNDLES if os.environ.get(name)]
    certificates = [found for found in pip if found["key"] == "cert"]
    bundles += [_net_bundle(_net_name(found), found["value"], found["source"]) for found in certificates]
    compilers = (shutil.which(name) for name in ("cc", "gcc", "clang", "cl"))
    return {
        "proxies": [_net_proxy(name, os.environ[name], question["quick"]) for name in _NET_PROXIES if os.environ.get(name)],
        "bundles": bundles,
        "pip": [dict(found, value=_net_shown(found["key"], found["value"])) for found in pip],
        "compiler": next(filter(None, compilers), ""),
    }


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
    shown = "%s://%s%s%s" % (parts.scheme, "[%s]" % host if ":" in host else host, ":%d" % port if port else "", parts.path)
    return parts.scheme.lower(), shown if "@" not in parts.path else "", host, port


def _net_proxy(variable, value, quick):
    """A proxy, and, unless in haste, whether something listens where it is on this machine itself."""
    scheme, shown, host, port = _net_address(value.strip())
    said = {"variable": variable, "scheme": scheme, "address": shown.rstrip("/"), "problem": ""}
    if not host or not scheme.startswith(("http", "socks")):
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
    """Whether a file of certificates can be read. PIP_CERT and the like may name a folder of them as well."""
    return {"name": name, "path": path, "readable": os.path.exists(path) and os.access(path, os.R_OK), "source": source}


def _net_pip(prefix):
    """The settings of pip that matter, each from where it wins: a variable, then the most particular file.

    https://pip.pypa.io/en/stable/topics/configuration/
    """
    found = {}
    for path in _net_pip_files(prefix):
        for key, value in _net_pip_file(path):
            found[key] = {"key": key, "value": value, "source": path}
    for key in _NET_PIP_KEYS:
        variable = "PIP_" + key.upper().replace("-", "_")
        if os.environ.get(variable):
            found[key] = {"key": key, "value": os.environ[variable], "source": variable}
    return [found[key] for key in _NET_PIP_KEYS if key in found]


def _net_pip_files(prefix):
    """The files that pip reads, the most general first; PIP_CONFIG_FILE comes last, and as /dev/null shuts all out."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home, name = os.path.expanduser("~"), "pip.ini" if os.name == "nt" else "pip.conf"
    if os.name == "nt":
        folders = [os.path.join(os.environ.get(v) or home, "pip") for v in ("ProgramData", "APPDATA")] + [
            os.path.join(home, "pip")
        ]
    else:
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        mac = [os.path.join(home, "Library", "Application Support", "pip")] if sys.platform == "darwin" else []
        folders = ["/etc/xdg/pip", "/etc", os.path.join(home, ".pip"), *mac, os.path.join(config, "pip")]
    files = [os.path.join(folder, name) for folder in folders] + ([os.path.join(prefix, name)] if prefix else [])
    return files + ([named] if named else [])


def _net_pip_file(path):
    """The pairs of one file, those of [global] before those of [install]."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        if os.path.getsize(path) < 1 << 20 and os.path.isfile(path):
            parser.read(path, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return []
    pairs = [pair for section in ("global", "install") if parser.has_section(section) for pair in parser.items(section)]
    pairs = [(key.replace("_", "-"), (value or "").strip()) for key, value in pairs]
    return [(key, value) for key, value in pairs if key in _NET_PIP_KEYS and value]
