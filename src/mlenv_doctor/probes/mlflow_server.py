"""MLflow's server: asks what really answers, within a deadline whatever that does.

Runs in our own Python, with urllib3. Credentials go to the configured server only, as MLflow's own client would send
them. Keeps no body, and no text of an exception: either may hold a password.
"""

import os
import re
import socket
import time

SERVER_STEP = 5.0  # seconds for one step: resolving, connecting, an answer from its first byte to its last
SERVER_TOTAL = 11.0  # seconds for all of them
SERVER_LARGEST = 1 << 20  # bytes of an answer
SERVER_EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"
SERVER_SEARCH = "/api/2.0/mlflow/experiments/search?max_results=1"
SERVER_USUAL = ("http://127.0.0.1:5000", "http://[::1]:5000")
SERVER_KNOWN = (  # a header, what it begins with, whose it is
    ("server", "AirTunes", "AirPlay"),
    ("docker-distribution-api-version", "", "a Docker registry"),
    ("server", "Werkzeug", "a Flask program"),
    ("server", "SimpleHTTP", "Python's http.server"),
    ("server", "TornadoServer", "Jupyter"),
    ("x-powered-by", "Express", "a Node.js program"),
)
SERVER_TLS_SIGNS = (  # in OpenSSL's words, the first that is found
    ("WRONG_VERSION_NUMBER", "needs-http"),
    ("RECORD_LAYER_FAILURE", "needs-http"),
    ("Hostname mismatch", "wrong-name"),
    ("IP address mismatch", "wrong-name"),
    ("doesn't match", "wrong-name"),
    ("certificate has expired", "expired"),
    ("CERTIFICATE_VERIFY_FAILED", "untrusted"),
)


def read_mlflow_server(question):
    uri = question.get("mlflow_uri")
    uri = (os.environ.get("MLFLOW_TRACKING_URI", "") if uri is None else uri).strip()
    if re.match("https?://", uri, re.I):
        return _server_ask(uri, True, question)
    tried = []
    for usual in SERVER_USUAL:  # both: on macOS AirPlay may hold one of them
        tried.append(_server_ask(usual, False, question))
        if not tried[-1]["problem"]:
            return tried[-1]
    return next((said for said in tried if said["problem"] not in ("refused", "unreachable")), tried[0])


def _server_ask(uri, configured, question):
    """The whole conversation with one server, as facts."""
    facts = {"configured": configured, "problem": ""}
    started = time.monotonic()
    try:
        _server_talk(_server_address(uri), configured, question, facts)
    except _ServerProblem as why:
        facts["problem"] = why.args[0]
    except Exception:  # a bug, or what nobody has thought of; its text may quote what was sent
        facts["problem"] = "internal"
    facts.setdefault("seconds", round(time.monotonic() - started, 3))
    return facts


class _ServerProblem(Exception):
    """The conversation ended; its argument is the name of the problem."""


def _server_address(uri):
    """The parts of an address. What is shown is put together from them anew, without user and query."""
    from urllib3.util import parse_url

    try:
        url = parse_url(uri)
    except Exception:
        raise _ServerProblem("unreadable") from None
    if not url.host or "@" in (url.path or "") + (url.query or "") + (url.fragment or ""):
        raise _ServerProblem("unreadable")
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "scheme": url.scheme,
        "host": url.host.strip("[]"),
        "port": port,
        "auth": url.auth or "",
        "origin": "%s://%s:%d" % (url.scheme, url.host, port),
        "path": (url.path or "").rstrip("/"),
    }


