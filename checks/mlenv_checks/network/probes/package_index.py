"""Ask the package index that pip or uv would ask for one page, through the proxy that they would use: one request, read-only."""

import os

from mlenv_doctor.probekit import which

from .addresses import split_address
from .index_settings import chosen_index, problem_and_folder, shown_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = "pip"  # every index that serves wheels can say whether it has this one
PATIENCE = 8.0  # seconds
ANSWERS = {401: "auth", 403: "forbidden", 404: "missing", 407: "proxy-auth"}
PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "only use HTTP")  # http is spoken where https is wanted
TLS_PROBLEMS = (("expired", "tls-expired"), ("not yet valid", "tls-expired"), ("match", "tls-name"))


def read_package_index(question: "dict[str, Any]") -> "dict[str, Any]":
    prefix = question.get("prefix", "")
    chosen = chosen_index(prefix)
    problem, folder = problem_and_folder(chosen)
    said = {"url": folder or shown_index(chosen["value"]), "source": chosen["source"], "proxy": ""}
    if problem:
        return dict(said, problem=problem)
    scheme, _, host, _ = split_address(chosen["value"])
    proxy = _proxy_for(scheme, host, chosen["settings"])
    said["proxy"] = split_address(proxy)[1].rstrip("/") if proxy else ""
    try:
        bundle = _bundle(chosen["settings"], chosen["by"])
        status = _status(chosen["value"].rstrip("/"), proxy, bundle, chosen["more"])
    except Exception as why:
        return dict(said, **_failure(why, bool(proxy)))
    if status == 401 and _may_know_password(prefix, chosen["by"]):
        return dict(said, problem="other", detail="HTTP 401, and whether a keyring knows the password was not asked")
    return dict(said, problem=ANSWERS.get(status, "" if status < 400 else "other"), detail="HTTP %d" % status)


def _status(url: str, proxy: str, bundle: "str | None", has_others: bool) -> int:
    """The number of the answer. Where the page is missing, that of the whole index: one of a team's own packages is healthy."""
    status = _ask("%s/%s/" % (url, PAGE), proxy, bundle)
    if status != 404:
        return status
    return 200 if has_others else _ask(url + "/", proxy, bundle)


def _may_know_password(prefix: str, by: str) -> bool:
    """Whether pip or uv may know more than what stands in files: a keyring, in the environment or on PATH, or uv's variables."""
    import glob

    sites = ("lib/python*/site-packages/keyring", "Lib/site-packages/keyring")
    installed = any(glob.glob(os.path.join(prefix, site)) for site in sites) if prefix else False
    by_variable = by == "uv" and any(name.startswith("UV_INDEX_") and name.endswith("_PASSWORD") for name in os.environ)
    return bool(which("keyring") or installed or by_variable)


def _proxy_for(scheme: str, host: str, settings: "dict[str, dict[str, str]]") -> str:
    """The proxy that requests, and so pip, would use."""
    from urllib.request import getproxies, proxy_bypass

    if "proxy" in settings:
        return settings["proxy"]["value"]
    proxies = {} if proxy_bypass(host) else getproxies()
    found = proxies.get(scheme) or proxies.get("all") or ""
    return found if not found or "://" in found else "http://" + found


def _bundle(settings: "dict[str, dict[str, str]]", by: str) -> "str | None":
    """The certificates that pip would trust: requests lets its variables win over what pip was told."""
    variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if by == "pip" else ()
    named = [os.environ.get(name) for name in variables]
    named += [settings.get("cert", {"value": ""})["value"], os.environ.get("SSL_CERT_FILE")]
    return next((path for path in named if path and os.path.exists(path)), None)


def _ask(url: str, proxy: str, bundle: "str | None") -> int:
    """The number of the answer. Raises whatever goes wrong."""
    import urllib3
    from urllib3.util import Timeout, make_headers, parse_url

    parts = parse_url(url)
    login = _login_in(url) or _login_of_netrc(parts.hostname or "")
    options: "dict[str, Any]" = {
        "timeout": Timeout(connect=PATIENCE / 2, read=PATIENCE / 2, total=PATIENCE),
        "retries": urllib3.Retry(0, redirect=3),
        "ca_cert_dir" if bundle and os.path.isdir(bundle) else "ca_certs": bundle,
        "headers": make_headers(basic_auth=login or None, user_agent="mlenv-doctor"),
    }
    if not proxy:
        pool = urllib3.PoolManager(**options)
    elif proxy.lower().startswith("socks"):
        from urllib3.contrib.socks import SOCKSProxyManager

        pool = SOCKSProxyManager(proxy.replace("socks5://", "socks5h://"), **options)
    else:
        headers = make_headers(proxy_basic_auth=_login_in(proxy) or None)
        pool = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    answer = pool.request("GET", parts._replace(auth=None).url, preload_content=False)
    answer.close()
    return answer.status


def _login_in(url: str) -> str:
    """User and password of an address, as they are sent: what is %-encoded there is not so in the header."""
    from urllib.parse import unquote, urlsplit

    user, at, _ = urlsplit(url).netloc.rpartition("@")
    return unquote(user) if at else ""


def _login_of_netrc(host: str) -> str:
    """User and password of a host from the file that pip and requests look into; empty for none."""
    import netrc

    home = os.path.expanduser("~")
    for path in [os.environ["NETRC"]] if os.environ.get("NETRC") else [os.path.join(home, n) for n in (".netrc", "_netrc")]:
        try:
            found = netrc.netrc(path).authenticators(host)
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
            continue
        if found:
            return "%s:%s" % (found[0] or found[1] or "", found[2] or "")
    return ""


def _failure(why: Exception, by_proxy: bool) -> "dict[str, str]":
    """Which kind of failure it was. Its own words are kept only where they can hold no address."""
    import urllib3.exceptions as e

    reason = getattr(why, "reason", None) or why
    inner = getattr(reason, "original_error", reason)
    text = "%s %s" % (reason, inner)
    tunnel = text.partition("Tunnel connection failed: ")[2][:3]
    if tunnel:
        return {"problem": "proxy-auth" if tunnel == "407" else "proxy-denies", "detail": "HTTP " + tunnel}
    if "CERTIFICATE_VERIFY_FAILED" in text:
        words = text.partition("certificate verify failed: ")[2].partition(" (_ssl")[0][:200]
        kind = next((kind for word, kind in TLS_PROBLEMS if word in words), "tls-untrusted")
        return {"problem": kind, "detail": words}
    if any(word in text for word in PLAIN_HTTP):
        return {"problem": "proxy-plain" if isinstance(reason, e.ProxyError) else "plain", "detail": ""}
    if isinstance(reason, e.SSLError):  # wants a certificate of ours, or an older TLS: nothing that can be told from here
        return {"problem": "other", "detail": "an error of TLS"}
    if by_proxy and isinstance(reason, e.ProxyError):
        return {"problem": "proxy-refused", "detail": type(inner).__name__}
    if isinstance(inner, e.NameResolutionError):
        return {"problem": "dns", "detail": ""}
    if isinstance(inner, e.NewConnectionError):  # before the timeouts: it is one of them by its class
        return {"problem": "proxy-refused" if by_proxy else "refused", "detail": ""}
    if isinstance(inner, e.TimeoutError):
        return {"problem": "timeout", "detail": "%g s" % PATIENCE}
    return {"problem": "other", "detail": type(inner).__name__}
