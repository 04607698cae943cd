"""Read the files of a project as text: small regular files only, in whatever encoding; and find where a word stands."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Places = dict[tuple[str, str], int]  # the line of a word, by its table ("" for any)

LARGEST = 1 << 20  # bytes
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def note_unreadable(said: "dict[str, Any]", path: str, line: int, reason: str) -> None:
    """Note that a file or a line of it cannot be read, and why."""
    said["unreadable"].append({"file": path, "line": line, "reason": without_secrets(reason)})


def without_secrets(text: str) -> str:
    """A text without what an address may keep secret: user, password and query."""
    import re

    return re.sub(r"(://[^\s?]*)\?[^\s#;]*", r"\1", re.sub(r"://[^/\s]*@", "://", text))


def project_bytes(path: str, said: "dict[str, Any]", most: int = LARGEST) -> "bytes | None":
    """What a regular file of sensible size holds; None where there is none, and why where it cannot be read."""
    import stat

    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_size > most:
        note_unreadable(said, path, 0, "not a regular file of at most %d MiB" % (most >> 20))
        return None
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as why:
        note_unreadable(said, path, 0, why.strerror or "cannot be read")
        return None


def project_text(path: str, said: "dict[str, Any]", most: int = LARGEST) -> "str | None":
    """The text of a file; None where there is none. What is in no known encoding is read all the same, and named."""
    data = project_bytes(path, said, most)
    if data is None:
        return None
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), None) or _named_encoding(data) or "utf-8"
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        note_unreadable(said, path, 0, "not UTF-8")
    return data.decode("latin-1")  # what matters in it is ASCII in every code page


def _named_encoding(data: bytes) -> str:
    """The encoding that a comment in the first two lines names; pip honours it as Python does (PEP 263)."""
    import re

    lines = data[:400].split(b"\n")[:2]
    found = next(
        (found for found in (re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line) for line in lines) if found), None
    )
    return found.group(1).decode("ascii", "replace") if found else ""


def read_toml(path: str, said: "dict[str, Any]") -> "tuple[dict[str, Any], Places]":
    """The tables of a TOML file, and where its words stand; nothing where it cannot be read, and why."""
    text = project_text(path, said) or ""
    return parse_toml(text, path, said), _places(text)


def parse_toml(text: str, path: str, said: "dict[str, Any]") -> "dict[str, Any]":
    """The tables of a TOML text; none where it cannot be read, and why."""
    if not text:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if max(line.count(".") for line in text.split("\n")) > 1000:  # reading a key takes the square of its parts
        note_unreadable(said, path, 0, "holds a line of more than 1000 dots")
        return {}
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        note_invalid(said, path, text, "TOML", why)
    return {}


def note_invalid(said: "dict[str, Any]", path: str, text: str, what: str, why: "Exception") -> None:
    """Why a file is not valid; the commonest reason has a plain name."""
    if without_conflict(text, path, said) == text:
        note_unreadable(said, path, 0, "not valid %s: %s" % (what, why))


def without_conflict(text: str, path: str, said: "dict[str, Any]") -> str:
    """A text without the lines by which git marks two versions that somebody has to choose from; where they begin is told."""
    import re

    marks = list(re.finditer(r"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", text, re.M))
    if not marks or not marks[0].group().startswith("<"):
        return text
    note_unreadable(said, path, text.count("\n", 0, marks[0].start()) + 1, "git left a merge conflict in it, which begins here")
    return re.sub(r"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", "", text, flags=re.M)


def _places(text: str) -> "Places":
    """The first line of each quoted text and of each key, for each table of a TOML text and (as table "") for the whole."""
    import re

    places: "Places" = {}
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("["):
            table = line.partition("]")[0].strip("[ ").replace('"', "")
        for found in re.finditer(r"^([\w.-]+)\s*=|\"([^\"]*)\"|'([^']*)'", line):
            word = found.group(found.lastindex or 0)
            places.setdefault((table, word), number)
            places.setdefault(("", word), number)
    return places


def line_of(places: "Places", table: str, word: str) -> int:
    """The line of a word in its table, or anywhere in the file; 0 where it is not found."""
    return places.get((table, word), 0) or places.get(("", word), 0)


def table_in(tables: "dict[str, Any]", *names: str) -> "dict[str, Any]":
    """A table within tables; an empty one where there is none, or something else in its place."""
    for name in names:
        found = tables.get(name)
        if not isinstance(found, dict):
            return {}
        tables = found
    return tables


def list_in(table: "dict[str, Any]", name: str) -> "list[Any]":
    """A list in a table; an empty one where there is none, or something else in its place."""
    found = table.get(name)
    return found if isinstance(found, list) else []
