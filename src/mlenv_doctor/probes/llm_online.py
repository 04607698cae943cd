"""Ask each provider whether it takes the key that is set for it: all at once, with one deadline for all."""

_ONL_SECONDS = 8.0
_ONL_LARGEST = 1 << 16


def read_key_answers(question):
    import threading
    import time

    path, _ = _llm_find(question)
    lines = _llm_loaded(path)[1]
    seen = dict({line["name"]: line["value"] for line in lines if line["name"]}, **_llm_shell())
    names, answers = _req_names(seen), {}
    end = time.time() + min(_ONL_SECONDS, question.get("seconds") or _ONL_SECONDS)
    threads = [threading.Thread(target=_onl_ask, args=(name, seen, answers, end), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.time()))
    told = dict(answers)
    late = {"answer": "unreachable", "detail": "no answer in %g s" % _ONL_SECONDS}
    return {"answers": [dict(told.get(name, late), name=name, provider=_LLM_VARIABLES[name][0]) for name in names]}


def _onl_ask(name, seen, answers, end):
    """One key. Of an endpoint of one's own it is asked again without a key: many check none."""
    try:
        method, address, headers, body, own = _req_of(name, seen)
        status, data = _onl_send(method, address, headers, body, end)
        word = data.use(lambda said: _ans_verdict(name, status, said, own))
        no_key = _Secret(name, {"Accept": "application/json"})
        if word == "accepted" and own and _onl_send(method, address, no_key, body, end)[0] == 200:
            word = "no-key-checked"
        answers[name] = {"answer": word, "detail": "HTTP %d" % status, "own": own}
    except Exception as why:
        answers[name] = {"answer": "unreachable", "detail": _onl_trouble(why)}


def _onl_send(method, address, headers, body, end):
    """Number and body of the answer. Raises whatever goes wrong. No redirect is followed: it would take the key elsewhere."""
    import time

    import urllib3
    from urllib3.util import Timeout

    left = max(0.1, end - time.time())
    options = {"timeout": Timeout(connect=left, read=left, total=left), "retries": False}
    pool = address.use(lambda url: _onl_pool(url, options))

    def send(url, said):  # an error is handed out as a value: a secret's use tells nothing of one but its kind
        try:
            return pool.request(method, url, headers=said, body=body, preload_content=False, redirect=False)
        except Exception as why:
            return why

    opened = headers.use(lambda said: address.use(lambda url: send(url, said)))
    if isinstance(opened, Exception):
        raise opened
    data = b""
    while len(data) < _ONL_LARGEST and time.time() < end:
        part = opened.read(4096)
        if not part:
            break
        data += part
    opened.close()
    if time.time() >= end:
        raise urllib3.exceptions.TimeoutError()
    return opened.status, _Secret("answer", data)


def _onl_pool(url, options):
    """What the request goes through: the proxy that the libraries would use, as the variables say."""
    from urllib.parse import unquote, urlsplit
    from urllib.request import getproxies, proxy_bypass

    import urllib3

    parts = urlsplit(url)
    proxies = {} if proxy_bypass(parts.hostname or "") else getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy:
        return urllib3.PoolManager(**options)
    proxy = proxy if "://" in proxy else "http://" + proxy
    if proxy.lower().startswith("socks"):
        from urllib3.contrib.socks import SOCKSProxyManager

        return SOCKSProxyManager(proxy.replace("socks5://", "socks5h://"), **options)
    user = urlsplit(proxy).netloc.rpartition("@")[0]
    headers = urllib3.util.make_headers(proxy_basic_auth=unquote(user)) if user else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)


def _onl_trouble(why):
    """Why nothing was heard, in words of our own."""
    reason = getattr(why, "reason", None) or why
    kinds = [type(one).__name__ for one in (why, reason, getattr(reason, "original_error", reason))]
    text = "%s %s" % (reason, getattr(reason, "original_error", ""))
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted here"
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        return "http is spoken there, not https"
    if "Tunnel connection failed" in text or "ProxyError" in kinds:
        return "the proxy refuses"
    for kind, words in (
        ("NameResolutionError", "its name is not known"),
        ("NewConnectionError", "nothing listens there"),
        ("Timeout", "no answer in time"),
    ):
        if any(kind in one for one in kinds):
            return words
    return kinds[-1]
