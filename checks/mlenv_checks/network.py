"""Can packages be fetched: proxies, certificates, and, if asked to look, the index itself?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor import Finding, Missing, check, fail, fix, ok, skip, unknown
from mlenv_doctor.facts import Bundle, Libraries, Network, PackageIndex, Prefix, Python, Why

NEEDS_SOCKS = {"httpx": "socksio", "requests": "pysocks"}  # what speaks SOCKS for each of the two that libraries download with


@check("network.proxy", causes=("dead-proxy",))
def proxy_answers(network: Network | Missing) -> Iterator[Finding]:
    """The proxy that downloads are sent through is there.

    With one that is gone, pip finds "no matching distribution", and names neither the proxy nor the variable.
    """
    if isinstance(network, Missing):
        said = f"the settings of the network could not be read: the probe {network.reason}"
        yield skip(said) if network.kind == Why.NOT_ASKED else unknown(said)
        return
    bad = {proxy.address or proxy.variable: proxy for proxy in network.proxies if proxy.problem}
    for proxy in bad.values():
        state = "where nothing listens" if proxy.problem == "refused" else "which is no address of a proxy"
        message = f"{proxy.variable} sends downloads to {proxy.address or 'something'}, {state}"
        yield fail("dead-proxy", message, subject=proxy.variable, fix=fix("network.forget", variable=proxy.variable))
    if not bad:
        seen = ", ".join(dict.fromkeys(proxy.address for proxy in network.proxies))
        yield ok(f"downloads go through {seen}" if seen else "no proxy is set")


@check("network.socks", causes=("socks-support-missing",))
def socks_is_spoken(network: Network, libraries: Libraries) -> Iterator[Finding]:
    """Libraries can speak to the SOCKS proxy that is set.

    Without one more package they refuse at their first request, some already when a client is made.
    """
    proxy = next((proxy for proxy in network.proxies if proxy.scheme.startswith("socks")), None)
    if proxy is None:
        yield skip("no SOCKS proxy is set")
        return
    lacking = {user: need for user, need in NEEDS_SOCKS.items() if libraries.find(user) and not libraries.find(need)}
    for user, need in lacking.items():
        message = f"{proxy.variable} names a SOCKS proxy, and {user} needs {need} to speak to one"
        yield fail("socks-support-missing", message, subject=user, fix=fix("network.socks", packages=(need,)))
    if not lacking:
        yield ok("what speaks to the SOCKS proxy is installed")


@check("network.certificates", causes=("ca-bundle-missing",))
def certificates_are_there(network: Network, prefix: Prefix | Missing, python: Python) -> Iterator[Finding]:
    """The certificates that downloads are checked with are there.

    A path that leads nowhere ends in "No such file or directory", often without saying which file.
    """
    bad = [bundle for bundle in network.bundles if not bundle.readable]
    yield from (_lost(bundle) for bundle in bad)
    if isinstance(prefix, Prefix) and not prefix.certificates:
        message = f"Python {python.version} of python.org has no certificates yet: every https download by urllib fails"
        yield fail("ca-bundle-missing", message, fix=fix("network.mac-certificates"))
    elif not bad:
        named = ", ".join(bundle.name for bundle in network.bundles)
        yield ok(f"{named} can be read" if named else "the system's own certificates are used")


def _lost(bundle: Bundle) -> Finding:
    """A file of certificates that cannot be read: pip's own setting, or a variable that libraries follow."""
    if bundle.source != bundle.name:
        message = f"pip is told in {bundle.source} to use the certificates in {bundle.path}, which cannot be read"
        return fail("ca-bundle-missing", message, subject=bundle.name, fix=fix("network.pip-unset", key=f"global.{bundle.name}"))
    message = f"{bundle.name} names {bundle.path} for certificates, which cannot be read"
    return fail("ca-bundle-missing", message, subject=bundle.name, fix=fix("network.forget", variable=bundle.name))


TROUBLE = {
    "dns": ("dead-index", "its name is not known"),
    "refused": ("dead-index", "nothing listens there"),
    "timeout": ("dead-index", "it does not answer in time"),
    "auth": ("dead-index", "it wants a user name and a password"),
    "forbidden": ("dead-index", "it forbids access"),
    "missing": ("dead-index", "it has no such page: the path is wrong"),
    "unusable": ("dead-index", "that is no address"),
    "proxy-refused": ("dead-proxy", "the proxy {proxy} does not answer"),
    "proxy-auth": ("dead-proxy", "the proxy {proxy} wants a user name and a password"),
    "tls-untrusted": ("tls-interception", "its certificate is not trusted here ({detail})"),
    "tls-name": ("tls-interception", "its certificate is for another name ({detail})"),
    "tls-expired": ("clock-skew", "its certificate counts as expired or not yet valid ({detail}): is the clock right?"),
}
CURES = {
    "dead-index": "network.index",
    "dead-proxy": "network.forget-proxy",
    "tls-interception": "network.trust",
    "clock-skew": "system.clock",
}


@check("network.index", causes=("dead-index", "dead-proxy", "tls-interception", "clock-skew"))
def index_answers(package_index: PackageIndex | Missing, network: Network | Missing) -> Finding:
    """The package index answers.

    An index that is gone, a proxy in between or a company's certificate all end in "from versions: none".
    """
    if isinstance(package_index, Missing):
        said = f"the package index was not asked: {package_index.reason}"
        return skip(said) if package_index.kind == Why.NOT_ASKED else unknown(said)
    if not package_index.problem:
        return ok(f"{package_index.url} answers")
    if isinstance(network, Network) and any(proxy.problem for proxy in network.proxies):
        return skip("the proxy is gone", blocked_by="network.proxy")
    cause, words = TROUBLE.get(package_index.problem, ("", "it answers with {detail}"))
    by = f" (set in {package_index.source})" if package_index.source else ""
    message = f"the package index {package_index.url}{by} cannot be used: "
    message += words.format(proxy=package_index.proxy, detail=package_index.detail)
    ours = package_index.source or package_index.proxy or cause in ("tls-interception", "clock-skew")
    if not cause or not ours:  # a machine without a network is healthy
        return unknown(message)
    return fail(cause, message, evidence={"source": package_index.source}, fix=fix(CURES[cause]))
