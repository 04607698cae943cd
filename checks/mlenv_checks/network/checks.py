"""Can packages be fetched: proxies, certificates, and, if asked to look, the index itself?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Missing, Why, check, fail, fix, ok, skip, unknown
from mlenv_doctor.patient import Libraries, Python

from ..venv.facts import Prefix
from .facts import Bundle, Network, PackageIndex, Proxy

STATES = {
    "refused": "where nothing listens (connection refused)",
    "no-scheme": "which lacks http://: pip and requests read the host name as a scheme",
    "unreadable": "which is not a proxy address",
}


@check("network.proxy", causes=("dead-proxy",))
def proxy_answers(network: Network | Missing) -> Iterator[Finding]:
    """Proxy.

    With one that is gone, pip finds "no matching distribution", and names neither the proxy nor the variable.
    """
    if isinstance(network, Missing):
        said = f"the network settings could not be read: the probe {network.reason}"
        yield skip(said) if network.kind == Why.NOT_ASKED else unknown(said)
        return
    bad: dict[str, list[Proxy]] = {}
    for proxy in network.proxies:
        if proxy.problem:
            bad.setdefault(proxy.address or proxy.variable, []).append(proxy)
    yield from (_dead(group) for group in bad.values())
    if not bad:
        seen = ", ".join(dict.fromkeys(proxy.address for proxy in network.proxies if proxy.used))
        yield ok(f"downloads go through {seen}" if seen else "no proxy is set")


def _dead(group: list[Proxy]) -> Finding:
    """One proxy that cannot be used, by however many names it is set."""
    proxy = group[-1]
    where = f"pip's setting {proxy.variable} ({proxy.source})" if proxy.source else proxy.variable
    message = f"{where} is set to {proxy.address or 'something'}, {STATES[proxy.problem]}"
    if proxy.source:
        repair = fix("network.pip-edit", key=proxy.variable, path=proxy.source)
    elif len(group) > 1:
        repair = fix("network.forget-proxy")
    else:
        repair = fix("network.forget", variable=proxy.variable)
    return fail("dead-proxy", message, subject=proxy.variable, fix=repair)


@check("network.socks", causes=("socks-support-missing",))
def socks_is_spoken(network: Network, libraries: Libraries) -> Iterator[Finding]:
    """SOCKS proxy.

    Without one more package they refuse at their first request, some already when a client is made.
    """
    used = [proxy for proxy in network.proxies if proxy.used]
    proxy = next((proxy for proxy in used if proxy.scheme.startswith("socks")), None)
    if proxy is None:
        yield skip("no SOCKS proxy is set")
    elif proxy.problem:
        yield skip("the proxy is gone", blocked_by="network.proxy")
    else:
        yield from _speaking(proxy, _users(used, libraries), libraries)


def _users(proxies: list[Proxy], libraries: Libraries) -> dict[str, str]:
    """Who would go through SOCKS here, and what it needs for that.

    httpx makes ready every proxy that is set, when a client is made; requests, and pip with it, take ALL_PROXY only where
    nothing is set for https.
    """
    ways = {proxy.variable.upper(): proxy for proxy in proxies}
    way = ways.get("PROXY") or ways.get("PIP_PROXY") or ways.get("HTTPS_PROXY") or ways.get("ALL_PROXY")
    sends = bool(way and way.scheme.startswith("socks"))
    needs = {"httpx": "socksio", **({"requests": "pysocks", "pip": "pysocks"} if sends else {})}
    return {user: need for user, need in needs.items() if libraries.find(user)}


def _speaking(proxy: Proxy, users: dict[str, str], libraries: Libraries) -> Iterator[Finding]:
    """What those who would go through SOCKS lack."""
    if users and proxy.scheme == "socks":
        message = f"{proxy.variable} begins with socks://, which {' and '.join(users)} cannot read: use socks5://"
        yield fail(
            "socks-support-missing", message, subject=proxy.variable, fix=fix("network.socks-scheme", variable=proxy.variable)
        )
        return
    lacking: dict[str, list[str]] = {}
    for user, need in users.items():
        if not libraries.find(need):
            lacking.setdefault(need, []).append(user)
    for need, names in lacking.items():
        message = f"{proxy.variable} is a SOCKS proxy, but {' and '.join(names)} cannot use it: {need} is not installed"
        yield fail("socks-support-missing", message, subject=names[0], fix=fix("network.socks", packages=(need,)))
    if not lacking:
        yield ok("SOCKS support is installed")


BEFORE = {  # which variables are taken in place of one
    "SSL_CERT_FILE": (),
    "REQUESTS_CA_BUNDLE": (),
    "CURL_CA_BUNDLE": ("REQUESTS_CA_BUNDLE",),
    "cert": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
}


@check("network.certificates", causes=("ca-bundle-missing",))
def certificates_are_there(network: Network, prefix: Prefix | Missing, python: Python, libraries: Libraries) -> Iterator[Finding]:
    """TLS certificates.

    A wrong path ends in "No such file or directory", often without the name of the file.
    """
    named = {bundle.name for bundle in network.bundles}
    bad = [(bundle, words) for bundle in network.bundles if (words := _harm(bundle, named, libraries))]
    yield from (_lost(bundle, words) for bundle, words in bad)
    if isinstance(prefix, Prefix) and not prefix.certificates:
        message = f"Python {python.version} from python.org has no TLS certificates installed: https downloads by urllib fail"
        yield fail("ca-bundle-missing", message, fix=fix("network.mac-certificates"))
    elif not bad:
        read = ", ".join("pip's cert" if bundle.name == "cert" else bundle.name for bundle in network.bundles if bundle.readable)
        yield ok(f"{read} can be read" if read else "the system's own certificates are used")


def _harm(bundle: Bundle, named: set[str], libraries: Libraries) -> str:
    """What is wrong with a file of certificates, if anybody here minds.

    httpx, and with it openai and anthropic, takes SSL_CERT_FILE, or else SSL_CERT_DIR, and nothing besides; OpenSSL itself
    passes over what it cannot use of either. requests and pip take the first of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and pip's
    own setting, be it a file or a folder.
    """
    if bundle.name == "SSL_CERT_DIR":
        minded = not bundle.readable and "SSL_CERT_FILE" not in named and libraries.find("httpx")
        return "which is not a readable folder" if minded else ""
    if named.intersection(BEFORE.get(bundle.name, BEFORE["cert"])):
        return ""
    if not bundle.readable:
        return "which cannot be read"
    if bundle.name == "SSL_CERT_FILE" and not libraries.find("httpx"):
        return ""
    if bundle.holds == "folder" and bundle.name == "SSL_CERT_FILE":
        return "which is a folder: httpx needs a file"
    return "which contains no certificate" if bundle.holds == "none" else ""


def _lost(bundle: Bundle, words: str) -> Finding:
    """A file of certificates that is of no use: pip's own setting, or a variable that libraries follow."""
    if bundle.source != bundle.name:
        message = f"{bundle.source} tells pip to use the certificates in {bundle.path}, {words}"
        repair = fix("network.pip-edit", key=bundle.name, path=bundle.source)
        return fail("ca-bundle-missing", message, subject=bundle.name, fix=repair)
    message = f"{bundle.name} names the certificate file {bundle.path}, {words}"
    return fail("ca-bundle-missing", message, subject=bundle.name, fix=fix("network.forget", variable=bundle.name))


