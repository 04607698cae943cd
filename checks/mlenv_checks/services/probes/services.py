"""Read which services the project's `.env`, the shell and the code name, and knock once at those on this machine."""

import os
import re
import socket

from mlenv_checks.llm.probes.dotenv_lines import load_lines
from mlenv_checks.project.probes.walk import is_aside, walk
from mlenv_doctor.probekit import file_bytes

from . import loaders
from .named_addresses import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Code = dict[str, bytes]  # the project's own files of code

LARGEST, MOST_FILES, MOST_NAMED, MOST_VALUES, SECONDS = 1 << 19, 400, 12, 300, 1.5
IN_CODE = re.compile(
    rb"""["'`]((?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|amqp)(?:\+\w{1,20})?://[^"'`\s{}<>]{3,200})["'`]"""
)
REWRITES = re.compile(
    rb"""["'](?:postgres|postgresql|mysql)(?:\+\w{1,20})?(?:://)?["']|drivername|URL\.create|make_url|\.set\("""
)


def read_services(question: "dict[str, Any]") -> "dict[str, Any]":
    project = question["project"]
    named, code, values = _named(question)
    _knock([each for each in named if each["local"]])
    loads = any(loaders.LOADS.search(data) for data in code.values()) or loaders.loaded_beside(project)
    return {
        "named": named,
        "loads": loads,
        "unloaded": [] if loads else _unloaded(values, code),
        "rewrites": any(REWRITES.search(data) for data in code.values()),
    }


def read_remote_services(question: "dict[str, Any]") -> "dict[str, Any]":
    named = [each for each in _named(question)[0] if not each["local"] and each["host"] and each["read"]]
    _knock(named)
    return {"named": named}


def _named(question: "dict[str, Any]") -> "tuple[list[dict[str, Any]], Code, dict[str, tuple[Any, int]]]":
    """The addresses, those of the shell only where the code reads them; the code; and what `.env` sets, with its lines."""
    project = question["project"]
    code = code_of(project)
    path = os.path.join(project, question.get("env_file") or ".env")
    lines = load_lines(path)[1] if os.path.isfile(path) else []
    values = {line["name"]: (line["value"], line["number"]) for line in lines[:MOST_VALUES] if line["name"] and line["given"]}
    named = []
    for name, (value, number) in values.items():
        in_shell = name in os.environ
        found = described(name, os.environ[name]) if in_shell else value.use(lambda text, name=name: described(name, text))
        place = ("the shell", 0) if in_shell else (os.path.basename(path), number)
        named += [dict(found, name=name, file=place[0], line=place[1], read=_mentions(name, code))] if found else []
    for name in sorted(os.environ)[:2000]:
        found = described(name, os.environ[name]) if name not in values and "://" in os.environ[name] else None
        if found and _mentions(name, code):
            named.append(dict(found, name=name, file="the shell", line=0, read=True))
    return (named + _in_code(code))[:MOST_NAMED], code, values


def code_of(project: str) -> "Code":
    """The project's own code and notebooks, without tests, documentation and examples; of a home folder none."""
    if os.path.realpath(project) in (os.path.realpath(os.path.expanduser("~")), os.path.abspath(os.sep)):
        return {}
    tree = walk(project, 20000)
    files = [path for path, size in tree["code"] + tree["notebooks"] if size < LARGEST and not is_aside(path)]
    return {path: file_bytes(os.path.join(project, path), LARGEST) for path in files[:MOST_FILES]}


def _mentions(name: str, code: "Code") -> bool:
    """Whether the code names a variable, or a field of settings that is filled from it."""
    words = [name.encode("utf-8", "replace"), name.lower().encode("utf-8", "replace")]
    return any(word in data for data in code.values() for word in words)


def _in_code(code: "Code") -> "list[dict[str, Any]]":
    """Addresses on this machine that stand in the code itself; others there are as a rule examples."""
    found = []
    for path, data in code.items():
        for match in IN_CODE.finditer(data) if path.endswith(".py") else []:
            text = match.group(1).decode("utf-8", "replace")
            said = described("DATABASE_URL", text)
            if said and said["local"] and _is_used(data, match.start()):
                line = data.count(b"\n", 0, match.start()) + 1
                found.append(dict(said, name="", file=path, line=line, read=True))
    return found


def _is_used(data: bytes, at: int) -> bool:
    """Whether an address in quotes is handed to something that connects; not a default, a comment, an example."""
    before = data[data.rfind(b"\n", 0, at) + 1 : at]
    if re.search(rb"#|get\(|getenv|environ|default|Field|xample|>>>|:\s*str\s*=", before):
        return False
    return bool(
        re.search(rb"(?:engine|connect|from_url|Client|Celery|_?ur[li]|_?UR[LI]|dsn|DSN|broker|backend)\s*[=(]\s*$", before)
    )


def _unloaded(values: "dict[str, tuple[Any, int]]", code: "Code") -> "list[dict[str, Any]]":
    """The variables that the code reads from its environment, and that `.env` alone sets."""
    found = []
    for name, (value, number) in values.items():
        reads = re.compile(rb"(?:environ(?:\.get)?[\[(]|getenv\()\s*[\"']%s[\"']" % re.escape(name.encode("utf-8", "replace")))
        for path, data in code.items():
            match = reads.search(data) if value and name not in os.environ else None
            if match:
                found.append({"name": name, "line": number, "file": path, "at": data.count(b"\n", 0, match.start()) + 1})
                break
    return found[:20]


def _knock(named: "list[dict[str, Any]]") -> None:
    """One connection to each address; it is closed at once, and nothing is said."""
    known = {}  # type: dict[tuple[str, int], str]
    for each in named:
        where = (each["host"], each["port"])
        if each["host"] and each["port"] and not each["problem"]:
            known[where] = known[where] if where in known else _state(*where)
            each["state"] = known[where]


def _state(host: str, port: int) -> str:
    try:
        socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else host, port), timeout=SECONDS).close()
    except ConnectionRefusedError:
        return "refused"
    except socket.gaierror:
        return "dns"
    except socket.timeout:
        return "timeout"
    except (OSError, UnicodeError):
        return "unreachable"
    return "open"
