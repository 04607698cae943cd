"""LLM keys: the variables of the shell and of `.env`, reduced to what is no secret."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Value:
    """What may be known of a value. Nothing of the value itself, and nothing computed from all of it.

    vendor: whose prefix it begins with; empty where it has none that is known.
    length: "short" (below 16 characters), "usual", or "long" (above 300).
    flaw:   what no key has in it ("line end", "blank around", "blank inside", "quote", "comment", "more", "invisible",
            "not ascii", "truncated"); empty where nothing is wrong, and for variables that hold no provider's key.
    variable: whether it is `$NAME`, which python-dotenv does not fill in.
    """

    empty: bool = False
    placeholder: bool = False
    vendor: str = ""
    length: str = "usual"
    flaw: str = ""
    variable: bool = False

    @property
    def good(self) -> bool:
        """Whether this can be a key."""
        return not (self.empty or self.placeholder or self.flaw not in ("", "truncated"))

    @property
    def sendable(self) -> bool:
        """Whether it can stand in a request at all."""
        return not self.empty and self.flaw not in ("line end", "blank around", "not ascii", "invisible")


@dataclass(frozen=True)
class Key:
    """One variable that holds a key: what the shell and the file have for it, and whether those differ.

    line: the one that counts, of several the last. earlier: one before it that sets something else; 0 for none.
    earlier_good: whether that can be a key.
    """

    name: str
    provider: str = ""
    llm: bool = True
    shell: Value | None = None
    file: Value | None = None
    line: int = 0
    earlier: int = 0
    earlier_good: bool = False
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
        return self.effective.good or (self.base_url and self.effective.sendable)


@dataclass(frozen=True)
class BadLine:
    """A line of `.env` that gives no variable, or not the one it was meant to.

    kind: how it is written. name: the key that it was to set and that is not set; empty where it is about something else.
    """

    line: int
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Typo:
    """A variable of the file that no library reads, and the one that it nearly is, which is not set."""

    name: str
    meant: str
    line: int = 0


@dataclass(frozen=True)
class Address:
    """A variable with the base address of an endpoint, and what is wrong with it.

    problem: "empty", "quote", "no scheme", "no host", "whole path" (of one request), "version twice", "no version", or empty.
    """

    name: str
    problem: str = ""


@dataclass(frozen=True)
class Keys(Fact):
    """The keys, and the state of the file that holds them.

    file:    the `.env` that python-dotenv finds from the project's folder; empty without one.
    example: a file of another name that shows which keys are needed, where there is no `.env`.
    misnamed: those of other names that hold keys, where there is no `.env`. below: `.env` files with keys in folders below.
    problem: why the file as a whole cannot be read ("missing", "broken link", "not a file", "a pipe", "too large",
             "no permission", "not readable", "utf-16", "zero bytes", "not utf-8").
    secret:  whether the file holds anything that is worth keeping to oneself.
    bad_lines: at most twenty, those about keys first.
    looked_for: the variables that were asked about: whether another one is set is not known.
    typos:   variables of the file that are nearly named as one that libraries read.
    endpoints: the variables that send requests to a server of one's own. addresses: all base addresses that are set.
    accounts: the clouds whose account signs programs in, so that no key is needed.
    credentials: "there" or "missing": the file that GOOGLE_APPLICATION_CREDENTIALS names; empty where it names none.
    mark:    whether the file begins with the byte order mark of UTF-8, and a variable right behind it.
    disabled: whether PYTHON_DOTENV_DISABLED turns python-dotenv off.
    tracked, ignored: what git says; None where there is no repository or no answer.
    """

    section: ClassVar[str] = "keys"
    probe: ClassVar[str] = "mlenv_checks.llm.probes.keys"
    where: ClassVar[str] = "host"
    timeout: ClassVar[float] = 10.0
    owner: ClassVar[str] = "llm.dotenv"
    shared: ClassVar[bool] = True

    keys: tuple[Key, ...] = ()
    looked_for: tuple[str, ...] = ()
    asked_file: bool = False
    file: str = ""
    example: str = ""
    misnamed: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    problem: str = ""
    bad_lines: tuple[BadLine, ...] = ()
    typos: tuple[Typo, ...] = ()
    endpoints: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    accounts: tuple[str, ...] = ()
    credentials: str = ""
    mark: bool = False
    disabled: bool = False
    secret: bool = False
    open_to_others: bool = False
    mode: str = ""
    tracked: bool | None = None
    ignored: bool | None = None
