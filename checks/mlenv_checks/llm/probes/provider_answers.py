"""Ask each provider whether it takes the key that is set for it: all at once, with one deadline for all."""

from mlenv_checks.llm.probes.dotenv_file import find_dotenv
from mlenv_checks.llm.probes.dotenv_lines import load_lines, shell_variables
from mlenv_checks.llm.probes.key_values import KEY_VARIABLES
from mlenv_checks.llm.probes.provider_requests import names_to_ask, request_for, same_source
from mlenv_checks.llm.probes.provider_verdicts import verdict
from mlenv_checks.llm.probes.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECONDS = 8.0
LARGEST = 1 << 16


def read_key_answers(question: "dict[str, Any]") -> "dict[str, Any]":
    """Ask the provider of each key that is set; one that has not answered in time is unreachable."""
    import threading
    import time

    path, _ = find_dotenv(question)
    lines = load_lines(path)[1]
    seen = dict({line["name"]: line["value"] for line in lines if line["name"]}, **shell_variables())
    asked = names_to_ask(seen)
    names = [name for name in asked if same_source(name, seen)]
    withheld = {"answer": "unreachable", "detail": "the key of the shell is not sent to an address that the project's .env names"}
    answers: "dict[str, dict[str, Any]]" = {name: withheld for name in asked if name not in names}
    end = time.time() + min(SECONDS, question.get("seconds") or SECONDS)
    threads = [threading.Thread(target=_ask, args=(name, seen, answers, end), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.time()))
    told = dict(answers)
    late = {"answer": "unreachable", "detail": "no answer in %g s" % SECONDS}
    return {"answers": [dict(told.get(name, late), name=name, provider=KEY_VARIABLES[name][0]) for name in asked]}


def _ask(name: str, seen: "dict[str, Secret]", answers: "dict[str, dict[str, Any]]", end: float) -> None:
    """One key. Of an endpoint of one's own it is asked again without a key: many check none."""
    try:
        method, address, headers, body, own = request_for(name, seen)
        status, data = _send(method, address, headers, body, end)
        word = data.use(lambda said: verdict(name, status, said, own))
        no_key = Secret(name, {"Accept": "application/json"})
        if word == "accepted" and own and _send(method, address, no_key, body, end)[0] == 200:
            word = "no-key-checked"
        answers[name] = {"answer": word, "detail": "HTTP %d" % status, "own": own}
    except Exception as why:
        answers[name] = {"answer": "unreachable", "detail": _reason(why)}


def _send(method: str, address: "Secret", headers: "Secret", body: "bytes | None", end: float) -> "tuple[int, Secret]":
    """Number and body of the answer. Raises whatever goes wrong. No redirect is followed: it would take the key elsewhere."""
    import time

    import urllib3
    from urllib3.util import Timeout

    left = max(0.1, end - time.time())
    options = {"timeout": Timeout(connect=left, read=left, total=left), "retries": False}
    pool = address.use(lambda url: _pool(url, options))

    def send(
        url: str, said: "dict[str, str]"
    ) -> "Any":  # an error is handed out as a value: a secret's use tells nothing of one but its kind
        try:
            return pool.request(method, url, headers=said, body=body, preload_content=False, redirect=False)
        except Exception as why:
            return why

    opened = headers.use(lambda said: address.use(lambda url: send(url, said)))
    if isinstance(opened, Exception):
        raise opened
    data = b""
    while len(data) < LARGEST and time.time() < end:
        part = opened.read(4096)
        if not part:
            break
        data += part
    opened.close()
    if time.time() >= end:
        raise urllib3.exceptions.TimeoutError()
    return opened.status, Secret("answer", data)


def _pool(url: str, options: "dict[str, Any]") -> "Any":
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


def _reason(why: "BaseException") -> str:
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
        ("NameResolutionError", "unknown host name"),
        ("NewConnectionError", "connection refused"),
        ("Timeout", "no answer in time"),
    ):
        if any(kind in one for one in kinds):
            return words
    return kinds[-1]
