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
    def shadowed(self) -> bool:
        """Whether the file holds a key that does not count, because the shell has something else."""
        return self.differ and self.file is not None and self.file.good

    @property
    def effective(self) -> Value:
        """What a program gets that calls load_dotenv(): the shell's value wins, even an empty one."""
        return self.shell or self.file or Value(empty=True)

    @property
    def usable(self) -> bool:
        """Whether that can be a key: an endpoint of one's own may take any word for one."""
        return self.effective.good or (self.base_url and not self.effective.empty)


@dataclass(frozen=True)
class BadLine:
    """A line of `.env` that gives no variable, or not the one it was meant to.

    kind: how it is written. name: the key that it was to set and that is not set; empty where it is about something else.
    """

    line: int
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Keys(Fact):
    """The keys, and the state of the file that holds them.

    file:    the `.env` that python-dotenv finds from the project's folder; empty without one.
    example: a file of another name that shows which keys are needed, where there is no `.env`.
    problem: why the file as a whole cannot be read ("missing", "broken link", "not a file", "a pipe", "too large",
             "no permission", "not readable", "utf-16", "zero bytes", "not utf-8").
    secret:  whether the file holds anything that is worth keeping to oneself.
    bad_lines: at most twenty, those about keys first.
    looked_for: the variables that were asked about: whether another one is set is not known.
    endpoints: the variables that send requests to a server of one's own.
    tracked, ignored: what git says; None where there is no repository or no answer.
    """

    section: ClassVar[str] = "keys"
    probe: ClassVar[str] = "llm_values llm_safety llm"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 10.0
    owner: ClassVar[str] = "llm.dotenv"
    shared: ClassVar[bool] = True

    keys: tuple[Key, ...] = ()
    looked_for: tuple[str, ...] = ()
    asked_file: bool = False
    file: str = ""
    example: str = ""
    problem: str = ""
    bad_lines: tuple[BadLine, ...] = ()
    endpoints: tuple[str, ...] = ()
    secret: bool = False
    open_to_others: bool = False
    mode: str = ""
    tracked: bool | None = None
    ignored: bool | None = None
