"""Patterns that are compiled when they are first used: a run needs few of them, and compiling all takes milliseconds."""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` returns, as far as anybody sees who uses it."""
    return cast("re.Pattern[str]", Later(text, flags))


class Later:
    """A pattern that turns into its compiled self, method by method."""

    def __init__(self, text: str, flags: int) -> None:
        self._written = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._written), name)  # which `re` keeps
        setattr(self, name, found)
        return found
