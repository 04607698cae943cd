"""Fill the blanks of a fix: exact words for its commands, and what can be read and pasted for its title and notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

from ..foreign.secrets import without_addresses
from ..foreign.text import Unspeakable, line, word
from ..running.quote import quote

Values = Mapping[str, "str | tuple[str, ...]"]
OWN_OPTIONS = ("options", "where")  # lists of words that may begin with a dash; no stranger writes them
PLACES = ("python", "prefix", "project", "venv", "venv_python", "base_python", "file", "folder", "path")
SPECIAL = re.compile(r"[$`;&|<>\"'\\!*?#~{}()\[\]^%=]")  # means something to some shell
PLAIN = re.compile(r"[\w./:@%+=,~ -]*")
QUOTES = "\"'`"


class Unfit(LookupError):
    """The sheet cannot serve: an entry is malformed or unknown, no way fits, or a blank has no value that can be used."""


def expand(id: str, template: str, values: Values) -> tuple[str, ...]:
    """A word of a command with its blanks filled; `{*name}` becomes several words. Raises Unfit."""
    if template.startswith("{*") and template.endswith("}"):
        name = template[2:-1]
        value = values.get(name)
        if not isinstance(value, tuple):
            raise Unfit(f"the fix {id} needs a list for {template}")
        return tuple(_argument(part, name not in OWN_OPTIONS) for part in value)
    exact = {name: _joined(values, name, id, template.startswith("{" + name)) for name in blanks(id, template)}
    return (filled(id, template, exact),)


def _joined(values: Values, name: str, id: str, begins: bool) -> str:
    value = _value(values, name, id)
    return " ".join(_argument(part, begins) for part in ((value,) if isinstance(value, str) else value))


def _argument(value: str, begins: bool) -> str:
    """A value as it goes into a command. Raises Unfit where it cannot be shown, or would be taken for an option."""
    if not isinstance(value, str):
        raise Unfit(f"a blank without a value: {value!r:.40} is not text")
    try:
        exact = word(value)
    except Unspeakable as why:
        raise Unfit(str(why)) from None
    exact = without_addresses(exact)  # a login of an address stays out of every command line
    if begins and exact.startswith("-"):
        raise Unfit(f"{line(value, 120)} begins with a dash, and a command would take it for an option; rename it first")
    return exact


def title(id: str, template: str, values: Values) -> str:
    """A sentence with its blanks filled; a list is written with blanks between. Raises Unfit."""
    return filled(id, template, {name: _shown(_value(values, name, id)) for name in blanks(id, template)})


def note(id: str, template: str, values: Values, shell: str) -> str | None:
    """A note: what a shell would not take as it is is quoted, for people paste from notes; None where quotes would not help.

    Raises Unfit where a blank has no value at all.
    """
    found = {}
    for name, quoted in _surrounded(id, template):
        value = _value(values, name, id)
        parts = (value,) if isinstance(value, str) else value
        if quoted and not all(PLAIN.fullmatch(part) for part in parts):
            return None
        try:
            found[name] = " ".join(part if quoted else _pasted(name, part, shell) for part in parts)
        except Unspeakable:
            return None
    return filled(id, template, found)


def _pasted(name: str, value: str, shell: str) -> str:
    """A value within a note. Raises Unspeakable."""
    exact = word(value)
    return quote((exact,), shell).removeprefix("& ") if SPECIAL.search(exact) or (name in PLACES and " " in exact) else exact


def _shown(value: str | tuple[str, ...]) -> str:
    return line(value, 200) if isinstance(value, str) else " ".join(line(part, 200) for part in value)


def _value(values: Values, name: str, id: str) -> str | tuple[str, ...]:
    if not isinstance(values.get(name), (str, tuple)):
        raise Unfit(f"the fix {id} has a blank without a value: {name!r}")
    return values[name]


def blanks(id: str, template: str) -> list[str]:
    """The names of the blanks of a text. Raises Unfit where it is none."""
    return [name for name, _ in _surrounded(id, template)]


def _surrounded(id: str, template: str) -> list[tuple[str, bool]]:
    """The blanks of a text, and whether each is within quotes, or touches one."""
    try:
        pieces = [(text, name) for text, name, _, _ in Formatter().parse(template)]
    except ValueError as why:
        raise Unfit(f"the fix {id} has a blank without a value: {why}") from None
    found, open_quote = [], ""
    for number, (text, name) in enumerate(pieces):
        for letter in text:
            if letter in QUOTES and (not open_quote or letter == open_quote):
                open_quote = "" if open_quote else letter
        after = pieces[number + 1][0] if number + 1 < len(pieces) else ""
        if name is not None:
            closes = bool(open_quote) and open_quote != "`" and any(open_quote in rest for rest, _ in pieces[number + 1 :])
            found.append((name, closes or text[-1:] in ('"', "'") or after[:1] in ('"', "'")))
    return found


def filled(id: str, template: str, values: Mapping[str, str]) -> str:
    """A text with its blanks filled. Raises Unfit."""
    try:
        return template.format_map({name: str(value) for name, value in values.items()})
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as why:
        raise Unfit(f"the fix {id} has a blank without a value: {why}") from None
