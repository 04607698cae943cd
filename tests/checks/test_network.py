"""Proxies, certificates, the index, and what pip is told: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.installing import a_compiler_is_there, pip_installs_here, pip_knows_todays_wheels
from mlenv_checks.network import certificates_are_there, index_answers, proxy_answers, socks_is_spoken
from mlenv_doctor import Missing
from mlenv_doctor.facts import (
    Bundle,
    Distribution,
    Libraries,
    Network,
    PackageIndex,
    PipSetting,
    Prefix,
    Proxy,
    Python,
    Why,
)

VENV = Python(version="3.12.1", prefix="/v", base_prefix="/usr")
CONDA = replace(VENV, prefix="/c", base_prefix="/c", conda=True)
SYSTEM = replace(VENV, prefix="/usr")
GOOD = Proxy("HTTPS_PROXY", "http", "http://proxy:3128")
DEAD = Proxy("HTTPS_PROXY", "http", "http://127.0.0.1:9", "refused")
NOT_ASKED, BROKE = Missing("network", Why.NOT_ASKED, "x"), Missing("network", Why.ERROR, "x")


def installed(*names: str, version: str | None = "1.0") -> Libraries:
    return Libraries(tuple(Distribution(name, version, "/v/site") for name in names))


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (Network(), [("pass", "no proxy is set")]),
        (Network((GOOD, replace(GOOD, variable="HTTP_PROXY"))), [("pass", "downloads go through http://proxy:3128")]),
        (
            Network((DEAD, replace(DEAD, variable="https_proxy"))),
            [("fail", "https_proxy sends downloads to http://127.0.0.1:9, where nothing listens")],
        ),
        (
            Network((Proxy("ALL_PROXY", problem="unreadable"),)),
            [("fail", "ALL_PROXY sends downloads to something, which is no address of a proxy")],
        ),
        (NOT_ASKED, [("skip", "the settings of the network could not be read: the probe x")]),
        (BROKE, [("unknown", "the settings of the network could not be read: the probe x")]),
    ],
)
def test_proxy(network: Network | Missing, expected: list[tuple[str, str]]) -> None:
    found = list(proxy_answers(network))
    assert [(finding.status.value, finding.message) for finding in found] == expected
    assert all(finding.fix and finding.fix.values == {"variable": finding.subject} for finding in found if finding.cause)


SOCKS = Network((Proxy("ALL_PROXY", "socks5h", "socks5h://proxy:1080"),))


@pytest.mark.parametrize(
    ("network", "libraries", "expected"),
    [
        (Network((GOOD,)), installed("httpx"), [("skip", "")]),
        (SOCKS, installed("httpx"), [("fail", "socksio")]),
        (SOCKS, installed("httpx", "requests", "socksio"), [("fail", "pysocks")]),
        (SOCKS, installed("httpx", "requests"), [("fail", "socksio"), ("fail", "pysocks")]),
        (SOCKS, installed("httpx", "socksio"), [("pass", "")]),
        (SOCKS, installed("numpy"), [("pass", "")]),
    ],
)
def test_socks(network: Network, libraries: Libraries, expected: list[tuple[str, str]]) -> None:
    found = [(f.status.value, f.fix.values["packages"][0] if f.fix else "") for f in socks_is_spoken(network, libraries)]
    assert found == expected


GONE = Bundle("SSL_CERT_FILE", "/gone.pem", readable=False, source="SSL_CERT_FILE")


@pytest.mark.parametrize(
    ("bundles", "prefix", "expected"),
    [
        ((), Prefix(), [("pass", "the system's own certificates are used", "")]),
        ((Bundle("PIP_CERT", "/a.pem", source="PIP_CERT"),), Prefix(), [("pass", "PIP_CERT can be read", "")]),
        ((GONE,), Prefix(), [("fail", "SSL_CERT_FILE names /gone.pem for certificates, which cannot be read", "network.forget")]),
        (
            (Bundle("cert", "/gone.pem", readable=False, source="/etc/pip.conf"),),
            Missing("prefix", Why.ERROR, "x"),
            [
                (
                    "fail",
                    "pip is told in /etc/pip.conf to use the certificates in /gone.pem, which cannot be read",
                    "network.pip-unset",
                )
            ],
        ),
        (
            (),
            Prefix(certificates=False),
            [
                (
                    "fail",
                    "Python 3.12.1 of python.org has no certificates yet: every https download by urllib fails",
                    "network.mac-certificates",
                )
            ],
        ),
    ],
)
def test_certificates(bundles: tuple[Bundle, ...], prefix: Prefix | Missing, expected: list[tuple[str, str, str]]) -> None:
    found = certificates_are_there(Network(bundles=bundles), prefix, VENV)
    assert [(f.status.value, f.message, f.fix.id if f.fix else "") for f in found] == expected


INDEX = PackageIndex("https://index/simple", source="PIP_INDEX_URL")


@pytest.mark.parametrize(
    ("index", "status", "cause", "words"),
    [
        (INDEX, "pass", "", "https://index/simple answers"),
        (replace(INDEX, problem="dns"), "fail", "dead-index", "(set in PIP_INDEX_URL) cannot be used: its name is not known"),
        (replace(INDEX, problem="auth"), "fail", "dead-index", "it wants a user name"),
        (replace(INDEX, problem="dns", source=""), "unknown", "", "its name is not known"),
        (replace(INDEX, problem="timeout", source=""), "unknown", "", "does not answer in time"),
        (replace(INDEX, problem="proxy-auth", source="", proxy="http://p:1"), "fail", "dead-proxy", "the proxy http://p:1 wants"),
        (replace(INDEX, problem="proxy-refused", source="", proxy="http://p:1"), "fail", "dead-proxy", "does not answer"),
        (
            replace(INDEX, problem="tls-untrusted", source="", detail="self-signed certificate"),
            "fail",
            "tls-interception",
            "not trusted here (self-signed certificate)",
        ),
        (replace(INDEX, problem="tls-expired", source="", detail="expired"), "fail", "clock-skew", "is the clock right?"),
        (replace(INDEX, problem="other", detail="HTTP 503"), "unknown", "", "it answers with HTTP 503"),
        (Missing("package_index", Why.NOT_ASKED, "not looked at without --online"), "skip", "", "without --online"),
        (Missing("package_index", Why.TIMEOUT, "x"), "unknown", "", "x"),
    ],
)
def test_index(index: PackageIndex | Missing, status: str, cause: str, words: str) -> None:
    found = index_answers(index, Network())
    assert (found.status.value, found.cause) == (status, cause)
    assert words in found.message


def test_a_dead_proxy_is_told_once() -> None:
    broken = replace(INDEX, problem="proxy-refused", proxy="http://127.0.0.1:9")
    assert index_answers(broken, Network((DEAD,))).blocked_by == "network.proxy"
    assert index_answers(broken, BROKE).cause == "dead-proxy"


@pytest.mark.parametrize(
    ("setting", "python", "words", "fix"),
    [
        (
            PipSetting("target", "/t", "PIP_TARGET"),
            VENV,
            "pip's setting target (PIP_TARGET) puts packages into /t",
            "network.forget",
        ),
        (PipSetting("prefix", "/t", "/etc/pip.conf"), VENV, "puts packages under /t", "network.pip-unset"),
        (PipSetting("no-deps", "Yes", "PIP_NO_DEPS"), VENV, "leaves out what packages need", "network.forget"),
        (PipSetting("no-deps", "0", "PIP_NO_DEPS"), VENV, "", ""),
        (PipSetting("no-binary", ":all:", "PIP_NO_BINARY"), VENV, "refuses wheels", "network.forget"),
        (PipSetting("no-binary", "lxml", "PIP_NO_BINARY"), VENV, "", ""),
        (PipSetting("user", "true", "PIP_USER"), VENV, "refuses in a virtual environment", "network.forget"),
        (PipSetting("user", "true", "PIP_USER"), SYSTEM, "", ""),
        (PipSetting("user", "no", "PIP_USER"), VENV, "", ""),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), CONDA, "environment of conda", "network.forget"),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), VENV, "", ""),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), SYSTEM, "", ""),
        (PipSetting("require-virtualenv", "0", "PIP_REQUIRE_VIRTUALENV"), CONDA, "", ""),
        (PipSetting("index-url", "https://index", "/etc/pip.conf"), VENV, "", ""),
    ],
)
def test_pip_settings(setting: PipSetting, python: Python, words: str, fix: str) -> None:
    [found] = pip_installs_here(Network(pip=(setting,)), python)
    assert (found.status.value, found.cause) == (("warn", "pip-redirected") if words else ("pass", ""))
    assert words in found.message and (found.fix.id if found.fix else "") == fix
    if fix == "network.pip-unset":
        assert found.fix is not None and found.fix.values == {"key": "global.prefix"}


@pytest.mark.parametrize(
    ("version", "minor", "status", "fix"),
    [
        ("26.3", "3.12.1", "pass", ""),
        ("20.3", "3.11.7", "pass", ""),
        ("20.2.4", "3.11.7", "warn", "network.pip-upgrade"),
        ("22.0.4", "3.12.1", "warn", "network.pip-again"),
        ("23.1", "3.12.1", "pass", ""),
        ("odd", "3.12.1", "skip", ""),
        (None, "3.12.1", "skip", ""),
    ],
)
def test_pip_version(version: str | None, minor: str, status: str, fix: str) -> None:
    found = pip_knows_todays_wheels(installed("pip", version=version), replace(VENV, version=minor))
    assert (found.status.value, found.fix.id if found.fix else "") == (status, fix)


def test_without_pip() -> None:
    assert pip_knows_todays_wheels(Libraries(), VENV).status.value == "skip"


@pytest.mark.parametrize(("network", "status"), [(Network(compiler="/usr/bin/cc"), "pass"), (Network(), "skip"), (BROKE, "skip")])
def test_compiler(network: Network | Missing, status: str) -> None:
    assert a_compiler_is_there(network).status.value == status
