"""Make foreign text safe to keep and to show: no control characters, no secrets, not too long."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

CONTROL = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?"  # terminal sequences
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"  # what hides or turns text
)
SECRET_NAME = re.compile(
    r"(?i)(^|[_-])(api)?(key|token|secret|pass(word|wd|phrase)?|pwd|credentials?|auth|pat|dsn)s?([_-]|$)"
    r"|apikey|(token|secret|password)s?[0-9]*$|(proxy|ur[il])$"
)
USERINFO = re.compile(r"(?<=://)(?!git@)[^/\s?#'\"]+(?=@)")
QUERY = re.compile(r"(://[^\s?'\"]*\?)[^\s'\"#<>]+")
BEARER_WORDS = ("bearer", "basic", "api-key")
BEARER = re.compile(  # "basic" is also a word: what follows must not look like one
    r"\b((?i:bearer|api-key:|x-api-key:)|(?i:basic)(?=\s+[^\s'\"]+[0-9A-Z=]))\s+[^\s'\"]{6,}"
)
RANDOM = (  # somewhere in it a run that nobody makes up as a name: hf-transfer, sk-video and wandb_workspaces are libraries
    r"(?=[A-Za-z0-9_-]*?(?:[A-Za-z0-9]{20}|(?=[A-Za-z0-9]{16})[A-Za-z]*[0-9]+[A-Za-z]))[A-Za-z0-9_-]+"
)
VENDOR = re.compile(
    rf"\b((?:sk|gsk|xai|hf|pcsk|tgp|r8|lsv2|wandb|ghp|gho|github_pat|glpat|KGAT|ABSK)[_-]{RANDOM}"
    r"|AIza[A-Za-z0-9_-]{10,}|AQ\.[A-Za-z0-9_-]{10,}|A[KS]IA[A-Z0-9]{12,}|ey[JK][A-Za-z0-9_-]{10,}\.[A-Za-z0-9._-]+)"
)
LARGEST_DOTENV = 1 << 20  # bytes that are searched for values
MASK = "***"
LONG_ENOUGH = 6  # a shorter value ("1", "true") stands in too many innocent texts to be masked
SAID = ("message", "detail", "reason", "error", "startup_noise")  # fields of facts that hold what foreign programs said
UNMISTAKABLE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{12,}")  # a value that no name or path can be by chance


class Cleaner:
    """Removes what must not be shown: the given secrets, whatever looks like one, and control characters.

    `public` is text that is known anyway (paths, names): a "secret" that stands in it is none, and masking it would
    only make facts false.
    """

    def __init__(self, secrets: Iterable[str] = (), public: str = "") -> None:
        known = {part for secret in secrets for part in (secret, secret.strip(), repr(secret)[1:-1], json.dumps(secret)[1:-1])}
        known = {secret for secret in known if len(secret) >= LONG_ENOUGH and secret not in public}
        self._secrets = _any_of(known)
        self._unmistakable = _any_of(secret for secret in known if UNMISTAKABLE.fullmatch(secret))

    def __call__(self, text: str, limit: int = 2000) -> str:
        """Free text without secrets and control characters, cut to its last `limit` characters."""
        text = _patterns(self._secrets.sub(MASK, text))
        return text if len(text) <= limit else "…" + text[-limit:]

    def data(self, value: object) -> object:
        """Plain data, cleaned. Most hold nothing that had to be: one look at all of it.

        What foreign programs said loses every secret; what may be a name or a path only what can be nothing but a secret.
        """
        text = "\n".join(_strings(value))
        return self._deep(value) if self._secrets.search(text) or _patterns(text) != text else value

    def _deep(self, value: object, said: bool = False) -> object:
        """The same, text by text."""
        if isinstance(value, str):
            return _patterns((self._secrets if said else self._unmistakable).sub(MASK, value))
        if isinstance(value, dict):
            return {self._deep(str(key)): self._deep(item, key in SAID) for key, item in value.items()}
        return [self._deep(item, said) for item in value] if isinstance(value, (list, tuple)) else value


def _strings(value: object) -> Iterator[str]:
    """Every text inside plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for item in value.values() for text in _strings(item))
    elif isinstance(value, (list, tuple)):
        yield from (text for item in value for text in _strings(item))


def _any_of(secrets: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of these, the longest first; without any it finds nothing."""
    return re.compile("|".join(re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)) or r"(?!)")


def _patterns(text: str) -> str:
    """The text without control characters and without what looks like a secret."""
    if "://" in text:
        text = QUERY.sub(rf"\1{MASK}", USERINFO.sub(MASK, text))
    if any(word in text.lower() for word in BEARER_WORDS):  # the pattern is slow, and most texts have none of them
        text = BEARER.sub(rf"\1 {MASK}", text)
    return harmless(VENDOR.sub(MASK, text))


def harmless(text: str) -> str:
    """The text without what a terminal obeys, and without what is not seen or turns text around."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def beginning(file: Path) -> str:
    """The text of a regular file, as far as it is searched for secrets; empty where there is none to read."""
    with suppress(OSError, ValueError):  # ValueError: no path can be written so
        if stat.S_ISREG(file.stat().st_mode):
            with file.open("rb") as stream:
                return stream.read(LARGEST_DOTENV).decode("utf-8", "replace").replace("\0", "")
    return ""


def secrets_of_environment() -> list[str]:
    """The values of this process's environment that may be secret, by the names of their variables."""
    return [part for name, value in os.environ.items() if SECRET_NAME.search(name) for part in _parts(value)]


def secrets_of_setting(address: str) -> list[str]:
    """What of an address that was given to the doctor itself is secret: its user, its password and its query."""
    return _parts(address if "://" in address else f"http://{address}")


def secrets_of_dotenv(text: str) -> list[str]:
    """The values in the text of a `.env` file that may be secret, however it is written."""
    return list(dict.fromkeys(part for line in text.splitlines() for part in _of_line(line)))


def _of_line(line: str) -> Iterator[str]:
    """The possible secrets of one line: its value, with and without a comment; of a line without one all of it."""
    name, _, value = line.partition("=")
    named = SECRET_NAME.search(name.strip().strip("'\""))
    for written in (value, value.partition(" #")[0]) if value.strip("=") else (line,):
        for part in _parts(written.strip().strip("'\"`")):
            if UNMISTAKABLE.search(part) or (named and value):
                yield part


def _parts(value: str) -> list[str]:
    """What of a value is secret: of a URL its password and what its query says, of a path nothing."""
    if "://" not in value:
        return [] if _is_path(value) else [value]
    userinfo = value.partition("://")[2].rpartition("@")[0]  # up to the last @: passwords hold anything
    query = [word.partition("=")[2] for word in value.partition("?")[2].split("&")]
    found = [userinfo, userinfo.partition(":")[2]] if ":" in userinfo or USERINFO.search(value) else []
    return [part for part in (*found, *map(_decoded, found), *query) if part]


def _decoded(text: str) -> str:
    """A part of a URL as programs use it."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def _is_path(value: str) -> bool:
    """Whether a value is a path, not a secret that begins as one (those of AWS may): its first folder is there."""
    if value.startswith("/"):
        return os.path.isdir("/" + value.split("/")[1])
    return value.startswith(("~/", "./", "../")) or (value.startswith(".") and os.path.exists(value))
