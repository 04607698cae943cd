"""Find which package index would be asked, by pip or, in an environment of uv's without pip, by uv; nothing is asked."""

_IXS_PUBLIC = "https://pypi.org/simple"
_IXS_ON = ("1", "true", "yes", "on", "t", "y")


def _ixs_chosen(prefix):
    """Its address and who names it, whether it is switched off, whether there are others beside it, and who would ask."""
    if _ixs_by_uv(prefix):
        return _ixs_uv()
    settings = {found["key"]: found for found in _net_pip(prefix)}
    chosen = settings.get("index-url", {"value": _IXS_PUBLIC, "source": ""})
    off = settings.get("no-index", {"value": ""})["value"].lower() in _IXS_ON
    more = "extra-index-url" in settings
    return {"value": chosen["value"], "source": chosen["source"], "off": off, "more": more, "by": "pip", "settings": settings}


def _ixs_local(chosen):
    """What can be told of an address without asking it: the problem, and the folder that it may be."""
    folder = _ixs_folder(chosen["value"])
    if chosen["off"]:
        return "off", ""
    if folder:
        return ("local" if os.path.isdir(folder) else "no-folder"), folder
    scheme, _, host, _ = _net_address(chosen["value"])
    named = chosen["value"].lower().startswith(("http://", "https://"))
    return ("" if host and named and scheme in ("http", "https") else "unusable"), ""


def _ixs_shown(value):
    """An index as it may be shown, and as it was written: without a scheme where it has none."""
    shown = _net_address(value)[1].rstrip("/")
    return shown if "://" in value else "" if ":/" in value else shown.partition("://")[2]


def _ixs_folder(value):
    """The folder that an index of this machine is; empty where it is no such index. pip and uv take an address or a path."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    if value.lower().startswith("file:"):
        return url2pathname(urlsplit(value).path)
    return os.path.expanduser(value) if "://" not in value and os.path.isdir(os.path.expanduser(value)) else ""


def _ixs_by_uv(prefix):
    """Whether uv made this environment and left pip out of it: pip's settings then concern nobody."""
    import glob

    try:
        with open(os.path.join(prefix, "pyvenv.cfg"), "rb") as file:
            lines = file.read(1 << 16).decode("utf-8", "replace").splitlines()
    except OSError:
        return False
    made = any(line.partition("=")[0].strip() == "uv" for line in lines)
    sites = ("lib/python*/site-packages/pip", "Lib/site-packages/pip")
    return made and not any(glob.glob(os.path.join(prefix, site)) for site in sites)


def _ixs_uv():
    """The same for uv: variables win over the project's files, and those over the user's.

    https://docs.astral.sh/uv/concepts/indexes/
    """
    files = [] if os.environ.get("UV_NO_CONFIG") else [(path, _ixs_uv_file(path)) for path in _ixs_uv_files()]
    named = [(name, os.environ[name]) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL") if os.environ.get(name)]
    named += [(path, table["default"]) for path, table in files if table["default"]]
    source, value = (*named, ("", _IXS_PUBLIC))[0]
    off = any((os.environ.get(name) or "").lower() in _IXS_ON for name in ("UV_NO_INDEX", "UV_OFFLINE"))
    more = any(os.environ.get(name) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL")) or any(table["more"] for _, table in files)
    value = value.partition("=")[2] if _ixs_labelled(value) else value
    return {"value": value, "source": source, "off": off, "more": more, "by": "uv", "settings": {}}


def _ixs_labelled(value):
    """Whether an index is written NAME=ADDRESS, as uv allows."""
    name, equals, _ = value.partition("=")
    return bool(equals) and name.replace("-", "").replace("_", "").isalnum()


def _ixs_uv_files():
    """The files that uv reads, the most particular first. In one folder, uv.toml stands for pyproject.toml."""
    if os.environ.get("UV_CONFIG_FILE"):
        return [os.environ["UV_CONFIG_FILE"]]
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    if os.name == "nt":
        config = os.environ.get("APPDATA") or config
    project = "uv.toml" if os.path.exists("uv.toml") else "pyproject.toml"
    return [os.path.abspath(project), os.path.join(config, "uv", "uv.toml"), "/etc/uv/uv.toml"]


def _ixs_uv_file(path):
    """The default index of one file, and whether it names others."""
    table = _ixs_toml(path)
    if os.path.basename(path) == "pyproject.toml":
        tool = table.get("tool")
        table = tool.get("uv") if isinstance(tool, dict) else None
    table = table if isinstance(table, dict) else {}
    indexes = table.get("index")
    indexes = [one for one in indexes if isinstance(one, dict)] if isinstance(indexes, list) else []
    ours = table.get("pip")
    named = [one.get("url") for one in indexes if one.get("default") is True] + [table.get("index-url")]
    named += [ours.get("index-url")] if isinstance(ours, dict) else []
    default = next((url for url in named if isinstance(url, str) and url), "")
    others = any(one.get("default") is not True for one in indexes) or bool(table.get("extra-index-url"))
    return {"default": default, "more": others}


def _ixs_toml(path):
    """A file as a table; empty where it cannot be read as one: the project's own files are judged elsewhere."""
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > 1 << 20:
            return {}
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        if max(line.count(".") for line in text.split("\n")) > 1000:  # reading a key takes the square of its parts
            return {}
        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
