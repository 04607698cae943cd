"""Bring pip into an environment of a Python that has no ensurepip, as Debian's: from its wheel, which is a program of its own."""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import HTTPSHandler, build_opener

from packaging.version import InvalidVersion, Version

from ..repair.run import Failed, run_one

INDEX = "https://pypi.org/simple"
BESIDE = ("/usr/share/python-wheels",)  # where Debian's python3-pip-whl puts it
WHEEL = re.compile(r"pip-(\d[\w.]*)-py3-none-any\.whl")
LINK = re.compile(r"<a\s[^>]{0,2000}>")
ATTRIBUTE = re.compile(r'([\w-]{1,40})="([^"]{0,1000})"')
LARGEST = 20 << 20  # bytes: a wheel of pip has two millions
SECONDS = 60.0


def bring(python: Path, project: Path) -> None:
    """Install pip into the environment of an interpreter. Raises Failed."""
    with TemporaryDirectory(prefix="mlenv-doctor-") as folder:
        wheel = at_hand() or fetched(Path(folder), os.environ)
        run_one([str(python), f"{wheel}/pip", "install", "--no-index", "--quiet", str(wheel)], project, os.environ)


def at_hand() -> Path | None:
    """A wheel of pip that is on this machine already: of our own Python, or of the system."""
    import importlib.util

    found = importlib.util.find_spec("ensurepip")
    own = [Path(found.origin).parent / "_bundled"] if found and found.origin else []
    wheels = [path for folder in (*own, *map(Path, BESIDE)) for path in folder.glob("pip-*.whl") if WHEEL.fullmatch(path.name)]
    return max(wheels, key=lambda path: _version(path.name), default=None)


def fetched(folder: Path, environ: Mapping[str, str]) -> Path:
    """The newest wheel from the package index, or from a folder that pip is told of. Raises Failed."""
    for place in environ.get("PIP_FIND_LINKS", "").split():
        local = [path for path in Path(place).glob("pip-*.whl") if WHEEL.fullmatch(path.name)]
        if local:
            return max(local, key=lambda path: _version(path.name))
    if environ.get("PIP_NO_INDEX", "").lower() not in ("", "0", "false", "no"):
        raise Failed("this Python cannot install pip (it has no ensurepip), and PIP_NO_INDEX forbids to fetch it")
    page = f"{index(environ).rstrip('/')}/pip/"
    links = [link for link in _links(_read(page, environ).decode("utf-8", "replace")) if _fits(link)]
    if not links:
        raise Failed(f"{_shown(page)} has no wheel of pip for Python {sys.version_info[0]}")
    address, _, told = max(links, key=lambda link: _version(_name(link)))["href"].partition("#sha256=")
    data = _read(urljoin(page, address), environ)
    if told and hashlib.sha256(data).hexdigest() != told:
        raise Failed(f"the wheel of pip from {_shown(page)} is damaged: its checksum is another one")
    wheel = folder / _name({"href": address})
    wheel.write_bytes(data)
    return wheel


def index(environ: Mapping[str, str]) -> str:
    """The package index that pip would use: by its variable, by its files, else the usual one."""
    if environ.get("PIP_INDEX_URL"):
        return environ["PIP_INDEX_URL"]
    home = environ.get("HOME", "/")
    files = [environ.get("PIP_CONFIG_FILE", ""), f"{home}/.config/pip/pip.conf", f"{home}/.pip/pip.conf", "/etc/pip.conf"]
    for file in filter(None, files):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, ValueError, OSError):
            continue
        if found := parser.get("global", "index-url", fallback=""):
            return found
    return INDEX


def _links(page: str) -> Iterator[Mapping[str, str]]:
    """The files of a page of the index (PEP 503), by the attributes of their links."""
    for tag in LINK.findall(page):
        found = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        if "href" in found:
            yield found


def _fits(link: Mapping[str, str]) -> bool:
    """Whether a file is a released wheel of pip for a Python like ours, and nobody took it back."""
    if not WHEEL.fullmatch(_name(link)) or "data-yanked" in link or _version(_name(link)).is_prerelease:
        return False
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(link.get("data-requires-python", "")).contains("{}.{}.{}".format(*sys.version_info[:3]))
    except InvalidSpecifier:
        return False


def _name(link: Mapping[str, str]) -> str:
    return unquote(urlsplit(link["href"]).path).rpartition("/")[2]


def _version(name: str) -> Version:
    found = WHEEL.fullmatch(name)
    try:
        return Version(found[1] if found else "0")
    except InvalidVersion:
        return Version("0")


def _read(address: str, environ: Mapping[str, str]) -> bytes:
    """What an address answers, with the certificates that pip is told of. Raises Failed; a login in the address is not shown."""
    try:
        context = ssl.create_default_context(cafile=environ.get("PIP_CERT") or environ.get("SSL_CERT_FILE") or None)
        with build_opener(HTTPSHandler(context=context)).open(address, timeout=SECONDS) as answer:
            data: bytes = answer.read(LARGEST + 1)
    except (URLError, OSError, ValueError) as why:
        reason = getattr(why, "reason", why)
        raise Failed(f"pip cannot be fetched from {_shown(address)}: {reason}") from None
    if len(data) > LARGEST:
        raise Failed(f"{_shown(address)} answers with more than {LARGEST >> 20} MB")
    return data


def _shown(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:200]