def _server_talk(where, configured, question, facts):
    """DNS, TCP, TLS, HTTP, is it MLflow, which version, does it answer queries: the first that fails ends it."""
    facts.update(
        uri=where["origin"] + where["path"],
        host=where["host"],
        port=where["port"],
        loopback=where["host"] in ("localhost", "::1") or where["host"].startswith("127."),
    )
    line = _ServerLine(where, configured, question)
    facts.update(credentials=line.credentials, proxy=line.proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/"))
    line.connect()
    started = time.monotonic()
    answer = line.first(where["path"] + SERVER_EXPERIMENT)
    facts.update(seconds=round(time.monotonic() - started, 3), status=answer.status, server=answer.name())
    problem = _server_judge(answer, line, where, facts)
    if problem in ("", "auth", "status"):
        facts["version"] = _server_version(line, where["path"])
    if problem == "status" and answer.status >= 500 and facts["version"]:
        problem = "backend"
    if not problem:
        ready = line.get(where["path"] + SERVER_SEARCH)
        facts["status"] = ready.status
        problem = "" if ready.status == 200 else "backend" if ready.status >= 500 else "status"
    facts["problem"] = problem


def _server_judge(answer, line, where, facts):
    """The problem that the first answer shows; what else it tells is added to `facts`."""
    if answer.mlflow():
        return ""
    if answer.status == 401:
        facts["realm"] = "mlflow" if re.search(r'realm="?mlflow\b', answer.header("www-authenticate"), re.I) else "other"
        return "auth"
    if answer.status == 403 and b"Invalid Host header" in answer.body:
        return "blocked-host"
    if answer.status == 400 and (b"HTTPS port" in answer.body or b"to an HTTPS server" in answer.body):
        return "needs-https"
    known = {407: "proxy", 502: "gateway", 504: "gateway"}.get(answer.status) or "redirect" * (answer.status // 100 == 3)
    if known:
        return known
    facts["service"] = answer.service()
    if facts["service"] or answer.status == 200:
        return "other-service"
    if answer.status in (404, 405) and where["path"] and line.get(SERVER_EXPERIMENT).mlflow():
        facts["other_uri"] = where["origin"]
        return "prefix"
    return "status"


def _server_version(line, path):
    """What the server calls itself; empty where it does not say."""
    try:
        answer = line.get(path + "/version")
        text = answer.body[:40].decode("ascii", "replace").strip()
        if answer.status == 200 and re.match(r"\d+\.\d+(\.\d+)?[\w.+-]*$", text):
            return text
        if answer.status == 404 and line.get(path + "/api/2.0/mlflow/experiments/list").mlflow():
            return "1"  # before 2.0 there was no /version, and after 1.x no experiments/list
    except _ServerProblem:
        pass
    return ""


class _ServerLine:
    """The line to one server: how it is reached, and with which credentials."""

    def __init__(self, where, configured, question):
        self.where = where
        self.end = time.monotonic() + SERVER_TOTAL
        self.credentials, header = _server_credentials(where) if configured else ("", "")
        if not header.isprintable():
            raise _ServerProblem("token-malformed")
        self.headers = {"Authorization": header} if header else {}
        self.proxy = _server_proxy(where) if configured else ""
        self.tls = _server_tls(question) if where["scheme"] == "https" else {}

    def connect(self):
        """Find the host and open a connection, to tell these two apart from all that comes later."""
        way = _server_address(self.proxy) if self.proxy else self.where
        try:
            self.within("dns", socket.getaddrinfo, way["host"], way["port"], 0, socket.SOCK_STREAM)
            self.within("connect-timeout", lambda: socket.create_connection((way["host"], way["port"]), SERVER_STEP).close())
        except (OSError, UnicodeError, _ServerProblem) as why:
            raise _ServerProblem("proxy" if self.proxy else _server_connect_problem(why)) from None

    def first(self, path):
        """The first answer. A server that hangs up may be about to start: it is asked once more; or it wants TLS."""
        try:
            try:
                return self.get(path)
            except _ServerProblem as why:
                if why.args[0] != "closed":
                    raise
                return self.get(path)
        except _ServerProblem as why:
            if why.args[0] in ("closed", "not-http") and self.where["scheme"] == "http" and not self.proxy and self.speaks_tls():
                raise _ServerProblem("needs-https") from None
            raise

    def speaks_tls(self):
        """Whether the port answers to TLS. Nothing is sent but the greeting."""
        try:
            return self.within("silent", _server_greet, self.where["host"], self.where["port"])
        except (OSError, ValueError, _ServerProblem):
            return False

    def get(self, path):
        """One complete answer. Redirects within the server are followed, as MLflow's client does; others end it."""
        url = self.where["origin"] + path
        for _ in range(5):
            answer = self.within("silent", self.exchange, url)
            target = answer.header("location")
            target = self.where["origin"] + target if re.match("/(?!/)", target) else target
            if answer.status // 100 != 3 or not target.startswith(self.where["origin"] + "/"):
                return answer
            url = target
        raise _ServerProblem("redirect")

    def exchange(self, url):
        """Send one request and read its answer, up to the cap."""
        import urllib3

        options = dict(self.tls, retries=False, timeout=SERVER_STEP)
        try:
            pool = urllib3.ProxyManager(self.proxy, **options) if self.proxy else urllib3.PoolManager(**options)
            reply = pool.request("GET", url, headers=self.headers, redirect=False, preload_content=False)
            body = reply.read(SERVER_LARGEST + 1)
        except Exception as why:
            raise _ServerProblem(_server_http_problem(why)) from None
        if len(body) > SERVER_LARGEST:
            raise _ServerProblem("too-large")
        return _ServerAnswer(reply.status, reply.headers, body)

    def within(self, problem, function, *args):
        """Call it in a thread, and wait for one step at most. What has not ended by then ends with this process."""
        import queue
        import threading

        done = queue.Queue()

        def work():
            try:
                done.put((function(*args), None))
            except Exception as why:
                done.put((None, why))

        threading.Thread(target=work, daemon=True).start()
        try:
            result, why = done.get(timeout=max(0.1, min(SERVER_STEP, self.end - time.monotonic())))
        except queue.Empty:
            raise _ServerProblem(problem) from None
        if why is not None:
            raise why
        return result


class _ServerAnswer:
    """One answer; it is looked at here and not kept."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name) or ""

    def name(self):
        """The first word of the Server header."""
        return (re.findall(r"^[\w./-]{1,40}", self.header("server")) or [""])[0]

    def service(self):
        """Whose the headers are known to be."""
        known = (whose for name, start, whose in SERVER_KNOWN if name in self.headers and self.header(name).startswith(start))
        return next(known, "")

    def mlflow(self):
        """Whether only MLflow answers so: `{}` or `OK` is what others say as well."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return self.status == 403 and self.body.strip() == b"Permission denied"
        if not isinstance(said, dict):
            return False
        if self.status == 404:
            return said.get("error_code") == "RESOURCE_DOES_NOT_EXIST"
        return self.status == 200 and (isinstance(said.get("experiment"), dict) or isinstance(said.get("experiments"), list))


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
