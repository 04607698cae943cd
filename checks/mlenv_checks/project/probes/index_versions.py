"""Ask the package index, through pip, whether pinned versions can be installed here. Nothing is downloaded, built or run.

`pip index versions` reads one page for each name and lists what fits: with --only-binary what has a wheel, and with
--python-version what another Python would find. https://pip.pypa.io/en/stable/cli/pip_index/
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mlenv_doctor.probekit import file_text, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Answer = tuple[set[str], bool]  # the versions, and whether nothing hides some

SECONDS, PATIENCE, LARGEST = 45, 20, 1 << 23
WHEELS, FULLY = ("--only-binary", ":all:"), ("-vv",)
OTHERS = (14, 13, 12, 11, 10, 9, 8)  # minor versions of Python 3 that are asked about
VERSIONS = re.compile(r"^Available versions: ([^\n]{1,200000})$", re.M)
UNREAD = re.compile(
    r"^[ \t]*Could not fetch URL (?![^\n]{1,2000}: 404 )", re.M
)  # with -vv pip names every page that it could not read
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,100}$")
# A project, or a user of uv, with an index that pip is not told of: what pip's lacks may be there.
OF_UV = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
FILES = re.compile(r"(?:[\w.-]{0,60}require[\w.-]{0,60}\.(?:txt|in)|pyproject\.toml|uv\.toml|Pipfile|pdm\.toml)$")
OWN_INDEX = re.compile(
    r"^[ \t]*(?:(?:extra-)?index-url|find-links)[ \t]*=|^[ \t]*(?:-i|-f|--index-url|--extra-index-url|--find-links|--no-index)\b|"
    r"^[ \t]*\[\[?(?:tool\.(?:uv|poetry|pdm|pixi)\.)?(?:index|sources?)\b",
    re.M,
)


def read_index_versions(question: "dict[str, Any]") -> "dict[str, Any]":
    pip = _pip(question)
    if not pip:
        return {"engine": False}
    end, found, others = time.time() + SECONDS, [], {}
    folder = tempfile.mkdtemp()  # nothing of the working directory is imported by `python -m pip`
    try:
        for pin in question["pins"]:
            if pin["file"] not in others:
                others[pin["file"]] = _has_own_index(pin["file"], question["project"])
            if not others[pin["file"]] and NAME.match(pin["name"]):
                found.append(dict(pin, **_judged(pip, pin["name"], _same(pin["version"]), end, folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"engine": True, "pins": found}


def _pip(question: "dict[str, Any]") -> "list[str]":
    """The environment's own pip, with its settings; else the doctor's, which can take its place."""
    from importlib.util import find_spec

    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return [question["own"], "-m", "pip", "--python", sys.executable] if question.get("own") else []


def _has_own_index(file: str, project: str) -> bool:
    """Whether a file of requirements, one beside it or in the project, or the user's settings of uv name an index."""
    folders = {os.path.dirname(file), project}
    files = [file, os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "uv", "uv.toml")]
    files += [os.path.join(folder, name) for folder in folders for name in names_in(folder)[:2000] if FILES.match(name)]
    return any(os.environ.get(name) for name in OF_UV) or any(OWN_INDEX.search(file_text(each, 1 << 20)) for each in files[:40])


def _judged(pip: "list[str]", name: str, version: str, end: float, folder: str) -> "dict[str, str]":
    """What there is of a version for this Python: "wheel", "source", "absent"; "unknown" where the index does not tell."""
    wheels, _ = _ask(pip, name, WHEELS, end, folder)
    if version in wheels:
        return {"state": "wheel"}
    every, certain = _ask(pip, name, FULLY, end, folder)
    if not certain or not every:
        return {"state": "unknown"}
    state, now = "source" if version in every else "absent", sys.version_info[1]
    for minor in sorted(OTHERS, key=lambda other: (other > now, abs(other - now))):
        python = "3.%d" % minor
        if minor != now and version in _ask(pip, name, (*WHEELS, "--python-version", python), end, folder)[0]:
            return {"state": state, "python": python}
    return {"state": state if time.time() < end else "unknown"}


def _ask(pip: "list[str]", name: str, options: "tuple[str, ...]", end: float, folder: str) -> "Answer":
    """The versions that pip finds; certain unless a page could not be read, or time ran out."""
    patience = min(PATIENCE, end - time.time())
    if patience <= 0:
        return set(), False
    command = [*pip, "index", "versions", name, "--pre", "--no-input", "--disable-pip-version-check", "--no-color"]
    command += ["--retries", "0", "--timeout", "8", *options]
    with tempfile.TemporaryFile(dir=folder) as out:
        try:
            child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
        except OSError:
            return set(), False
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return set(), False
        said = _text(out)
    found = VERSIONS.search(said)
    versions = {_same(word) for word in found.group(1).split(",")} if found else set()
    return versions, not UNREAD.search(said)


def _text(file: "Any") -> str:
    file.seek(0)
    return str(file.read(LARGEST).decode("utf-8", "replace"))


def _same(version: str) -> str:
    """A version, so that two ways to write it compare equal: 1.0 and 1.0.0, 2.0.0rc1 and 2.0rc1."""
    number = re.match(r"v?((?:\d+!)?\d+(?:\.\d+)*)(.*)$", version.strip().lower())
    return re.sub(r"(?:\.0)+$", "", number.group(1)) + number.group(2).lstrip(".-_") if number else version.strip()
