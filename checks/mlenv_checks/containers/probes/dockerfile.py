"""Read a Dockerfile as instructions with their lines. Nothing of it is run. https://docs.docker.com/reference/dockerfile"""

import json
import re
import shlex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Instruction = tuple[str, str, int]  # its word in capitals, its arguments in one line, the line where it begins

KNOWN = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
MOST_LINES, LONGEST, LONGEST_NAME = 4000, 20000, 200
HEREDOC = re.compile(r"<<-?(['\"]?)([A-Za-z_]\w{0,40})\1")
VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w{0,80})(?::?[-+]([^{}$]{0,200}))?\}|([A-Za-z_]\w{0,80}))")


class NoDockerfile(ValueError):
    """What cannot be built: the line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        ValueError.__init__(self, reason)
        self.line = line


def instructions(text: str) -> "list[Instruction]":
    """The instructions of a Dockerfile, continued lines joined. Raises NoDockerfile."""
    lines = text.split("\n")[:MOST_LINES]
    escape = "`" if re.match(r"#[ \t]*escape[ \t]*=[ \t]*`", lines[0]) else "\\"
    found, at = [], 0
    while at < len(lines):
        start, (whole, at) = at, _joined(lines, at, escape)
        if whole:
            word, _, rest = whole.replace("\t", " ").partition(" ")
            if word.upper() not in KNOWN:
                raise NoDockerfile(start + 1, "unknown instruction %s" % word[:40])
            body, at = _heredocs(rest, lines, at) if word.upper() in ("RUN", "COPY", "ADD") else (rest, at)
            found.append((word.upper(), body.strip()[:LONGEST], start + 1))
    if not any(word == "FROM" for word, _, _ in found):
        raise NoDockerfile(0, "no FROM instruction")
    first = next(each for each in found if each[0] != "ARG")
    if first[0] != "FROM":
        raise NoDockerfile(first[2], "%s stands before FROM" % first[0])
    return found


def _joined(lines: "list[str]", at: int, escape: str) -> "tuple[str, int]":
    """One instruction and where the next begins; comments and empty lines between continued lines do not count."""
    parts, goes_on = [], True  # type: list[str], bool
    while goes_on and at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith("#") or not line:
            goes_on = bool(parts)
            continue
        goes_on = line.endswith(escape)
        parts.append(line[:-1] if goes_on else line)
    return " ".join(parts), at


def _heredocs(rest: str, lines: "list[str]", at: int) -> "tuple[str, int]":
    """The arguments with the lines of their here-documents behind them, and where those end."""
    for found in list(HEREDOC.finditer(rest))[:10]:
        end = next((number for number in range(at, len(lines)) if lines[number].strip() == found.group(2)), None)
        if end is not None:
            rest, at = "%s\n%s" % (rest, "\n".join(lines[at:end])), end + 1
    return rest, at


def filled(text: str, values: "Mapping[str, str]") -> str:
    """A text with the values of its variables; one without a value stays as it is written."""

    def value(found: "re.Match[str]") -> str:
        name = found.group(1) or found.group(3)
        return values.get(name) or found.group(2) or found.group(0)

    return VARIABLE.sub(value, text)[:LONGEST]


def pairs(text: str) -> "list[tuple[str, str | None]]":
    """The names and values of ENV, ARG or LABEL; None for an ARG without a value."""
    if re.match(r"[A-Za-z_]\w*[ ]+[^= ]", text) and "=" not in text.split(" ")[0]:
        name, _, value = text.partition(" ")
        return [(name, value.strip())]  # the old way: ENV NAME value
    found = []  # type: list[tuple[str, str | None]]
    for word in words(text):
        name, mark, value = word.partition("=")
        if re.match(r"[A-Za-z_]\w{0,100}$", name):
            found.append((name, value if mark else None))
    return found


def words(text: str) -> "list[str]":
    """The words of a command, of a list in JSON or as a shell splits them."""
    if text.startswith("["):
        try:
            found = json.loads(text)
            return [word for word in found if isinstance(word, str)]
        except (ValueError, RecursionError):
            pass
    try:
        return shlex.split(text)
    except ValueError:
        return text.replace('"', " ").replace("'", " ").split()


def commands(text: str) -> "list[list[str]]":
    """The commands of a RUN instruction, each as its words; options of RUN itself left out."""
    text = re.sub(r"^(?:--\S+[ \t]+)+", "", text)
    if text.startswith("["):
        return [words(text)]
    return [words(part) for part in re.split(r"&&|\|\||[;|\n]", text)[:300] if part.strip()]


def port(text: str) -> int:
    """The number of a port; 0 where a text is none, such as one with other digits than ASCII's, or with too many."""
    return int(text) if re.match("[0-9]{1,5}$", text) and int(text) < 65536 else 0