TROUBLE = {
    "dns": ("dead-index", "unknown host name"),
    "refused": ("dead-index", "connection refused"),
    "timeout": ("dead-index", "no answer in time"),
    "auth": ("dead-index", "it requires a login"),
    "forbidden": ("dead-index", "access forbidden"),
    "missing": ("dead-index", "page not found: the path is wrong"),
    "no-folder": ("dead-index", "the folder does not exist"),
    "plain": ("dead-index", "it speaks http, not https"),
    "unusable": ("dead-index", "it is neither an https:// address nor a folder"),
    "proxy-refused": ("dead-proxy", "the proxy {proxy} does not answer"),
    "proxy-auth": ("dead-proxy", "the proxy {proxy} requires a login"),
    "proxy-denies": ("dead-proxy", "the proxy {proxy} blocks it ({detail})"),
    "proxy-plain": ("dead-proxy", "the proxy {proxy} is set as https:// but uses http"),
    "tls-untrusted": ("tls-interception", "its TLS certificate is not trusted ({detail})"),
    "tls-name": ("tls-interception", "its TLS certificate is for another host name ({detail})"),
    "tls-expired": ("clock-skew", "its TLS certificate is expired or not yet valid ({detail}); check the clock"),
}
CURES = {
    "dead-index": "network.index",
    "dead-proxy": "network.forget-proxy",
    "tls-interception": "network.trust",
    "clock-skew": "system.clock",
}


@check("network.index", causes=("dead-index", "dead-proxy", "tls-interception", "clock-skew"))
def index_answers(package_index: PackageIndex | Missing, network: Network | Missing) -> Finding:
    """Package index.

    An index that is gone, a proxy in between or a company's certificate all end in "from versions: none".
    """
    if isinstance(package_index, Missing) and isinstance(network, Network) and network.index.problem in ("unusable", "no-folder"):
        package_index = PackageIndex(network.index.url, network.index.source, problem=network.index.problem)
    if isinstance(package_index, Missing):
        if package_index.kind == Why.NOT_ASKED:
            return skip(f"the package index: {package_index.reason}")
        return unknown(f"the package index was not contacted: the probe {package_index.reason}")
    if package_index.problem in ("", "local", "off"):
        return _no_trouble(package_index)
    if isinstance(network, Network) and (owner := _blamed_before(package_index, network)):
        return skip("see the proxy and certificates above", blocked_by=owner)
    cause, words = TROUBLE.get(package_index.problem, ("", "it answers {detail}"))
    by = f" (set in {package_index.source})" if package_index.source else ""
    message = f"the package index {package_index.url or 'that is set'}{by} cannot be used: "
    message += words.format(proxy=package_index.proxy, detail=package_index.detail)
    ours = package_index.source or package_index.proxy or cause in ("tls-interception", "clock-skew")
    if not cause or not ours:  # a machine without a network is healthy
        return unknown(message)
    return fail(cause, message, evidence={"source": package_index.source}, fix=fix(CURES[cause]))


def _no_trouble(index: PackageIndex) -> Finding:
    """An index that answered, or that nobody need ask."""
    if index.problem == "off":
        return skip("pip is set to use no index")
    said = f"packages come from the folder {index.url}" if index.problem else f"{index.url} answers"
    return ok(said, brief=said)


def _blamed_before(index: PackageIndex, network: Network) -> str:
    """The check that has already told what the index suffers from; empty for none."""
    if index.proxy and any(proxy.problem and proxy.address == index.proxy for proxy in network.proxies):
        return "network.proxy"
    lost = any(not bundle.readable or bundle.holds == "none" for bundle in network.bundles)
    return "network.certificates" if lost and index.problem.startswith(("tls", "other")) else ""
