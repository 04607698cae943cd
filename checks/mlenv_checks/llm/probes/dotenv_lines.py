"""Read the lines of `.env` as python-dotenv itself does, and say of those that it drops or renames how they are written."""

import os

from mlenv_checks.llm.probes.dotenv_file import read_dotenv
from mlenv_checks.llm.probes.key_values import key_prefix
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

KINDS = {"$env:": "PowerShell", "os.environ": "Python"}


def load_lines(path: str) -> "tuple[str, list[dict[str, Any]]]":
    """What is wrong with the file as a whole, and its lines."""
    problem, text = read_dotenv(path) if path else ("", Secret("", ""))
    lines = text.use(parse_lines) if text else []  # the parser is slow to load
    if any(_has_zero_byte(line) for line in lines):
        # load_dotenv() ends with a ValueError of os.environ. Half of UTF-16 without a mark is zero bytes.
        return text.use(lambda t: "utf-16" if t.count("\0") > len(t) // 4 else "zero bytes"), []
    return problem, lines


def shell_variables() -> "dict[str, Secret]":
    """The variables of the shell, as secrets."""
    return {name: Secret(name, value, key_prefix(value)) for name, value in os.environ.items()}


def parse_lines(text: str) -> "list[dict[str, Any]]":
    """The lines as python-dotenv understands them, values as load_dotenv() gets them: `${NAME}` filled in, the shell first."""
    import io
    from collections import ChainMap

    from dotenv.parser import parse_stream
    from dotenv.variables import parse_variables

    lines: "list[dict[str, Any]]" = []
    values: "dict[str, Any]" = {}
    known = ChainMap(os.environ, values)
    for binding in parse_stream(io.StringIO(text)):
        value = binding.value
        if binding.key:
            value = values[binding.key] = value and _fill_variables(parse_variables(value), known)
        lines.append(_parsed_line(binding, value))
    return lines


def _parsed_line(binding: "Any", value: "str | None") -> "dict[str, Any]":
    """One line, its texts as secrets. Its number is its own: python-dotenv counts blank lines before it as its own."""
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    name = binding.key or ""
    return {
        "name": name,
        "number": binding.original.line + blank,
        "error": binding.error,
        "raw": Secret("line", text.strip()),
        "written": Secret(name, binding.value or ""),
        "value": Secret(name, value or "", key_prefix(value or "")),
        "given": value is not None,
    }


def _fill_variables(atoms: "Iterable[Any]", known: "Mapping[str, str]") -> str:
    """A value with its `${NAME}` filled in. Long ones are cut: they could explode."""
    value = ""
    for atom in atoms:
        value += atom.resolve(known)
        if len(value) > 99999:
            break
    return value


def _has_zero_byte(line: "dict[str, Any]") -> bool:
    """Whether load_dotenv() would hand os.environ a zero byte, and end with a ValueError."""
    if not line["name"] or not line["given"] or line["name"] in os.environ:
        return False
    return "\0" in line["name"] or line["value"].use(lambda value: "\0" in value)


def bad_line(line: "dict[str, Any]", unset: "list[str]") -> "dict[str, Any] | None":
    """How a line is written that gives no variable, or one of another name than it looks; and which key it hides, if any."""
    kind = line["raw"].use(lambda text: _kind(line, text))
    name = next((name for name in unset if _was_meant_to_set(line, name)), "")
    if not kind and (line["error"] or not name):
        return None  # an error without a kind is a comment
    if name and line["raw"].use(lambda text: _is_glued(text, name)):
        kind = "glued"
    return {"line": line["number"], "kind": kind or "a quote in the wrong place", "name": name}


def _kind(line: "dict[str, Any]", text: str) -> str:
    """What kind of line this is, if it is not NAME=value; empty for a good line or a comment."""
    key = line["name"].lower()
    for start in KINDS:
        if key.startswith(start):
            return KINDS[start]
    if "=" in key:  # load_dotenv() ends with a ValueError of os.environ
        return "a sign that no name may have"
    if not line["error"] or not text or text.startswith("#"):
        return ""
    if text.startswith(("{", "}", '"')):
        return "JSON"
    if text.lower().startswith(("set ", "setx ")):
        return "the Windows command prompt"
    colon = ":" in text and ("=" not in text or text.index(":") < text.index("="))
    return "YAML" if colon else "an unclosed quote or stray text"


def _was_meant_to_set(line: "dict[str, Any]", name: str) -> bool:
    """Whether a line that does not set this variable was meant to: it stands in what was dropped, in the name, or in a value."""
    import re

    def stands_in(text: str) -> bool:
        if name not in text:
            return False
        word = r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(name)
        if line["error"]:
            return bool(re.search(word, text)) or _is_glued(text, name)
        if not line["name"] or name == line["name"]:
            return False
        swallowed = r"(?m)^(export )?%s=" % re.escape(name)
        in_value = line["written"].use(lambda value: bool(re.search(swallowed, value)) or _is_glued(value, name))
        return bool(re.search(word, line["name"])) or in_value

    raw: "Secret" = line["raw"]
    return raw.use(stands_in)


def _is_glued(text: str, name: str) -> bool:
    """Whether a variable begins right behind the end of another value: `echo NAME=... >>` to a file without an end of line."""
    import re

    return bool(re.search(r"[A-Za-z0-9]['\"]?%s=" % re.escape(name), text))
