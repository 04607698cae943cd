"""What a command of the cheat sheet would touch, and whether the doctor may run it: a short list; all else is for people."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

IN_A_SHELL = ("export", "unset", "set", "source", ".", "ulimit", "Set-Item", "Remove-Item", "setx")
ACTIVATES = re.compile(r"(?i)activate(\.\w+)?$|^\$env:")
PLAIN = ("rm", "mv", "cp", "chmod", "mkdir")
PYTHON = re.compile(r"(?i)python(\d+(\.\d+)*)?(\.exe)?")
INSTALLS = {("pip", "install"), ("pip", "uninstall"), ("uv", "sync")}
ASKS = re.compile(r"getpass|input\(")
BESIDE = re.compile(r"os\.(replace|rename)\(")  # code that writes beside a file and puts it in its place

YOUR_SHELL = "only your shell can do this"
OUTSIDE = "it changes something outside the environment and the project"
UNKNOWN = "the doctor does not run this command by itself"
QUESTION = "it asks for something that only you know"


@dataclass(frozen=True)
class Scope:
    """Where a repair may change something: one environment and one project. base: the Pythons that may make environments."""

    environment: Path
    project: Path
    alias: Path | None = None  # the environment by the path that commands name it with, where that is a link

    def in_environment(self, path: str) -> bool:
        """Whether a path lies in the environment, or is its name with an ending: where a new one is built beside it."""
        path = os.path.normpath(path)
        return any(_within(path, str(root)) or path.startswith(f"{root}.") for root in (self.environment, self.alias) if root)

    def in_project(self, path: str) -> bool:
        """Whether a path lies in the project, by its name and by where it leads to."""
        named = _within(os.path.normpath(path), str(self.project)) and not self.in_environment(path)
        return named and _within(os.path.realpath(path), os.path.realpath(self.project))


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def for_a_shell(argv: Sequence[str]) -> bool:
    """Whether a command only changes the shell that it is typed in."""
    conda = list(argv[:2]) in (["conda", "activate"], ["conda", "deactivate"])
    env = argv[0] not in ("Set-Item", "Remove-Item") or any(word.startswith("Env:") for word in argv)
    return conda or (argv[0] in IN_A_SHELL and env) or bool(ACTIVATES.search(argv[0]))


def driver_problem(argv: Sequence[str], scope: Scope) -> str:
    """Why the doctor does not run a command; empty where it may."""
    if ASKS.search(" ".join(argv)):
        return QUESTION
    if any(_leads_out(word, scope) for word in argv[1:]):
        return OUTSIDE
    if argv[0] in PLAIN:
        return "" if any(map(os.path.isabs, argv[1:])) else UNKNOWN
    if argv[0] == "uv" or argv[0].endswith("/uv"):
        return _of_uv(argv, scope)
    if PYTHON.fullmatch(os.path.basename(argv[0])):
        return _of_python(argv, scope)
    return UNKNOWN


def _leads_out(word: str, scope: Scope) -> bool:
    """Whether a word is a path that is neither in the environment nor in the project. Code is not a path."""
    path = word.partition("=")[2] if word.startswith("--") and "=" in word else word
    if path.startswith("~"):
        return True
    if not os.path.isabs(path):
        return False
    return not (scope.in_environment(path) or scope.in_project(path) or PYTHON.fullmatch(os.path.basename(path)))


def _of_uv(argv: Sequence[str], scope: Scope) -> str:
    if tuple(argv[1:3]) in (("pip", "install"), ("pip", "uninstall")):
        python = argv[argv.index("--python") + 1] if "--python" in argv else ""
        return "" if scope.in_environment(python) else OUTSIDE
    if argv[1] == "venv":
        return "" if scope.in_environment(argv[-1]) else OUTSIDE
    return "" if argv[1] == "sync" else UNKNOWN


def _of_python(argv: Sequence[str], scope: Scope) -> str:
    own = scope.in_environment(argv[0])
    if argv[1] == "-c":
        return "" if any(os.path.isabs(word) for word in argv[3:]) else UNKNOWN
    words = tuple(argv[2:4])
    if argv[1] != "-m":
        return UNKNOWN
    if words in INSTALLS or words[0] == "ensurepip":
        return "" if own else OUTSIDE
    if words[0] == "venv":
        return "" if scope.in_environment(argv[-1]) else OUTSIDE
    return UNKNOWN


def installs(argv: Sequence[str]) -> bool:
    """Whether a command is an installer's, which says beforehand what it would change."""
    return any(pair in INSTALLS for pair in pairwise(argv[:4]))


def leaves_links_alone(argv: Sequence[str]) -> bool:
    """Whether a command replaces files and does not write into them."""
    if "-c" in argv[:2]:
        return bool(BESIDE.search(argv[2]))
    return argv[0] != "cp"


def touched(argv: Sequence[str], scope: Scope) -> list[Path]:
    """The files and folders of the project that a command is given."""
    return [Path(word) for word in argv[1:] if os.path.isabs(word) and scope.in_project(word) and word != str(scope.project)]
