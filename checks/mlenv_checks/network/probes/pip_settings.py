"""Read the settings of pip, from variables and from its files."""

import os
import sys

KEYS = ("target", "prefix", "user", "no-deps", "no-binary", "require-virtualenv", "cert", "index-url", "proxy")
INDEX_KEYS = ("extra-index-url", "no-index")  # of use where the index is asked, and never shown


def settings_of_pip(prefix: str) -> "list[dict[str, str]]":
    """The settings of pip that matter, each from where it wins: a variable, then the most particular file.

    https://pip.pypa.io/en/stable/topics/configuration/
    """
    found: "dict[str, dict[str, str]]" = {}
    for path, level in _files(prefix):
        for section, key, value in _read_file(path):
            found[key] = {"key": key, "value": value, "source": path, "section": section, "level": level}
    for key in KEYS + INDEX_KEYS:
        variable = "PIP_" + key.upper().replace("-", "_")
        if os.environ.get(variable):
            found[key] = {"key": key, "value": os.environ[variable], "source": variable}
    return [found[key] for key in KEYS + INDEX_KEYS if key in found]


def _files(prefix: str) -> "list[tuple[str, str]]":
    """The files that pip reads, the most general first, each with the level by which `pip config` changes it.

    PIP_CONFIG_FILE comes last; where that file is there, those of the user are not read, and as /dev/null it shuts all out.
    """
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    general, own = _folders()
    files = [(os.path.join(folder, name), "") for folder in general]
    if not (named and os.path.exists(named)):
        files += [(os.path.join(folder, name), "user" if folder == own[-1] else "") for folder in own]
    files += [(os.path.join(prefix, name), "site")] if prefix else []
    return files + ([(named, "")] if named else [])


def _folders() -> "tuple[list[str], list[str]]":
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


def _read_file(path: str) -> "list[tuple[str, str, str]]":
    """Section, key and value of one file, those of [global] before those of [install]."""
    if not os.path.isfile(path):
        return []
    import configparser

    parser = configparser.RawConfigParser()
    try:
        if os.path.getsize(path) < 1 << 20:
            parser.read(path, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return []
    sections = [name for name in ("global", "install") if parser.has_section(name)]
    found = [(name, key.replace("_", "-"), (value or "").strip()) for name in sections for key, value in parser.items(name)]
    return [one for one in found if one[1] in KEYS + INDEX_KEYS and one[2]]
