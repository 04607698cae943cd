"""How downloads leave this machine: proxies, certificates, and what pip is told to do; and, if asked, whether it works."""

from __future__ import annotations

from typing import ClassVar

from mlenv_doctor.api import Fact
from mlenv_doctor.records import dataclass


@dataclass(frozen=True)
class Proxy:
    """A proxy that a variable names. `address` is without user and password.

    variable: or the name of pip's own setting. source: the file that it stands in; empty for a variable.
    used:     False where Python looks at another one: the variable in small letters wins.
    problem:  "refused" where nothing listens (asked on this machine itself only), "no-scheme" where pip and requests take the
              name of the host for a scheme, "unreadable" for no address at all, or empty.
    """

    variable: str
    scheme: str = "http"
    address: str = ""
    problem: str = ""
    source: str = ""
    used: bool = True


@dataclass(frozen=True)
class Bundle:
    """A file of certificates that a variable or a setting of pip names, and whether it can be read. `source`: that file.

    holds: what was found there: "certificates", "folder", or "none" for a file without a certificate.
    """

    name: str
    path: str
    readable: bool = True
    source: str = ""
    holds: str = "certificates"


@dataclass(frozen=True)
class PipSetting:
    """One setting of pip that changes what installing does. `source`: the variable or the file that it stands in.

    section: the part of that file. level: "user" or "site" where `pip config` can change that very file; empty otherwise.
    """

    key: str
    value: str
    source: str
    section: str = "global"
    level: str = ""


@dataclass(frozen=True)
class IndexSetting:
    """The package index that pip would ask, or uv in an environment of its own without pip.

    url:     without user, password and query; or a folder. source: the variable or file that names it; empty for the public one.
    problem: "no-folder", "unusable" (neither an address nor a folder), or empty; "local" and "off" as in PackageIndex.
    """

    url: str = ""
    source: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Network(Fact):
    """What is set, read without leaving this machine.

    compiler: the C compiler on PATH; empty where there is none.
    """

    section: ClassVar[str] = "network"
    probe: ClassVar[str] = "mlenv_checks.network.probes.network"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "network.proxy"
    shared: ClassVar[bool] = True

    proxies: tuple[Proxy, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    pip: tuple[PipSetting, ...] = ()
    index: IndexSetting = IndexSetting()
    compiler: str = ""


@dataclass(frozen=True)
class PackageIndex(Fact):
    """What came of asking the package index that pip, or uv, would ask; only with --online.

    url:     without user, password and query. source: who names it; empty for the public one.
    proxy:   the proxy that was used, without user and password; empty for none.
    problem: "dns", "refused", "timeout", "proxy-refused", "proxy-auth", "proxy-denies", "proxy-plain" (it speaks http only),
             "tls-untrusted", "tls-expired", "tls-name", "plain" (http where https is wanted), "auth", "forbidden", "missing",
             "no-folder", "unusable" (the address cannot be understood), "other", or empty; "local" for a folder of this
             machine, and "off" where pip is set to use no index.
    detail:  the words of the failure, or the number of the answer.
    """

    section: ClassVar[str] = "package_index"
    probe: ClassVar[str] = "mlenv_checks.network.probes.package_index"
    where: ClassVar[str] = "host"
    owner: ClassVar[str] = "network.index"
    quick: ClassVar[bool] = False
    online: ClassVar[bool] = True

    url: str = ""
    source: str = ""
    proxy: str = ""
    problem: str = ""
    detail: str = ""
