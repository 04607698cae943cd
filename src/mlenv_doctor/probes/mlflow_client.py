"""How MLflow's own client would go about it: with which credentials, proxy and certificates; and what its troubles are called."""

import os
import socket

SERVER_TLS_SIGNS = (  # in OpenSSL's words, the first that is found
    ("WRONG_VERSION_NUMBER", "needs-http"),
    ("RECORD_LAYER_FAILURE", "needs-http"),
    ("Hostname mismatch", "wrong-name"),
    ("IP address mismatch", "wrong-name"),
    ("doesn't match", "wrong-name"),
    ("certificate has expired", "expired"),
    ("CERTIFICATE_VERIFY_FAILED", "untrusted"),
)


def _server_credentials(where):
    """Where the credentials come from and the header they make. The order is that of requests, under MLflow's client:
    .netrc and the address win over what MLflow itself would send.
    """
    import base64
    from urllib.parse import unquote

    in_address = [unquote(part) for part in where["auth"].split(":", 1)]
    pairs = [("netrc", _server_netrc(where["host"])), ("address", in_address), _server_user()]
    for source, (user, password) in ((source, pair) for source, pair in pairs if len(pair) == 2):
        if user and password:
            return source, "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode("utf-8")).decode("ascii")
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return ("token", "Bearer " + token) if token else ("", "")


def _server_user():
    """User and password as MLflow looks for them: each in the environment first, then in ~/.mlflow/credentials."""
    import configparser

    names = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
    set_here = [os.environ.get(name) for name in names]
    if all(set_here):
        return "environment", set_here
    config = configparser.ConfigParser()
    try:
        config.read_string(_server_small_file("~/.mlflow/credentials"))
        in_file = [config["mlflow"].get(name.lower()) for name in names]
    except (KeyError, ValueError, configparser.Error):
        in_file = [None, None]
    return "file", [here or there for here, there in zip(set_here, in_file)]


def _server_netrc(host):
    """User and password for this host in the user's .netrc."""
    import netrc

    path = os.environ.get("NETRC") or "~/.netrc"
    try:
        found = netrc.netrc(os.path.expanduser(path)).authenticators(host) if _server_small_file(path) else None
    except (OSError, ValueError, netrc.NetrcParseError):
        return "", ""
    return (found[0] or found[1], found[2]) if found else ("", "")


def _server_small_file(path):
    """The text of a regular file of sensible size; empty for anything else."""
    import stat

    path = os.path.expanduser(path)
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > SERVER_LARGEST:
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def _server_proxy(where):
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


def _server_tls(question):
    """Which certificates are trusted, as MLflow's client is told; without a word, by this system or by the target's certifi."""
    import glob
    import ssl

    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        return {"cert_reqs": "CERT_NONE", "assert_hostname": False}
    names = ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    told = next((os.environ[name] for name in names if os.environ.get(name)), None)
    place = {} if not told else {"capath": told} if os.path.isdir(told) else {"cafile": told}
    try:
        context = ssl.create_default_context(**place)
        for bundle in [] if told else glob.glob(glob.escape(question.get("prefix") or "-") + "/*/**/certifi/cacert.pem"):
            context.load_verify_locations(bundle)
        client = os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        if client:
            context.load_cert_chain(client)
    except (OSError, ValueError):
        raise _ServerProblem("no-bundle") from None
    return {"ssl_context": context}


def _server_greet(host, port):
    """Whether a TLS greeting is answered, whatever the certificate."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, port), SERVER_STEP) as plain, context.wrap_socket(plain, server_hostname=host):
        return True


def _server_connect_problem(why):
    """The name of a problem with the name or the connection."""
    if isinstance(why, _ServerProblem):
        return why.args[0]
    if isinstance(why, (socket.gaierror, UnicodeError)):
        return "dns"
    kinds = ((ConnectionRefusedError, "refused"), (TimeoutError, "connect-timeout"))
    return next((name for kind, name in kinds if isinstance(why, kind)), "unreachable")


def _server_http_problem(why):
    """The name of what broke off an exchange; its text stays here."""
    import http.client

    from urllib3 import exceptions

    chain, text = [], ""
    while why is not None and len(chain) < 8:
        chain.append(why)
        text += str(why)
        why = why.__cause__ or why.__context__ or next((arg for arg in why.args if isinstance(arg, BaseException)), None)
    for sign, name in SERVER_TLS_SIGNS:
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
