"""Read which package index uv would ask, from variables and from its files."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PUBLIC_INDEX = "https://pypi.org/simple"
ON = ("1", "true", "yes", "on", "t", "y")


def index_of_uv() -> "dict[str, Any]":
    """Variables win over the project's files, and those over the user's.

    https://docs.astral.sh/uv/concepts/indexes/
    """
    files = [] if os.environ.get("UV_NO_CONFIG") else [(path, _read_file(path)) for path in _files()]
    named = [(name, os.environ[name]) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL") if os.environ.get(name)]
    named += [(path, table["default"]) for path, table in files if table["default"]]
    source, value = (*named, ("", PUBLIC_INDEX))[0]
    off = any((os.environ.get(name) or "").lower() in ON for name in ("UV_NO_INDEX", "UV_OFFLINE"))
    more = any(os.environ.get(name) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL")) or any(table["more"] for _, table in files)
    value = value.partition("=")[2] if _has_label(value) else value
    return {"value": value, "source": source, "off": off, "more": more, "by": "uv", "settings": {}}


def _has_label(value: str) -> bool:
    """Whether an index is written NAME=ADDRESS, as uv allows."""
    name, equals, _ = value.partition("=")
    return bool(equals) and name.replace("-", "").replace("_", "").isalnum()


def _files() -> "list[str]":
    """The files that uv reads, the most particular first. In one folder, uv.toml stands for pyproject.toml."""
    if os.environ.get("UV_CONFIG_FILE"):
        return [os.environ["UV_CONFIG_FILE"]]
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    if os.name == "nt":
        config = os.environ.get("APPDATA") or config
    project = "uv.toml" if os.path.exists("uv.toml") else "pyproject.toml"
    return [os.path.abspath(project), os.path.join(config, "uv", "uv.toml"), "/etc/uv/uv.toml"]


def _read_file(path: str) -> "dict[str, Any]":
    """The default index of one file, and whether it names others."""
    table = _toml(path)
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


def _toml(path: str) -> "Any":
    """A file as a table; empty where it cannot be read as one: the project's own files are judged elsewhere."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > 1 << 20:
            return {}
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        if max(line.count(".") for line in text.split("\n")) > 1000:  # reading a key takes the square of its parts
            return {}
        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
