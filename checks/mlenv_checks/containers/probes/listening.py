"""Where a command makes a server listen: what it says, or what that server does by itself."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OPTIONS = (
    "--host",
    "--bind",
    "-b",
    "--ip",
    "--listen",
    "--server.address",
    "--address",
    "--server-name",
    "--http-host",
    "-h",
    "-H",
)
# Servers that listen on this machine alone unless they are told otherwise, and the variable that tells them; by their manuals,
# 2026-11. What their own files of settings say is not read: with such a file nothing is claimed.
ALONE = {
    ("uvicorn",): "UVICORN_HOST", ("flask", "run"): "FLASK_RUN_HOST", ("mlflow", "server"): "MLFLOW_HOST",
    ("mlflow", "ui"): "MLFLOW_HOST", ("fastapi", "dev"): "", ("gunicorn",): "GUNICORN_CMD_ARGS", ("hypercorn",): "",
}  # fmt: skip
BY_FILE = ("-c", "--config", "--uds", "--fd", "--env-file", "--app-name")
PREFIXES = (
    "poetry",
    "uv",
    "pdm",
    "pipenv",
    "rye",
    "hatch",
    "run",
    "exec",
    "tini",
    "--",
    "dumb-init",
    "python",
    "python3",
    "-m",
    "sh",
    "-c",
)


def loopback(words: "Sequence[str]", variables: "Mapping[str, str]") -> str:
    """What makes a command listen on 127.0.0.1 only, as it is to be told; empty where nothing does or nothing is known."""
    program = _program(words)
    said = _said(program)
    if said:
        host = re.sub(r"^(?:tcp|https?)://", "", said)
        host = host.rpartition(":")[0] if re.search(r":\d{1,5}$", host) else host
        return said if host in LOOPBACK else ""
    if any(word.split("=")[0] in (*OPTIONS, *BY_FILE) or "$" in word for word in program):
        return ""
    for names, variable in ALONE.items():
        if tuple(program[: len(names)]) == names and not (variable and variable in variables):
            return "%s without %s" % (" ".join(names), "--bind" if names == ("gunicorn",) else "--host")
    return ""


def _said(words: "Sequence[str]") -> str:
    """The address that an option names."""
    for word, after in zip(words, [*words[1:], ""]):
        name, mark, value = word.partition("=")
        if name in OPTIONS and (mark or not after.startswith("-")):
            found = value if mark else after
            return "" if "$" in found or not re.search(r"[.:]|localhost", found) else found
    return ""


def _program(words: "Sequence[str]") -> "list[str]":
    """The command without what only starts it; that of `sh -c` taken apart."""
    rest = list(words)[:200]
    while rest and rest[0].rpartition("/")[2] in PREFIXES:
        rest = rest[1:]
    if len(rest) == 1 and " " in rest[0]:
        rest = re.split(r"&&|;", rest[0])[-1].split()
        return _program(rest) if len(rest) > 1 else rest
    return [rest[0].rpartition("/")[2], *rest[1:]] if rest else []
