"""How MLflow's own client would go about it: with which credentials, proxy and certificates; and what its troubles are called."""

import os
import socket

from mlenv_checks.mlflow.probes.problems import LARGEST_ANSWER, STEP_SECONDS, ServerProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TLS_SIGNS = (  # in OpenSSL's words, the first that is found
    ("WRONG_VERSION_NUMBER", "needs-http"),
    ("RECORD_LAYER_FAILURE", "needs-http"),
    ("Hostname mismatch", "wrong-name"),
    ("IP address mismatch", "wrong-name"),
    ("doesn't match", "wrong-name"),
    ("certificate has expired", "expired"),
    ("CERTIFICATE_VERIFY_FAILED", "untrusted"),
)


def credentials_for(where: "dict[str, Any]", own: "dict[str, str] | None" = None) -> "tuple[str, str]":
    """Where the credentials come from and the header they make. The order is that of requests, under MLflow's client:
    .netrc and the address win over what MLflow itself would send.

    own: where the project names the address, the variables of the same file. A login goes only to an address from its own
    source, and the user's stays here: then it is "withheld".
    """
    from urllib.parse import unquote

    in_address = [unquote(part) for part in where["auth"].split(":", 1)]
    if own is not None:
        pair = [own.get("MLFLOW_TRACKING_USERNAME"), own.get("MLFLOW_TRACKING_PASSWORD")]
        found = _header([("address", in_address), ("environment", pair)], own.get("MLFLOW_TRACKING_TOKEN"))
        return found or ("withheld" if credentials_for(where)[0] else "", "")
    pairs = [("netrc", _netrc(where["host"])), ("address", in_address), _user_and_password()]
    return _header(pairs, os.environ.get("MLFLOW_TRACKING_TOKEN")) or ("", "")


def _header(pairs: "list[tuple[str, Any]]", token: "str | None") -> "tuple[str, str] | None":
    """The first that is complete, with its source."""
    import base64

    for source, (user, password) in ((source, pair) for source, pair in pairs if len(pair) == 2):
        if user and password:
            return source, "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode("utf-8")).decode("ascii")
    return ("token", "Bearer " + token) if token else None


def _user_and_password() -> "tuple[str, list[str | None]]":
    """User and password as MLflow looks for them: each in the environment first, then in ~/.mlflow/credentials."""
    import configparser

    names = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
    set_here = [os.environ.get(name) for name in names]
    if all(set_here):
        return "environment", set_here
    config = configparser.ConfigParser()
    try:
        config.read_string(_small_file("~/.mlflow/credentials"))
        in_file = [config["mlflow"].get(name.lower()) for name in names]
    except (KeyError, ValueError, configparser.Error):
        in_file = [None, None]
    return "file", [here or there for here, there in zip(set_here, in_file)]


def _netrc(host: str) -> "tuple[str | None, str | None]":
    """User and password for this host in the user's .netrc."""
    import netrc

    path = os.environ.get("NETRC") or "~/.netrc"
    try:
        found = netrc.netrc(os.path.expanduser(path)).authenticators(host) if _small_file(path) else None
    except (OSError, ValueError, netrc.NetrcParseError):
        return "", ""
    return (found[0] or found[1], found[2]) if found else ("", "")


def _small_file(path: str) -> str:
    """The text of a regular file of sensible size; empty for anything else."""
    import stat

    path = os.path.expanduser(path)
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_ANSWER:
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def proxy_for(where: "dict[str, Any]") -> str:
    """The proxy that requests would use for this address, or "". It asks the proxy for localhost, too, unless told not to."""
    import ipaddress
    import urllib.request

    proxies = urllib.request.getproxies()
    proxy = proxies.get(where["scheme"]) or proxies.get("all") or ""
    excepted = [entry.strip() for entry in (proxies.get("no") or "").split(",") if entry.strip()]
    for entry in excepted:
        try:
            if ipaddress.ip_address(where["host"]) in ipaddress.ip_network(entry, strict=False):
                return ""
        except (ValueError, TypeError):
            continue
    if not proxy or urllib.request.proxy_bypass(where["host"]) or urllib.request.proxy_bypass("%(host)s:%(port)d" % where):
        return ""
    return proxy if "://" in proxy else "http://" + proxy


def tls_options(question: "dict[str, Any]") -> "dict[str, Any]":
    """Which certificates are trusted, as MLflow's client is told; without a word, by this system or by the target's certifi."""
    import glob
    import ssl

    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        return {"cert_reqs": "CERT_NONE", "assert_hostname": False}
    names = ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    told = next((os.environ[name] for name in names if os.environ.get(name)), None)
    folder = bool(told) and os.path.isdir(told or "")
    try:
        context = ssl.create_default_context(cafile=None if folder else told, capath=told if folder else None)
        for bundle in [] if told else glob.glob(glob.escape(question.get("prefix") or "-") + "/*/**/certifi/cacert.pem"):
            context.load_verify_locations(bundle)
        client = os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        if client:
            context.load_cert_chain(client)
    except (OSError, ValueError):
        raise ServerProblem("no-bundle") from None
    return {"ssl_context": context}


def answers_tls(host: str, port: int) -> bool:
    """Whether a TLS greeting is answered, whatever the certificate."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, port), STEP_SECONDS) as plain, context.wrap_socket(plain, server_hostname=host):
        return True


def connection_problem(why: "BaseException") -> str:
    """The name of a problem with the name or the connection."""
    if isinstance(why, ServerProblem):
        return str(why.args[0])
    if isinstance(why, (socket.gaierror, UnicodeError)):
        return "dns"
    kinds = ((ConnectionRefusedError, "refused"), (TimeoutError, "connect-timeout"))
    return next((name for kind, name in kinds if isinstance(why, kind)), "unreachable")


def http_problem(why: "BaseException | None") -> str:
    """The name of what broke off an exchange; its text stays here."""
    import http.client

    from urllib3 import exceptions

    chain: "list[BaseException]" = []
    text = ""
    while why is not None and len(chain) < 8:
        chain.append(why)
        text += str(why)
        why = why.__cause__ or why.__context__ or next((arg for arg in why.args if isinstance(arg, BaseException)), None)
    for sign, name in TLS_SIGNS:
        if sign in text:
            return name
    kinds = (
        (exceptions.ProxyError, "proxy"),
        ((exceptions.TimeoutError, TimeoutError), "silent"),
        (exceptions.SSLError, "tls"),
        (ConnectionRefusedError, "refused"),
        ((ConnectionError, http.client.IncompleteRead, exceptions.IncompleteRead), "closed"),
        ((http.client.HTTPException, exceptions.DecodeError), "not-http"),
        (OSError, "closed"),
        (exceptions.ProtocolError, "not-http"),
    )
    return next((name for kind, name in kinds if any(isinstance(link, kind) for link in chain)), "internal")
