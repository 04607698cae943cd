"""Find which package index would be asked, by pip or, in an environment of uv's without pip, by uv; nothing is asked."""

import os

from mlenv_doctor.probekit import file_text, path_of_address

from .addresses import split_address
from .pip_settings import settings_of_pip
from .uv_settings import ON, PUBLIC_INDEX, index_of_uv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def chosen_index(prefix: str) -> "dict[str, Any]":
    """Its address and who names it, whether it is switched off, whether there are others beside it, and who would ask."""
    if _is_for_uv(prefix):
        return index_of_uv()
    settings = {found["key"]: found for found in settings_of_pip(prefix)}
    chosen = settings.get("index-url", {"value": PUBLIC_INDEX, "source": ""})
    off = settings.get("no-index", {"value": ""})["value"].lower() in ON
    more = "extra-index-url" in settings
    return {"value": chosen["value"], "source": chosen["source"], "off": off, "more": more, "by": "pip", "settings": settings}


def problem_and_folder(chosen: "dict[str, Any]") -> "tuple[str, str]":
    """What can be told of an address without asking it: the problem, and the folder that it may be."""
    folder = _folder_of(chosen["value"])
    if chosen["off"]:
        return "off", ""
    if folder:
        return ("local" if os.path.isdir(folder) else "no-folder"), folder
    scheme, _, host, _ = split_address(chosen["value"])
    named = chosen["value"].lower().startswith(("http://", "https://"))
    return ("" if host and named and scheme in ("http", "https") else "unusable"), ""


def shown_index(value: str) -> str:
    """An index as it may be shown, and as it was written: without a scheme where it has none."""
    shown = split_address(value)[1].rstrip("/")
    return shown if "://" in value else "" if ":/" in value else shown.partition("://")[2]


def _folder_of(value: str) -> str:
    """The folder that an index of this machine is; empty where it is no such index. pip and uv take an address or a path."""
    from urllib.parse import urlsplit

    if value.lower().startswith("file:"):
        return path_of_address(urlsplit(value).path)
    return os.path.expanduser(value) if "://" not in value and os.path.isdir(os.path.expanduser(value)) else ""


def _is_for_uv(prefix: str) -> bool:
    """Whether uv made this environment and left pip out of it: pip's settings then concern nobody."""
    import glob

    lines = file_text(os.path.join(prefix, "pyvenv.cfg"), 1 << 16).splitlines()
    made = any(line.partition("=")[0].strip() == "uv" for line in lines)
    sites = ("lib/python*/site-packages/pip", "Lib/site-packages/pip")
    return made and not any(glob.glob(os.path.join(prefix, site)) for site in sites)
