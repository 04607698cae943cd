"""Make foreign text safe to keep and to show: no control characters, no secrets, not too long."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from .patterns import pattern
from .secret_names import is_secret_name, needs_random_value
from .secret_values import Known, known, without_values
from .secret_words import MASK
from .secrets import without_credentials, without_shapes
from .text import harmless

__all__ = ["MASK", "Cleaner", "beginning", "harmless", "secrets_of_dotenv", "secrets_of_environment", "secrets_of_setting"]

LARGEST_DOTENV = 1 << 20  # bytes that are searched for values
LONGEST = 1 << 17  # characters of one foreign text that are looked at
SAID = ("message", "detail", "reason", "error", "startup_noise")  # fields of facts that hold what foreign programs said
SURE = 12  # letters from which a value can be nothing but a secret, wherever it is: no name and no path is so by chance
ADDRESS_NAME = pattern(r"(?i)(proxy|ur[il]|dsn)$")


class Cleaner:
    """Removes what must not be shown: the given secrets, whatever looks like one, and control characters.

    `public` is text that is known anyway (paths, names): a "secret" that stands in it is none, and masking it would
    only make facts false.
    """

    def __init__(self, secrets: Iterable[str] = (), public: str = "") -> None:
        self._known = known(secrets, public)
        self._sure = Known(tuple(value for value in self._known.long if is_sure(value)))

    def __call__(self, text: str, limit: int = 2000) -> str:
        """Free text without secrets and control characters, cut to its last `limit` characters."""
        most = max(LONGEST, limit)
        text = text if len(text) <= most else text[-most:].partition("\n")[2] or text[-most:]
        text = self._said(text)
        return text if len(text) <= limit else "…" + text[-limit:]

    def data(self, value: object) -> object:
        """Plain data, cleaned. Most hold nothing that had to be: one look at all of it.

        What foreign programs said loses every secret; what may be a name or a path only what can be nothing but a secret.
        """
        texts, told = list[str](), list[str]()
        _add_strings(value, texts, told, False)
        text, said = "\n".join(dict.fromkeys(texts)), "\n".join(dict.fromkeys(told))  # half of them are names of fields
        same = len(text) < LONGEST * 64 and self._named(text) == text and self._said(said) == said
        return value if same else self._deep(value)

    def line(self, text: str) -> str:
        """A sentence of ours that names something foreign, without what can be nothing but a secret."""
        return self._named(text)

    def _said(self, text: str) -> str:
        return without_shapes(without_values(harmless(without_values(text, self._known)), self._known))

    def _named(self, text: str) -> str:
        return without_credentials(harmless(without_values(text, self._sure)))

    def _deep(self, value: object, said: bool = False) -> object:
        """The same, text by text."""
        if isinstance(value, str):
            return (self._said if said else self._named)(value if len(value) <= LONGEST else value[:LONGEST] + "…")
        if isinstance(value, dict):
            return {self._deep(str(key)): self._deep(item, key in SAID) for key, item in value.items()}
        return [self._deep(item, said) for item in value] if isinstance(value, (list, tuple)) else value


def _add_strings(value: object, texts: list[str], told: list[str], said: bool) -> None:
    """Add every text inside plain data to `texts`, and to `told` what foreign programs said."""
    if isinstance(value, str):
        texts.append(value)
        if said:
            told.append(value)
    elif isinstance(value, dict):
        keys = [key for key in value if isinstance(key, str)]
        texts += keys
        told += keys if said else ()
        for key, item in value.items():
            _add_strings(item, texts, told, said or key in SAID)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _add_strings(item, texts, told, said)


def is_sure(value: str) -> bool:
    """Whether no name or path can be such a value by chance."""
    return len(value) >= SURE and value.isprintable() and " " not in value and has_both(value)


def has_both(value: str) -> bool:
    """Whether it has letters and digits."""
    return any(map(str.isdigit, value)) and any(letter.isascii() and letter.isalpha() for letter in value)


def beginning(file: Path) -> str:
    """The text of a regular file, as far as it is searched for secrets; empty where there is none to read."""
    with suppress(OSError, ValueError):  # ValueError: no path can be written so
        if stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as stream:
                return stream.read(LARGEST_DOTENV).decode("utf-8", "replace").replace("\0", "")
    return ""


def secrets_of_environment() -> list[str]:
    """The values of this process's environment that may be secret, by the names of their variables."""
    return [part for name, value in os.environ.items() if names_a_secret(name) for part in _parts(value)]


def names_a_secret(name: str) -> bool:
    """Whether a variable of this name may hold a secret, or an address with one."""
    return bool(ADDRESS_NAME.search(name[-20:])) or (
        is_secret_name(name) and (not needs_random_value(name) or name.lower().endswith("key"))
    )


def secrets_of_setting(address: str) -> list[str]:
    """What of an address that was given to the doctor itself is secret: its user, its password and its query."""
    return _parts(address if "://" in address else f"http://{address}")


def secrets_of_dotenv(text: str) -> list[str]:
    """The values in the text of a `.env` file that may be secret, however it is written."""
    return list(dict.fromkeys(part for line in text.splitlines() for part in _of_line(line)))


def _of_line(line: str) -> Iterator[str]:
    """The possible secrets of one line: its value, with and without a comment; of a line without one all of it."""
    line = line.strip()
    if not line or line.startswith("#"):
        return
    name, mark, value = line.partition("=")
    if not mark or (not value.strip("=") and (value or is_sure(name))):
        yield from _parts(line.strip("'\"`"))
        name, _, value = line.partition(":")
    if not value:
        return
    named = names_a_secret(name.strip().strip("'\"").rpartition(" ")[2].removeprefix("$env:"))
    for written in (value, value.partition(" #")[0]):
        for part in _parts(written.strip().strip("'\"`")):
            if named or any(len(word) >= SURE and has_both(word) for word in part.split()):
                yield part


def _parts(value: str) -> list[str]:
    """What of a value is secret: of a URL its password and what its query says, of a path nothing."""
    if "://" not in value:
        return [] if _is_path(value) else [value]
    userinfo = value.partition("://")[2].rpartition("@")[0]  # up to the last @: passwords hold anything
    query = [word.partition("=")[2] for word in value.partition("?")[2].split("&")]
    found = [userinfo, userinfo.partition(":")[2]] if userinfo and userinfo != "git" else []
    return [part for part in (*found, *map(_decoded, found), *query) if part]


def _decoded(text: str) -> str:
    """A part of a URL as programs use it."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def _is_path(value: str) -> bool:
    """Whether a value is a path, not a secret that begins as one (those of AWS may): its first folder is there."""
    if value.startswith("/"):
        return os.path.isdir("/" + value.split("/")[1])
    return value.startswith(("~/", "./", "../")) or (value.startswith(".") and os.path.exists(value))
