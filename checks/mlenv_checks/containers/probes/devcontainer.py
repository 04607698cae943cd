"""Read a devcontainer.json: JSON with comments, and commas before a closing bracket. https://containers.dev/implementors/json_reference"""

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|,(?=\s*[}\]])')


class NoDevcontainer(ValueError):
    """What the editor would refuse: the line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        ValueError.__init__(self, reason)
        self.line = line


def plain(text: str) -> str:
    """The same as plain JSON, line for line."""
    return TOKEN.sub(lambda found: found.group(0) if found.group(0).startswith('"') else "\n" * found.group(0).count("\n"), text)


def read(text: str) -> "dict[str, Any]":
    """The file as a dictionary. Raises NoDevcontainer."""
    try:
        found = json.loads(plain(plain(text)))  # a comma may stand before a comment
    except RecursionError:
        raise NoDevcontainer(0, "nested too deeply") from None
    except ValueError as why:
        raise NoDevcontainer(getattr(why, "lineno", 0), "not valid JSON: %s" % getattr(why, "msg", "cannot be read")) from None
    if not isinstance(found, dict):
        raise NoDevcontainer(0, "not an object")
    return found


def line_of(text: str, word: str) -> int:
    """The first line that holds a word; 0 for none."""
    at = text.find(word)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0
