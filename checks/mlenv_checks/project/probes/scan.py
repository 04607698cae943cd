"""Find the imports of a file quickly, by its lines; what is doubtful is read again as a syntax tree."""

import re

LINE = re.compile(
    rb"\n([ \t]*)(?:from[ \t]+([A-Za-z_][\w.]*)(?:[ \t]|\\\n)+import[ \t]*\(?([^\n#;)\\]*)|import[ \t]+([A-Za-z_][\w., \t]*))"
)
MOST = 2000  # imports of one file


def mentions(data: bytes) -> "list[tuple[str, tuple[str, ...], bool, int]]":
    """Each import as (module, names, whether its line begins with it, line). A text in quotes can look like one."""
    found, counted, line = [], 0, 0
    data = b"\n" + data.replace(b"\r\n", b"\n")
    for match in LINE.finditer(data):
        line += data.count(b"\n", counted, match.start() + 1)
        counted = match.start() + 1
        indent, module, names, plain = match.groups()
        if module:
            found.append((module.decode("ascii", "replace").rstrip("."), _names(names), not indent, line))
        else:
            found += [(name, (), not indent, line) for name in _plain(plain)]
        if len(found) > MOST:
            break
    return found


def _names(text: bytes) -> "tuple[str, ...]":
    """The names after `from … import`, as far as they stand in the same line."""
    words = [part.split() for part in text.decode("ascii", "replace").split(",")]
    return tuple(part[0] for part in words if part and part[0].isidentifier())


def _plain(text: bytes) -> "list[str]":
    words = [part.split() for part in text.decode("ascii", "replace").split(",")]
    return [part[0].strip(".") for part in words if part and part[0].strip(".")]
