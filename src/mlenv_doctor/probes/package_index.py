"""Ask the package index that pip would ask for one page, through the proxy that pip would use: one request, read-only."""

_IDX_PUBLIC = "https://pypi.org/simple"
_IDX_PAGE = "pip"  # every index that serves wheels can say whether it has this one
_IDX_SECONDS = 8.0
_IDX_ANSWERS = {401: "auth", 403: "forbidden", 404: "missing", 407: "proxy-auth"}
_IDX_TLS = (("expired", "tls-expired"), ("not yet valid", "tls-expired"), ("match", "tls-name"))


def read_package_index(question):
    settings = {found["key"]: found for found in _net_pip(question.get("prefix", ""))}
    chosen = settings.get("index-url", {"value": _IDX_PUBLIC, "source": ""})
    said = {"url": _net_address(chosen["value"])[1].rstrip("/"), "source": chosen["source"], "proxy": ""}
    scheme, _, host, _ = _net_address(chosen["value"])
    if not host or scheme not in ("http", "https"):
        return dict(said, problem="unusable")
    proxy = _idx_proxy(scheme, host, settings)
    said["proxy"] = _net_address(proxy)[1].rstrip("/") if proxy else ""
    try:
        status = _idx_ask(chosen["value"].rstrip("/") + "/" + _IDX_PAGE + "/", proxy, _idx_bundle(settings))
    except Exception as why:
        return dict(said, **_idx_failure(why, bool(proxy)))
    return dict(said, problem=_IDX_ANSWERS.get(status, "" if status < 400 else "other"), detail="HTTP %d" % status)


def _idx_proxy(scheme, host, settings):
    """The proxy that requests, and so pip, would use."""
    from urllib.request import getproxies, proxy_bypass

    if "proxy" in settings:
        return settings["proxy"]["value"]
    proxies = {} if proxy_bypass(host) else getproxies()
    found = proxies.get(scheme) or proxies.get("all") or ""
    return found if not found or "://" in found else "http://" + found


def _idx_bundle(settings):
    """The certificates that pip would trust: those that it is told, else those of this system."""
    named = [settings["cert"]["value"]] if "cert" in settings else []
    named += [os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")]
    return next((path for path in named if path and os.path.exists(path)), None)


def _idx_ask(url, proxy, bundle):
    """The number of the answer. Raises whatever goes wrong."""
    import urllib3
    from urllib3.util import Timeout, make_headers, parse_url

    parts = parse_url(url)
    options = {
        "timeout": Timeout(connect=_IDX_SECONDS / 2, read=_IDX_SECONDS / 2, total=_IDX_SECONDS),
        "retries": urllib3.Retry(0, redirect=3),
        "ca_certs": bundle,
        "headers": make_headers(basic_auth=parts.auth, user_agent="mlenv-doctor")
        if parts.auth
        else make_headers(user_agent="mlenv-doctor"),
    }
    clean = parts._replace(auth=None).url
    if not proxy:
        pool = urllib3.PoolManager(**options)
    elif proxy.lower().startswith("socks"):
        from urllib3.contrib.socks import SOCKSProxyManager

        pool = SOCKSProxyManager(proxy.replace("socks5://", "socks5h://"), **options)
    else:
        login = parse_url(proxy).auth
        pool = urllib3.ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=login) if login else None, **options)
    answer = pool.request("GET", clean, preload_content=False)
    answer.close()
    return answer.status


def _idx_failure(why, by_proxy):
    """Which kind of failure it was. Its own words are kept only where they can hold no address."""
    import urllib3.exceptions as e

    reason = getattr(why, "reason", None) or why
    inner = getattr(reason, "original_error", reason)
    text = "%s %s" % (reason, inner)
    if "407" in text:
        return {"problem": "proxy-auth", "detail": "HTTP 407"}
    if isinstance(reason, e.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        words = text.partition("certificate verify failed: ")[2].partition(" (_ssl")[0][:200]
        kind = next((kind for word, kind in _IDX_TLS if word in words), "tls-untrusted")
        return {"problem": kind, "detail": words}
    if by_proxy and isinstance(reason, e.ProxyError):
        return {"problem": "proxy-refused", "detail": type(inner).__name__}
    if isinstance(inner, e.NameResolutionError):
        return {"problem": "dns", "detail": ""}
    if isinstance(inner, e.NewConnectionError):  # before the timeouts: it is one of them by its class
        return {"problem": "proxy-refused" if by_proxy else "refused", "detail": ""}
    if isinstance(inner, e.TimeoutError):
        return {"problem": "timeout", "detail": "%g s" % _IDX_SECONDS}
    return {"problem": "other", "detail": type(inner).__name__}
