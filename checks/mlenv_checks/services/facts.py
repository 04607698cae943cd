"""The services that the project's own settings and code name. No user, password or query of an address is kept."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Named:
    """An address of a service.

    name:    the variable; empty for one that stands in the code. file, line: where; ".env", a file of code, or "the shell".
    scheme:  as written, such as "postgresql+asyncpg". kind: "PostgreSQL" and so on; empty for a scheme that none of them has.
    problem: "unreadable" where host and port cannot be told, such as for a password with an unquoted sign; else empty.
    state:   what a connection from this machine came to: "open", "refused", "timeout", "dns", "unreachable"; empty: not asked.
    local:   the host is this machine. read: the project's code mentions the variable, or holds the address itself.
    """

    name: str
    file: str
    line: int = 0
    scheme: str = ""
    kind: str = ""
    host: str = ""
    port: int = 0
    problem: str = ""
    state: str = ""
    local: bool = False
    read: bool = False

    @property
    def driver(self) -> str:
        """The driver that the scheme names; empty for the usual one."""
        return self.scheme.partition("+")[2]

    @property
    def where(self) -> str:
        """The place, as one says it."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Unloaded:
    """A variable that `.env` sets and the shell does not, and where the code reads it."""

    name: str
    line: int = 0
    file: str = ""
    at: int = 0


@dataclass(frozen=True)
class Services(Fact):
    """What is named. loads: something reads `.env` into the environment. rewrites: the code changes schemes by itself."""

    section: ClassVar[str] = "services"
    probe: ClassVar[str] = "mlenv_checks.services.probes.services"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "services.address"
    timeout: ClassVar[float] = 10.0
    quick: ClassVar[bool] = False

    named: tuple[Named, ...] = ()
    loads: bool = True
    unloaded: tuple[Unloaded, ...] = ()
    rewrites: bool = False


@dataclass(frozen=True)
class RemoteServices(Fact):
    """The same addresses on other machines, each with what a connection came to; only with --online."""

    section: ClassVar[str] = "remote_services"
    probe: ClassVar[str] = "mlenv_checks.services.probes.services"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "services.address"
    timeout: ClassVar[float] = 20.0
    quick: ClassVar[bool] = False
    online: ClassVar[bool] = True

    named: tuple[Named, ...] = ()


@dataclass(frozen=True)
class CloudSdk:
    """A cloud's SDK that the code imports, where it first does so, and what its credentials lack. No value of theirs is kept.

    state: empty where a login is found; "none", "missing" (a variable names a file that is not there), "unreadable",
           "wrong-type", "no-profile", "expired". what: the file, variable or profile. why: why it cannot be read.
    """

    sdk: str
    file: str
    line: int = 0
    state: str = ""
    what: str = ""
    why: str = ""


@dataclass(frozen=True)
class CloudCredentials(Fact):
    """The SDKs that the code imports. Empty on a machine of a cloud and in CI, where a login comes from outside."""

    section: ClassVar[str] = "cloud_credentials"
    probe: ClassVar[str] = "mlenv_checks.services.probes.cloud"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "services.cloud"
    timeout: ClassVar[float] = 10.0
    quick: ClassVar[bool] = False

    sdks: tuple[CloudSdk, ...] = ()
