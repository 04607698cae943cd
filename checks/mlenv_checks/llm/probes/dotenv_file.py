"""Find the file with the keys as python-dotenv does, and read it: from its first byte on it is a secret."""

import os

from mlenv_checks.llm.probes.secret import Secret
from mlenv_doctor.probekit import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LARGEST, MOST_LINES = 1 << 20, 20000  # python-dotenv takes seconds for more lines than these
SIGNS_OF_AN_ENVIRONMENT = ("pyvenv.cfg", "conda-meta", os.path.join("bin", "python"), os.path.join("Scripts", "python.exe"))
NAMED_LIKE_DOTENV = r"(?i)^[._]?env([._-].*|\s?\(\d+\)|~|\d)?$|^\.env \S*$|.\.env$"  # and `.env` in other letters


def find_dotenv(question: "dict[str, Any]") -> "tuple[str, bool]":
    """The file that was asked for, or the one that dotenv.find_dotenv finds from the project's folder upwards.

    That one takes files and pipes, and walks past all else: https://github.com/theskumar/python-dotenv (main.py). Only where
    it finds nothing is a folder or a broken link of that name worth a word.
    """
    project = folder = question["project"]
    if question["env_file"]:
        return os.path.join(project, question["env_file"]), True
    while True:
        path = os.path.join(folder, ".env")
        if os.path.isfile(path) or _is_pipe(path):
            return path, False
        if os.path.dirname(folder) == folder:
            break
        folder = os.path.dirname(folder)
    path = os.path.join(project, ".env")
    odd = os.path.lexists(path) and not any(os.path.lexists(os.path.join(path, sign)) for sign in SIGNS_OF_AN_ENVIRONMENT)
    return (path if odd else ""), False


def _is_pipe(path: str) -> bool:
    import stat

    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def find_lookalikes(folder: str) -> "list[str]":
    """The files of a folder that are named nearly as `.env` is: examples, copies, and slips. python-dotenv reads none of them."""
    import re

    named = [name for name in names_in(folder) if name != ".env" and re.search(NAMED_LIKE_DOTENV, name)]
    return [name for name in named if os.path.isfile(os.path.join(folder, name))][:20]


def find_below(project: str) -> "list[str]":
    """The `.env` files in folders of the project, at most two deep: scripts next to them find them, others do not.

    A home folder is no project: what lies below it belongs to others.
    """
    found: "list[str]" = []
    seen = 0
    if os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep)):
        return found
    for folder, folders, files in os.walk(project):
        seen += len(folders) + len(files)
        deep = folder != project and os.path.relpath(folder, project).count(os.sep) >= 1
        folders[:] = [] if deep or seen > 5000 else sorted(name for name in folders if _is_own(os.path.join(folder, name)))
        if folder != project and ".env" in files:
            found.append(os.path.join(folder, ".env"))
    return found[:5]


def _is_own(folder: str) -> bool:
    """Whether a folder belongs to the project itself: no environment, no other repository, nothing hidden."""
    name = os.path.basename(folder)
    if name.startswith(".") or name in ("node_modules", "site-packages", "__pycache__", "venv", "env"):
        return False
    return not any(os.path.lexists(os.path.join(folder, sign)) for sign in ("pyvenv.cfg", "conda-meta", ".git"))


def read_dotenv(path: str) -> "tuple[str, Secret]":
    """What is wrong with the file as a whole, and its text. Only regular files are opened: a FIFO would block."""
    import stat

    none = Secret(path, "")
    try:
        info = os.stat(path)
        if stat.S_ISFIFO(info.st_mode):
            return "a pipe", none
        if not stat.S_ISREG(info.st_mode):
            return "not a file", none
        with open(path, "rb") as file:
            data = Secret(path, file.read(LARGEST + 1))
    except FileNotFoundError:
        return ("broken link" if os.path.islink(path) else "missing"), none
    except PermissionError:
        return "no permission", none
    except (OSError, ValueError):
        return "not readable", none
    problem, text = data.use(_decode)
    return problem, Secret(path, text)


def has_byte_order_mark(path: str) -> bool:
    """Whether a regular file begins with the mark of UTF-8, as Notepad writes it, and a variable right behind it."""
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        return False
    with open(path, "rb") as file:
        start = file.read(4)
    return start[:3] == b"\xef\xbb\xbf" and start[3:].isalpha()


def _decode(data: bytes) -> "tuple[str, str]":
    """As open(path, encoding="utf-8") gives it: python-dotenv reads so, and sees every line end as a newline."""
    if len(data) > LARGEST or data.count(b"\n") + data.count(b"\r") > MOST_LINES:
        return "too large", ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", ""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return "", "\ufeff" + text if text.startswith("\ufeff") else text  # a second mark: the parser takes away the first itself
    except UnicodeDecodeError:
        return "not utf-8", ""
