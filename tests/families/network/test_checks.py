"""Proxies, certificates, the index, and what pip is told: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.network.checks import certificates_are_there, index_answers, proxy_answers, socks_is_spoken
from mlenv_checks.network.facts import Bundle, IndexSetting, Network, PackageIndex, PipSetting, Proxy
from mlenv_checks.network.pip import a_compiler_is_there, pip_installs_here, pip_knows_todays_wheels
from mlenv_checks.venv.facts import Prefix
from mlenv_doctor import Missing
from mlenv_doctor.facts import Why
from mlenv_doctor.patient import Distribution, Libraries, Python

VENV = Python(version="3.12.1", prefix="/v", base_prefix="/usr")
CONDA = replace(VENV, prefix="/c", base_prefix="/c", conda=True)
SYSTEM = replace(VENV, prefix="/usr")
GOOD = Proxy("HTTPS_PROXY", "http", "http://proxy:3128")
DEAD = Proxy("HTTPS_PROXY", "http", "http://127.0.0.1:9", "refused")
NOT_ASKED, BROKE = Missing("network", Why.NOT_ASKED, "x"), Missing("network", Why.ERROR, "x")


def installed(*names: str, version: str | None = "1.0") -> Libraries:
    return Libraries(tuple(Distribution(name, version, "/v/site") for name in names))


GONE_TWICE = (DEAD, replace(DEAD, variable="https_proxy"))
OF_PIP = replace(DEAD, variable="proxy", source="/h/pip.conf")
NO_SCHEME = Proxy("HTTPS_PROXY", "http", "http://proxy:3128", "no-scheme")


@pytest.mark.parametrize(
    ("network", "status", "message", "fix"),
    [
        (Network(), "pass", "no proxy is set", ""),
        (Network((GOOD, replace(GOOD, variable="HTTP_PROXY"))), "pass", "downloads go through http://proxy:3128", ""),
        (Network((replace(DEAD, problem="", used=False),)), "pass", "no proxy is set", ""),
        (
            Network((DEAD,)),
            "fail",
            "HTTPS_PROXY is set to http://127.0.0.1:9, where nothing listens (connection refused)",
            "network.forget",
        ),
        (Network(GONE_TWICE), "fail", "https_proxy is set to http://127.0.0.1:9, ", "network.forget-proxy"),
        (
            Network((OF_PIP,)),
            "fail",
            "pip's setting proxy (/h/pip.conf) is set to http://127.0.0.1:9, ",
            "network.pip-edit",
        ),
        (
            Network((NO_SCHEME,)),
            "fail",
            "HTTPS_PROXY is set to http://proxy:3128, which lacks http://",
            "network.forget",
        ),
        (Network((Proxy("ALL_PROXY", problem="unreadable"),)), "fail", "ALL_PROXY is set to something, which is not", ""),
        (NOT_ASKED, "skip", "the network settings could not be read: the probe x", ""),
        (BROKE, "unknown", "the network settings could not be read: the probe x", ""),
    ],
)
def test_proxy(network: Network | Missing, status: str, message: str, fix: str) -> None:
    [found] = proxy_answers(network)
    assert found.status.value == status and found.message.startswith(message)
    assert not fix or (found.fix and found.fix.id == fix)


SOCKS = Network((Proxy("ALL_PROXY", "socks5h", "socks5h://proxy:1080"),))
BESIDE = Network((GOOD, *SOCKS.proxies))
GNOME = Network((replace(SOCKS.proxies[0], scheme="socks"),))
OF_PIP_SOCKS = Network((GOOD, replace(SOCKS.proxies[0], variable="PIP_PROXY")))


@pytest.mark.parametrize(
    ("network", "libraries", "expected"),
    [
        (Network((GOOD,)), installed("httpx"), [("skip", "")]),
        (Network((replace(SOCKS.proxies[0], problem="refused"),)), installed("httpx"), [("skip", "")]),
        (Network((replace(SOCKS.proxies[0], used=False),)), installed("httpx"), [("skip", "")]),
        (SOCKS, installed("httpx"), [("fail", "socksio")]),
        (SOCKS, installed("pip"), [("fail", "pysocks")]),
        (SOCKS, installed("pip", "requests"), [("fail", "pysocks")]),
        (SOCKS, installed("httpx", "requests", "socksio"), [("fail", "pysocks")]),
        (SOCKS, installed("httpx", "requests"), [("fail", "socksio"), ("fail", "pysocks")]),
        (SOCKS, installed("httpx", "socksio"), [("pass", "")]),
        (SOCKS, installed("numpy"), [("pass", "")]),
        (BESIDE, installed("pip", "requests"), [("pass", "")]),
        (BESIDE, installed("pip", "httpx"), [("fail", "socksio")]),
        (OF_PIP_SOCKS, installed("pip"), [("fail", "pysocks")]),
        (GNOME, installed("httpx", "socksio"), [("fail", "ALL_PROXY")]),
        (GNOME, installed("numpy"), [("pass", "")]),
    ],
)
def test_socks(network: Network, libraries: Libraries, expected: list[tuple[str, str]]) -> None:
    found = list(socks_is_spoken(network, libraries))
    needs = [f.fix.values.get("packages", (f.fix.values.get("variable"),))[0] if f.fix else "" for f in found]
    assert [(f.status.value, need) for f, need in zip(found, needs, strict=True)] == expected


def bundle(name: str, readable: bool = True, holds: str = "certificates") -> Bundle:
    return Bundle(name, "/a.pem", readable, name, holds)


GONE = bundle("SSL_CERT_FILE", readable=False)
PIPS = Bundle("cert", "/gone.pem", readable=False, source="/etc/pip.conf")


@pytest.mark.parametrize(
    ("bundles", "library", "words"),
    [
        ((), "httpx", ""),
        ((bundle("PIP_CERT"),), "httpx", ""),
        ((GONE,), "numpy", "SSL_CERT_FILE names the certificate file /a.pem, which cannot be read"),
        ((bundle("SSL_CERT_FILE", holds="folder"),), "httpx", "which is a folder"),
        ((bundle("SSL_CERT_FILE", holds="none"),), "httpx", "which contains no certificate"),
        ((bundle("SSL_CERT_FILE", holds="none"),), "numpy", ""),
        ((bundle("REQUESTS_CA_BUNDLE", holds="none"),), "numpy", "which contains no certificate"),
        ((bundle("REQUESTS_CA_BUNDLE", holds="folder"),), "httpx", ""),
        ((bundle("SSL_CERT_DIR", readable=False),), "httpx", "which is not a readable folder"),
        ((bundle("SSL_CERT_DIR", readable=False),), "numpy", ""),
        ((bundle("SSL_CERT_DIR", readable=False), bundle("SSL_CERT_FILE")), "httpx", ""),
        ((bundle("CURL_CA_BUNDLE", readable=False),), "numpy", "CURL_CA_BUNDLE names the certificate file /a.pem"),
        ((bundle("CURL_CA_BUNDLE", readable=False), bundle("REQUESTS_CA_BUNDLE")), "numpy", ""),
        ((PIPS,), "numpy", "/etc/pip.conf tells pip to use the certificates in /gone.pem, which cannot be read"),
        ((PIPS, bundle("REQUESTS_CA_BUNDLE")), "numpy", ""),
        ((bundle("PIP_CERT", readable=False), bundle("CURL_CA_BUNDLE")), "numpy", ""),
    ],
)
def test_certificates(bundles: tuple[Bundle, ...], library: str, words: str) -> None:
    [found] = certificates_are_there(Network(bundles=bundles), Prefix(), VENV, installed(library))
    assert (found.status.value, found.cause) == (("fail", "ca-bundle-missing") if words else ("pass", ""))
    assert words in found.message


def test_certificates_of_a_mac() -> None:
    [found] = certificates_are_there(Network(), Prefix(certificates=False), VENV, Libraries())
    assert found.fix is not None and found.fix.id == "network.mac-certificates"
    [found] = certificates_are_there(Network(), Missing("prefix", Why.ERROR, "x"), VENV, Libraries())
    assert found.status.value == "pass"


INDEX = PackageIndex("https://index/simple", source="PIP_INDEX_URL")


@pytest.mark.parametrize(
    ("index", "status", "cause", "words"),
    [
        (INDEX, "pass", "", "https://index/simple answers"),
        (replace(INDEX, problem="dns"), "fail", "dead-index", "(set in PIP_INDEX_URL) cannot be used: unknown host name"),
        (replace(INDEX, problem="auth"), "fail", "dead-index", "it requires a login"),
        (replace(INDEX, problem="dns", source=""), "unknown", "", "unknown host name"),
        (replace(INDEX, problem="timeout", source=""), "unknown", "", "no answer in time"),
        (
            replace(INDEX, problem="proxy-auth", source="", proxy="http://p:1"),
            "fail",
            "dead-proxy",
            "the proxy http://p:1 requires",
        ),
        (replace(INDEX, problem="proxy-refused", source="", proxy="http://p:1"), "fail", "dead-proxy", "does not answer"),
        (
            replace(INDEX, problem="tls-untrusted", source="", detail="self-signed certificate"),
            "fail",
            "tls-interception",
            "not trusted (self-signed certificate)",
        ),
        (replace(INDEX, problem="tls-expired", source="", detail="expired"), "fail", "clock-skew", "check the clock"),
        (replace(INDEX, problem="plain"), "fail", "dead-index", "it speaks http, not https"),
        (replace(INDEX, problem="no-folder", url="/m"), "fail", "dead-index", "the folder does not exist"),
        (replace(INDEX, problem="local", url="/m"), "pass", "", "packages come from the folder /m"),
        (replace(INDEX, problem="off"), "skip", "", "pip is set to use no index"),
        (
            replace(INDEX, problem="proxy-denies", proxy="http://p:1", detail="HTTP 403"),
            "fail",
            "dead-proxy",
            "blocks it",
        ),
        (replace(INDEX, problem="proxy-plain", proxy="https://p:1"), "fail", "dead-proxy", "uses http"),
        (replace(INDEX, problem="other", detail="HTTP 503"), "unknown", "", "it answers HTTP 503"),
        (Missing("package_index", Why.NOT_ASKED, "not checked without --online"), "skip", "", "without --online"),
        (Missing("package_index", Why.TIMEOUT, "x"), "unknown", "", "x"),
    ],
)
def test_index(index: PackageIndex | Missing, status: str, cause: str, words: str) -> None:
    found = index_answers(index, Network())
    assert (found.status.value, found.cause) == (status, cause)
    assert words in found.message


@pytest.mark.parametrize(
    ("setting", "status", "words"),
    [
        (
            IndexSetting("pypi.org/simple", "PIP_INDEX_URL", "unusable"),
            "fail",
            "pypi.org/simple (set in PIP_INDEX_URL) cannot be",
        ),
        (IndexSetting("", "uv.toml", "unusable"), "fail", "the package index that is set (set in uv.toml) cannot be used"),
        (IndexSetting("/gone", "PIP_INDEX_URL", "no-folder"), "fail", "the folder does not exist"),
        (IndexSetting("/wheels", "PIP_INDEX_URL", "local"), "skip", "not checked without --online"),
        (IndexSetting("https://index", "PIP_INDEX_URL"), "skip", "not checked without --online"),
    ],
)
def test_an_index_that_is_not_asked(setting: IndexSetting, status: str, words: str) -> None:
    not_asked = Missing("package_index", Why.NOT_ASKED, "not checked without --online")
    found = index_answers(not_asked, Network(index=setting))
    assert found.status.value == status and words in found.message


def test_a_dead_proxy_is_told_once() -> None:
    broken = replace(INDEX, problem="proxy-refused", proxy="http://127.0.0.1:9")
    assert index_answers(broken, Network((DEAD,))).blocked_by == "network.proxy"
    assert index_answers(broken, BROKE).cause == "dead-proxy"
    assert index_answers(broken, Network((GOOD,))).cause == "dead-proxy"
    assert index_answers(replace(INDEX, problem="auth"), Network((DEAD,))).cause == "dead-index"


def test_lost_certificates_are_told_once() -> None:
    distrusted = replace(INDEX, problem="tls-untrusted")
    assert index_answers(distrusted, Network(bundles=(GONE,))).blocked_by == "network.certificates"
    assert index_answers(distrusted, Network(bundles=(bundle("PIP_CERT"),))).cause == "tls-interception"
    assert index_answers(replace(INDEX, problem="auth"), Network(bundles=(GONE,))).cause == "dead-index"


@pytest.mark.parametrize(
    ("setting", "python", "words", "fix"),
    [
        (
            PipSetting("target", "/t", "PIP_TARGET"),
            VENV,
            "pip's setting target (PIP_TARGET) installs packages into /t",
            "network.forget",
        ),
        (PipSetting("prefix", "/t", "/etc/pip.conf"), VENV, "installs packages under /t", "network.pip-edit"),
        (PipSetting("prefix", "/t", "/h/pip.conf", "install", "user"), VENV, "installs packages under /t", "network.pip-unset"),
        (PipSetting("no-deps", "Yes", "PIP_NO_DEPS"), VENV, "leaves out dependencies", "network.forget"),
        (PipSetting("no-deps", "0", "PIP_NO_DEPS"), VENV, "", ""),
        (PipSetting("no-binary", ":all:", "PIP_NO_BINARY"), VENV, "refuses wheels", "network.forget"),
        (PipSetting("no-binary", "lxml", "PIP_NO_BINARY"), VENV, "", ""),
        (PipSetting("user", "true", "PIP_USER"), VENV, "refuses in a virtual environment", "network.forget"),
        (PipSetting("user", "true", "PIP_USER"), SYSTEM, "", ""),
        (PipSetting("user", "no", "PIP_USER"), VENV, "", ""),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), CONDA, "conda environment", "network.forget"),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), VENV, "", ""),
        (PipSetting("require-virtualenv", "1", "PIP_REQUIRE_VIRTUALENV"), SYSTEM, "", ""),
        (PipSetting("require-virtualenv", "0", "PIP_REQUIRE_VIRTUALENV"), CONDA, "", ""),
        (PipSetting("index-url", "https://index", "/etc/pip.conf"), VENV, "", ""),
    ],
)
def test_pip_settings(setting: PipSetting, python: Python, words: str, fix: str) -> None:
    [found] = pip_installs_here(Network(pip=(setting,)), python, Prefix())
    assert (found.status.value, found.cause) == (("warn", "pip-redirected") if words else ("pass", ""))
    assert words in found.message and (found.fix.id if found.fix else "") == fix
    if fix == "network.pip-unset":
        assert found.fix is not None and found.fix.values == {"key": "install.prefix", "level": "user"}


def test_pip_settings_where_the_users_folder_is_seen() -> None:
    setting = PipSetting("user", "true", "PIP_USER")
    [found] = pip_installs_here(Network(pip=(setting,)), VENV, Prefix(system_site=True))
    assert "into the user folder, not into this environment" in found.message


def test_pip_settings_where_there_is_no_pip() -> None:
    setting = PipSetting("target", "/t", "PIP_TARGET")
    [found] = pip_installs_here(Network(pip=(setting,)), replace(VENV, pip=False), Prefix())
    assert found.status.value == "skip"


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
