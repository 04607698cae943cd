"""LLM keys: the variables of the shell and of `.env`, reduced to what is no secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Fact


@dataclass(frozen=True)
class Value:
    """What may be known of a value. Nothing of the value itself, and nothing computed from all of it.

    vendor: whose prefix it begins with; empty where it has none that is known.
    length: "short" (below 16 characters), "usual", or "long" (above 300).
    """

    empty: bool = False
    placeholder: bool = False
    vendor: str = ""
    length: str = "usual"

    @property
    def good(self) -> bool:
        """Whether this can be a key."""
        return not (self.empty or self.placeholder)


@dataclass(frozen=True)
class Key:
    """One variable that holds a key: what the shell and the file have for it, and whether those differ."""

    name: str
    provider: str = ""
    llm: bool = True
    shell: Value | None = None
    file: Value | None = None
    line: int = 0
    differ: bool = False
    base_url: bool = False

    @property
    def effective(self) -> Value:
        """What a program gets that calls load_dotenv(): the shell's value wins, even an empty one."""
        return self.shell or self.file or Value(empty=True)


@dataclass(frozen=True)
class BadLine:
    """A line of `.env` that gives no variable, or not the one it was meant to. `kind` says how it is written."""

    line: int
    kind: str


@dataclass(frozen=True)
class Keys(Fact):
    """The keys, and the state of the file that holds them.

    file:    the `.env` that python-dotenv finds from the project's folder; empty without one.
    problem: why the file as a whole cannot be read ("not a file", "too large", "no permission", "utf-16", "not utf-8").
    secret:  whether the file holds anything that is worth keeping to oneself.
    tracked, ignored: what git says; None where there is no repository or no answer.
    """

    section: ClassVar[str] = "keys"
    probe: ClassVar[str] = "llm"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 10.0
    owner: ClassVar[str] = "llm.dotenv"
    shared: ClassVar[bool] = True

    keys: tuple[Key, ...] = ()
    asked_file: bool = False
    file: str = ""
    example: str = ""
    problem: str = ""
    bad_lines: tuple[BadLine, ...] = ()
    secret: bool = False
    open_to_others: bool = False
    mode: str = ""
    tracked: bool | None = None
    ignored: bool | None = None
