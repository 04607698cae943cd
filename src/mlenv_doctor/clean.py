"""Make foreign text safe to keep and to show: no control characters, no secrets, not too long."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator

CONTROL = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?"  # terminal sequences
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]"  # what is not seen, and what turns text around
)
SECRET_NAME = re.compile(
    r"(?i)(^|[_-])(api)?(key|token|secret|pass(word|wd|phrase)?|credentials?|auth|pat|dsn)s?([_-]|$)|apikey|(proxy|ur[il])$"
)
USERINFO = re.compile(r"(?<=://)[^/\s@'\"]+(?=@)")
QUERY = re.compile(r"(://[^\s?'\"]*\?)[^\s'\"#<>]+")
BEARER_WORDS = ("bearer", "basic", "api-key")
BEARER = re.compile(r"(?i)\b(bearer|basic|api-key:|x-api-key:)\s+[^\s'\"]{6,}")
VENDOR = re.compile(
    r"\b(sk-[A-Za-z0-9_-]{4,}|(?:gsk|xai|hf|pcsk|tgp|r8|lsv2|wandb|ghp|gho|github_pat|glpat|KGAT|ABSK)[_-][A-Za-z0-9_-]{6,}"
    r"|hf_[A-Za-z0-9]{6,}|AIza[A-Za-z0-9_-]{10,}|AQ\.[A-Za-z0-9_-]{10,}|A[KS]IA[A-Z0-9]{12,}|ey[JK][A-Za-z0-9_-]{10,}\.[A-Za-z0-9._-]+)"
)
LARGEST_DOTENV = 1 << 20  # bytes that are searched for values
MASK = "***"
LONG_ENOUGH = 6  # a shorter value ("1", "true") stands in too many innocent texts to be masked
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
        """Plain data, cleaned of what can be nothing but a secret. Most hold nothing of the kind: one look at all of it."""
        text = "\n".join(_strings(value))
        return self._deep(value) if self._unmistakable.search(text) or _patterns(text) != text else value

    def _deep(self, value: object) -> object:
        """The same, text by text."""
        if isinstance(value, str):
            return _patterns(self._unmistakable.sub(MASK, value))
        if isinstance(value, dict):
            return {self._deep(str(key)): self._deep(item) for key, item in value.items()}
        return [self._deep(item) for item in value] if isinstance(value, (list, tuple)) else value


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
    return CONTROL.sub("", VENDOR.sub(MASK, text).replace("\r\n", "\n").replace("\r", "\n"))


def secrets_of_environment() -> list[str]:
    """The values of this process's environment that may be secret, by the names of their variables."""
    return [part for name, value in os.environ.items() if SECRET_NAME.search(name) for part in _parts(value)]


def secrets_of_dotenv(text: str) -> list[str]:
    """The values in the text of a `.env` file that may be secret, however it is written."""
    pairs = (line.partition("=") for line in text.splitlines())
    return [
        part
        for name, _, value in pairs
        for part in _parts(value.strip().strip("'\"`"))
        if SECRET_NAME.search(name.strip().strip("'\"")) or UNMISTAKABLE.search(part)
    ]


def _parts(value: str) -> list[str]:
    """What of a value is secret: of a URL its password, of a path nothing."""
    if "://" in value:
        found = USERINFO.search(value)
        return [found[0], found[0].partition(":")[2] or found[0]] if found else []
    return [] if value.startswith(("/", "~", ".")) else [value]
