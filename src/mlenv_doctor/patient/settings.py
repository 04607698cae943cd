"""The project's own settings: `[tool.mlenv-doctor]` in its pyproject.toml."""

from __future__ import annotations

import re
import stat
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..records import dataclass

LARGEST = 1 << 20  # bytes: a larger pyproject.toml is somebody's mistake
DEEPEST = 200  # parts of a key
LONGEST = 7 * 24 * 3600.0  # seconds; also keeps out inf and nan, with which no deadline can be kept
KINDS: dict[str, type] = {"tuple[str, ...]": tuple, "bool": bool, "float | None": float, "str | None": str}


class BadSettings(BadInput):
    """The configuration cannot be used; the text names the file and the key."""


@dataclass(frozen=True)
class Settings:
    """What a project may set. On the command line, lists are added to and single values are replaced.

    profile, require, skip: as the options of the same name, as a list or one word.
    timeout, budget, wait: seconds. env_file: relative to the project. mlflow_uri: instead of MLFLOW_TRACKING_URI.
    """

    profile: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    strict: bool = False
    timeout: float | None = None
    budget: float | None = None
    env_file: str | None = None
    mlflow_uri: str | None = None
    wait: float | None = None


def read_settings(project: Path) -> Settings:
    """The settings of a project; the defaults where it has none. Raises BadSettings."""
    file = project / "pyproject.toml"
    try:
        if not stat.S_ISREG(file.stat().st_mode) or file.stat().st_size > LARGEST:
            return Settings()
        text = file.read_bytes()
    except OSError:
        return Settings()
    if b"mlenv-doctor" not in text:
        return Settings()
    table = _table(file, text)
    return Settings(**{key.replace("-", "_"): _value(file, key, value) for key, value in table.items()})


def origin(settings: Settings, project: Path, complaint: str) -> str:
    """Where a word stands that was complained about later, when it was looked up: the file and the key; empty if not here."""
    for key in ("profile", "require", "skip"):
        for word in getattr(settings, key):
            if complaint.startswith(f"--{key} {word}:") or (key == "skip" and f"called {word!r}" in complaint):
                return f"{project / 'pyproject.toml'}: tool.mlenv-doctor.{key}: "
    return ""


def overlaid(settings: Settings, **options: Any) -> Settings:
    """The settings with the options of a command laid over them: lists are added to, single values replaced."""
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    added = {name: (*getattr(settings, name), *value) for name, value in given.items() if isinstance(value, tuple)}
    return replace(settings, **{**given, **added})


def _table(file: Path, text: bytes) -> dict[str, Any]:
    """The table [tool.mlenv-doctor]."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if any(_dots(line) > DEEPEST for line in text.split(b"\n")):  # a reader of TOML takes the square of their time
        raise BadSettings(f"{file}: not read: a key has more than {DEEPEST} parts")
    try:
        tools = tomllib.loads(text.decode("utf-8")).get("tool", {})
    except (ValueError, RecursionError) as why:  # not UTF-8, not TOML, or nested without end
        if b"[tool.mlenv-doctor" not in text:
            return {}  # a broken file that is not about us: what is wrong with it is a finding, not our refusal
        raise BadSettings(f"{file}: not valid TOML: {why}") from None
    table = tools.get("mlenv-doctor", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise BadSettings(f"{file}: tool.mlenv-doctor must be a table")
    return table


def _dots(line: bytes) -> int:
    """The dots of a line that are in no text: each begins a part of a key, or of a number."""
    return 0 if line.count(b".") <= DEEPEST else b"".join(re.split(b"[\"']", line)[::2]).count(b".")


def _value(file: Path, key: str, value: Any) -> Any:
    """One setting, made into the type of its field."""
    kinds = {field.name.replace("_", "-"): KINDS[str(field.type)] for field in fields(Settings)}
    if key not in kinds:
        raise BadSettings(f"{file}: unknown key tool.mlenv-doctor.{key}; known are {', '.join(kinds)}")
    kind = kinds[key]
    if kind is tuple:
        value = (value,) if isinstance(value, str) else value
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise BadSettings(f"{file}: tool.mlenv-doctor.{key} must be a list of words")
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= LONGEST:
        return float(value)
    if isinstance(value, kind) and kind is not float:
        return value
    names = {bool: "true or false", float: "a number of seconds above 0, at most a week", str: "a text"}
    raise BadSettings(f"{file}: tool.mlenv-doctor.{key} must be {names[kind]}")
