"""What a Dockerfile installs with pip: the exact versions, and which of the project's lists it takes."""

import os
import re

from mlenv_doctor.probekit import file_text

from . import dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PIN = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]{0,80})(?:\[[^\]]{0,80}\])?[ ]?==[ ]?([0-9][\w.!*]{0,40}(?:\+[\w.]{1,40})?)[ ]*(?:#.*)?$"
)
LARGEST, MOST = 1 << 17, 400


def installed(last: "list[dict[str, Any]]", context: str, project: str) -> "dict[str, Any]":
    """The pins, each with the number of its command, the lists, and whether torch or the project is installed."""
    pins, lists, torch, itself, number = [], [], False, False, 0  # type: list[dict[str, Any]], list[str], bool, bool, int
    for stage in last:
        for word, rest, line in stage["steps"]:
            for command in dockerfile.commands(rest) if word == "RUN" else []:
                words = _arguments(command)
                if words is None:
                    continue
                number += 1
                for each, file in _requirements(words, context):
                    at, path = (line, "") if not file else (file[1], os.path.relpath(file[0], project))
                    found = PIN.match(each)
                    torch = torch or bool(re.match(r"torch(?![\w-])", each))
                    if found and len(pins) < MOST:
                        name = re.sub(r"[-_.]+", "-", found.group(1)).lower()
                        pins.append({"name": name, "version": found.group(2), "file": path, "line": at, "command": number})
                lists += [os.path.relpath(os.path.join(context, name), project) for name in _lists(words, context)]
                itself = itself or bool({".", "-e."} & set(words))
    return {"pins": pins, "lists": lists[:20], "torch": torch, "itself": itself}


def _arguments(command: "list[str]") -> "list[str] | None":
    """The words behind `pip install`; None for any other command."""
    for at, word in enumerate(command[:8]):
        if re.match(r"pip[\d.]*$", word.rpartition("/")[2]) and command[at + 1 : at + 2] == ["install"]:
            return command[at + 2 :]
    return None


def _lists(words: "list[str]", context: str) -> "list[str]":
    """The requirements files that are named and are there: below the context they are called as in the image, as a rule."""
    named, takes = [], False
    for word in words:
        if takes or (word.startswith("-r") and len(word) > 2) or word.startswith("--requirement="):
            named.append(word if takes else word.partition("=")[2] if word.startswith("--") else word[2:])
        takes = not takes and word in ("-r", "--requirement")
    named = [os.path.basename(name) if name.startswith("/") else name for name in named if ".." not in name]
    return [name for name in named if os.path.isfile(os.path.join(context, name))]


def _requirements(words: "list[str]", context: str) -> "list[tuple[str, tuple[str, int] | None]]":
    """What is asked for: in the command itself, and in the lists that it names."""
    found = [(word, None) for word in words if not word.startswith("-")]  # type: list[tuple[str, tuple[str, int] | None]]
    for name in _lists(words, context):
        path = os.path.join(context, name)
        lines = file_text(path, LARGEST).split("\n")[:5000]
        found += [
            (line.strip(), (path, number)) for number, line in enumerate(lines, 1) if "==" in line or line.startswith("torch")
        ]
    return found[:2000]
