"""Read where else the secrets of `.env` are: in copies beside it, in the history of git, and in images that are built here."""

import os

from mlenv_checks.llm.probes.dotenv_file import LARGEST, find_dotenv, find_lookalikes, read_dotenv
from mlenv_checks.llm.probes.dotenv_lines import parse_lines
from mlenv_checks.llm.probes.exposure import file_exposure, git_state
from mlenv_checks.llm.probes.key_values import KEY_PREFIXES, KEY_VARIABLES, is_secret
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_key_copies(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read where else the keys of `.env` are: in copies of the file, in old commits, in an image that copies the folder."""
    path, _ = find_dotenv(question)
    folder = os.path.dirname(path) if path else question["project"]
    holds = _holds_secret(path) if path else False
    image = _dockerfile_with_keys(question["project"], path) if holds else ""
    return {
        "file": path,
        "copies": [_copy_state(folder, name) for name in find_lookalikes(folder) if _holds_secret(os.path.join(folder, name))],
        "folder": folder,
        "in_history": _keys_in_history(path) if holds else [],
        "image": image,
        "ignore": image and _ignore_file(question["project"], image),
    }


def _holds_secret(path: str) -> bool:
    """Whether a file holds anything that is worth keeping to oneself, however it is encoded."""
    text = read_dotenv(path)[1]
    if not text:
        return bool(_holds_secret_in_other_encoding(path))
    return any(line["name"] and is_secret(line["name"], line["value"]) for line in text.use(parse_lines))


def _holds_secret_in_other_encoding(path: str) -> bool:
    """A file in another encoding, such as a copy from before it was repaired: does it show the prefix of a vendor?"""
    if not read_dotenv(path)[0].startswith(("utf-16", "not utf-8")):
        return False
    with open(path, "rb") as file:
        data = file.read(LARGEST).replace(b"\0", b"")
    return any(prefix.encode() in data for prefix, _ in KEY_PREFIXES) or any(name.encode() in data for name in KEY_VARIABLES)


def _copy_state(folder: str, name: str) -> "dict[str, Any]":
    """Who can read a copy, and what git makes of it."""
    return dict(file_exposure(os.path.join(folder, name)), name=name)


def _keys_in_history(path: str) -> "list[str]":
    """The keys of the file that a commit has, too, on whatever branch, though git does not track the file now."""
    tracked, _ = git_state(path)
    if tracked is not False:
        return []
    folder, name = os.path.split(path)
    commits = _git_output(folder, "log", "--all", "--format=%H", "-n50", "--", name).use(bytes.split)
    lines = read_dotenv(path)[1].use(parse_lines) if commits else []
    mine = {line["name"]: line["value"] for line in lines if line["name"] and is_secret(line["name"], line["value"])}
    found: "set[str]" = set()
    for commit in commits:
        old = _git_output(folder, "show", "%s:./%s" % (commit.decode("ascii"), name))
        found |= {key for key in set(mine) - found if _is_in(mine[key], old)}
    return sorted(found)[:5]


def _is_in(key: "Secret", old: "Secret") -> bool:
    """Whether a key is part of an old version of the file."""
    return key.use(lambda value: old.use(lambda data: value.strip().encode() in data))


def _git_output(folder: str, *words: str) -> "Secret":
    """What git prints about the repository around a folder; nothing where it takes too long. Nothing named there is started."""
    import subprocess

    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in elsewhere}
    quiet = ["-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "diff.external="]
    try:
        said = subprocess.run(
            ["git", *quiet, "--no-pager", "-C", folder, *words],
            timeout=4,
            env=dict(environment, GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return Secret("git", b"")
    return Secret("git", said.stdout[:LARGEST])


def _dockerfile_with_keys(project: str, path: str) -> str:
    """The Dockerfile that copies a whole folder with `.env` in it into an image; empty where none does, or it is left out."""
    import re

    if os.path.dirname(path) != project:
        return ""
    for name in ("Dockerfile", "Containerfile"):
        text = _lines(os.path.join(project, name))
        whole = any(re.match(r"(?i)\s*(copy|add)\s+(--\S+\s+)*\.?/?\s+\S+\s*$", line) and "--from=" not in line for line in text)
        if whole and not _is_left_out(project, name, os.path.basename(path)):
            return name
    return ""


def _ignore_file(project: str, dockerfile: str) -> str:
    """The ignore file that counts for a Dockerfile; the usual one where there is none."""
    names = (
        dockerfile + ".dockerignore",
        ".containerignore" if dockerfile == "Containerfile" else ".dockerignore",
        ".dockerignore",
    )
    return next((name for name in names if os.path.isfile(os.path.join(project, name))), ".dockerignore")


def _is_left_out(project: str, dockerfile: str, name: str) -> bool:
    """Whether the ignore file leaves a file of the top folder out; the last pattern that fits wins.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    import fnmatch

    out = False
    for line in _lines(os.path.join(project, _ignore_file(project, dockerfile))):
        pattern = line.strip().lstrip("!").strip("/")
        pattern = pattern[3:] if pattern.startswith("**/") else pattern[2:] if pattern.startswith("./") else pattern
        if pattern and not line.startswith("#") and fnmatch.fnmatchcase(name, pattern):
            out = not line.strip().startswith("!")
    return out


def _lines(path: str) -> "list[str]":
    """The lines of a small regular file."""
    if not os.path.isfile(path) or os.path.getsize(path) > 1 << 18:
        return []
    with open(path, "rb") as file:
        return file.read().decode("utf-8-sig", "replace").replace("\\\n", " ").splitlines()
