"""What is set for downloads, and an index that was really asked: on real files, variables and servers of this machine."""

from __future__ import annotations

import base64
import http.server
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from families.network.patients import closed_port
from mlenv_checks.network.facts import Bundle, IndexSetting, Network, PackageIndex, PipSetting, Proxy
from support.probing import probe

SECRET = "me:hunter2hunter2@"
OURS = ("_proxy", "cert_file", "cert_dir", "ca_bundle")  # variables of the machine that the tests run on
UNSET = {name: "" for name in os.environ if name.lower().endswith(OURS) or name.startswith(("PIP_", "UV_"))}


def look(home: Path, **env: str) -> Network:
    found = probe(Network, env={**UNSET, "HOME": str(home), "PATH": "/nowhere", **env}, prefix="")
    assert isinstance(found, Network), found
    assert "hunter2" not in repr(found)
    of_machine = [setting.source for setting in found.pip if setting.source.startswith("/etc/")]
    pip = tuple(setting for setting in found.pip if setting.source not in of_machine)
    return replace(found, pip=pip, bundles=tuple(bundle for bundle in found.bundles if bundle.source not in of_machine))


@contextmanager
def server(status: int = 200, tls: Path | None = None, root: int = 0, login: str = "") -> Iterator[int]:
    """A server that answers everything with one number, also as a proxy; yields its port.

    root: the number for the page of the whole index. login: whoever does not send this user and password gets 401.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = f"Basic {base64.b64encode(login.encode()).decode()}" in self.headers.values()
            number = root if root and self.path == "/simple/" else status
            self.send_response(401 if login and not known else number)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_CONNECT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    try:
        yield serving.server_address[1]
    finally:
        serving.shutdown()
        serving.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed."""
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "-", "-days", "2", "-subj", "/CN=127.0.0.1"]
    done = subprocess.run([*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    file.write_bytes(done.stdout)
    return file


def test_nothing_is_set(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert (found.proxies, found.bundles, found.compiler) == ((), (), "")


@pytest.mark.parametrize(
    ("value", "scheme", "address", "problem"),
    [
        (f"http://{SECRET}proxy.example:3128/", "http", "http://proxy.example:3128", ""),
        ("proxy.example:3128", "http", "http://proxy.example:3128", ""),
        (f"socks5h://{SECRET}[::2]:1080", "socks5h", "socks5h://[::2]:1080", ""),
        ("http://[:1", "", "", "unreadable"),
        ("http://host:port", "", "", "unreadable"),
        ("ftp://proxy", "ftp", "ftp://proxy", "unreadable"),
        ("http://", "http", "http:", "unreadable"),
        ("proxy:3128", "http", "http://proxy:3128", "no-scheme"),
        ("10.0.0.1:3128", "http", "http://10.0.0.1:3128", ""),
        ("http:/proxy.example:3128", "http", "", "unreadable"),
        ("http://me:12#hunter2@proxy.example", "", "", "unreadable"),
        ("http://me:12?hunter2@proxy.example", "", "", "unreadable"),
        ("http://me:hunter2/1@proxy.example", "", "", "unreadable"),
        ("socks://proxy.example:7890", "socks", "socks://proxy.example:7890", ""),
    ],
)
def test_a_proxy(tmp_path: Path, value: str, scheme: str, address: str, problem: str) -> None:
    assert look(tmp_path, HTTPS_PROXY=value).proxies == (Proxy("HTTPS_PROXY", scheme, address, problem),)


def test_a_proxy_on_this_machine(tmp_path: Path) -> None:
    with server() as port:
        assert look(tmp_path, all_proxy=f"http://localhost:{port}").proxies[0].problem == ""
    dead = f"http://127.0.0.1:{closed_port()}"
    assert look(tmp_path, all_proxy=dead).proxies[0].problem == "refused"
    quick = probe(Network, env={**UNSET, "HOME": str(tmp_path), "all_proxy": dead}, quick=True)
    assert isinstance(quick, Network) and quick.proxies[0].problem == ""  # --quick connects to nothing


def test_which_proxies_count(tmp_path: Path) -> None:
    dead, good = f"http://127.0.0.1:{closed_port()}", "http://proxy.example:3128"
    assert look(tmp_path, HTTPS_PROXY=dead, NO_PROXY="*").proxies == ()
    assert [p.problem for p in look(tmp_path, HTTPS_PROXY=dead, https_proxy=dead).proxies] == ["refused", "refused"]
    shadowed, winner = look(tmp_path, HTTPS_PROXY=dead, https_proxy=good).proxies
    assert (shadowed.used, shadowed.problem, winner.used, winner.address) == (False, "", True, good)
    [switched_off] = look(tmp_path, HTTPS_PROXY=dead, https_proxy="").proxies
    assert (switched_off.used, switched_off.problem) == (False, "")
    file = tmp_path / "pip.conf"
    file.write_text(f"[global]\nproxy = {dead}\n")
    [of_pip] = look(tmp_path, PIP_CONFIG_FILE=str(file)).proxies
    assert (of_pip.variable, of_pip.source, of_pip.problem) == ("proxy", str(file), "refused")
    assert look(tmp_path, PIP_PROXY=dead).proxies[0].variable == "PIP_PROXY"


def test_what_a_file_of_certificates_holds(tmp_path: Path, certificate: Path) -> None:
    (tmp_path / "x.pem").write_text("x")

    def held(**env: str) -> list[tuple[bool, str]]:
        return [(bundle.readable, bundle.holds) for bundle in look(tmp_path, **env).bundles if bundle.name in env]

    assert held(SSL_CERT_FILE=str(certificate)) == [(True, "certificates")]
    assert held(SSL_CERT_FILE=str(tmp_path)) == [(True, "folder")]
    assert held(SSL_CERT_FILE=str(tmp_path / "x.pem")) == held(SSL_CERT_FILE="/dev/null") == [(True, "none")]
    assert held(SSL_CERT_DIR=f"/gone{os.pathsep}{tmp_path}")[0][0] and not held(SSL_CERT_DIR="/gone")[0][0]


def test_certificates(tmp_path: Path) -> None:
    there = tmp_path / "ca.pem"
    there.write_text("-----BEGIN CERTIFICATE-----")
    found = look(tmp_path, SSL_CERT_FILE=str(there), PIP_CERT="/gone.pem")
    assert (
        found.bundles
        == (
            Bundle("SSL_CERT_FILE", str(there), True, "SSL_CERT_FILE"),
            Bundle("PIP_CERT", "/gone.pem", False, "PIP_CERT"),
            Bundle("cert", "/gone.pem", False, "PIP_CERT"),
        )[: len(found.bundles)]
    )


def test_files_of_pip_and_what_wins(tmp_path: Path) -> None:
    user, legacy, named = tmp_path / ".config/pip/pip.conf", tmp_path / ".pip/pip.conf", tmp_path / "named.conf"
    for file, text in (
        (legacy, "[global]\ntarget = /legacy\nno_deps = true\n"),
        (user, f"[global]\ntarget = /user\nindex-url = https://{SECRET}index.example/simple?token=hunter2\n[install]\nuser=1\n"),
        (named, "[global]\nuser = 0\n[freeze]\ntarget = /nobody\n"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    binary = PipSetting("no-binary", ":all:", "PIP_NO_BINARY")
    assert look(tmp_path, PIP_NO_BINARY=":all:").pip == (
        PipSetting("target", "/user", str(user), "global", "user"),
        PipSetting("user", "1", str(user), "install", "user"),
        PipSetting("no-deps", "true", str(legacy)),
        binary,
        PipSetting("index-url", "https://index.example/simple", str(user), "global", "user"),
    )
    assert look(tmp_path, PIP_CONFIG_FILE=str(named), PIP_NO_BINARY=":all:").pip == (
        PipSetting("user", "0", str(named)),
        binary,
    )
    assert len(look(tmp_path, PIP_CONFIG_FILE="/gone").pip) == 4  # only a file that is there shuts those of the user out
    assert look(tmp_path, PIP_CONFIG_FILE="/dev/null").pip == ()


@pytest.mark.parametrize("data", [b"\xff\xfe\0", b"[global", b"target = /t\n", b"[global]\ntarget\n", b"\0" * 5000])
def test_a_file_of_nonsense(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / ".config/pip/pip.conf"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    assert look(tmp_path).pip == ()


def ask(home: Path, **env: str) -> PackageIndex:
    found = probe(PackageIndex, env={**UNSET, "HOME": str(home), **env}, prefix="")
    assert isinstance(found, PackageIndex), found
    assert "hunter2" not in repr(found)
    return found


@pytest.mark.parametrize(
    ("status", "problem"), [(200, ""), (401, "auth"), (403, "forbidden"), (404, "missing"), (407, "proxy-auth"), (503, "other")]
)
def test_what_an_index_answers(tmp_path: Path, status: int, problem: str) -> None:
    with server(status) as port:
        found = ask(tmp_path, PIP_INDEX_URL=f"http://{SECRET}127.0.0.1:{port}/simple/")
    assert (found.problem, found.detail) == (problem, f"HTTP {status}")
    assert (found.url, found.source) == (f"http://127.0.0.1:{port}/simple", "PIP_INDEX_URL")


def test_an_index_that_is_gone(tmp_path: Path) -> None:
    assert ask(tmp_path, PIP_INDEX_URL=f"http://127.0.0.1:{closed_port()}/simple").problem == "refused"


def test_an_index_without_a_name(tmp_path: Path) -> None:
    assert ask(tmp_path, PIP_INDEX_URL="https://no-such-host.invalid/simple").problem == "dns"


@pytest.mark.parametrize("url", ["nonsense://x", "https://"])
def test_an_index_that_cannot_be_asked(tmp_path: Path, url: str) -> None:
    assert ask(tmp_path, PIP_INDEX_URL=url).problem == "unusable"


def test_a_certificate_that_nobody_signed(tmp_path: Path, certificate: Path) -> None:
    with server(tls=certificate) as port:
        url = f"https://127.0.0.1:{port}/simple"
        distrusted = ask(tmp_path, PIP_INDEX_URL=url)
        trusted = ask(tmp_path, PIP_INDEX_URL=url, PIP_CERT=str(certificate))
        misnamed = ask(tmp_path, PIP_INDEX_URL=url.replace("127.0.0.1", "localhost"), PIP_CERT=str(certificate))
    assert (distrusted.problem, distrusted.detail) == ("tls-untrusted", "self-signed certificate")
    assert (trusted.problem, misnamed.problem) == ("", "tls-name")


@pytest.mark.parametrize("host", ["http://index.example/simple", "https://index.example/simple"])
def test_through_a_proxy(tmp_path: Path, host: str) -> None:
    with server(407) as port:
        found = ask(tmp_path, PIP_INDEX_URL=host, PIP_PROXY=f"http://{SECRET}127.0.0.1:{port}")
    assert (found.problem, found.proxy) == ("proxy-auth", f"http://127.0.0.1:{port}")
    dead = ask(tmp_path, PIP_INDEX_URL=host, HTTPS_PROXY=f"127.0.0.1:{closed_port()}", http_proxy=f"127.0.0.1:{closed_port()}")
    assert dead.problem == "proxy-refused"


def test_what_needs_no_proxy(tmp_path: Path) -> None:
    with server() as port:
        env = {"http_proxy": f"http://127.0.0.1:{closed_port()}", "no_proxy": "127.0.0.1"}
        assert ask(tmp_path, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple", **env).problem == ""


def test_an_index_of_ones_own_packages(tmp_path: Path) -> None:
    """It need not have the page that is asked for."""
    with server(404, root=200) as port:
        assert ask(tmp_path, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple").problem == ""
    with server(404) as port:
        others = {"PIP_EXTRA_INDEX_URL": "https://index.example/simple"}
        assert ask(tmp_path, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple", **others).problem == ""


@pytest.mark.parametrize("password", ["p@ss/hunter2", "hunter2"])
def test_who_may_ask(tmp_path: Path, password: str) -> None:
    with server(login=f"me:{password}") as port:
        bare = f"127.0.0.1:{port}/simple"
        assert ask(tmp_path, PIP_INDEX_URL=f"http://me:{quote(password, safe='')}@{bare}").problem == ""
        assert ask(tmp_path, PIP_INDEX_URL=f"http://me:wrong@{bare}").problem == "auth"
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {password}\n")
        assert ask(tmp_path, PIP_INDEX_URL=f"http://{bare}").problem == ""
        (tmp_path / ".netrc").rename(tmp_path / "elsewhere")
        assert ask(tmp_path, PIP_INDEX_URL=f"http://{bare}").problem == "auth"
        assert ask(tmp_path, PIP_INDEX_URL=f"http://{bare}", NETRC=str(tmp_path / "elsewhere")).problem == ""


def test_a_keyring_may_know_the_password(tmp_path: Path) -> None:
    command = tmp_path / "keyring"
    command.write_text("#!/bin/sh\nexit 9\n")
    command.chmod(0o755)
    with server(401) as port:
        found = ask(tmp_path, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple", PATH=str(tmp_path))
    assert found.problem == "other" and "keyring" in found.detail


def test_folders_and_no_index(tmp_path: Path) -> None:
    assert ask(tmp_path, PIP_INDEX_URL=tmp_path.as_uri()).problem == "local"
    assert ask(tmp_path, PIP_INDEX_URL=str(tmp_path)).problem == "local"
    assert ask(tmp_path, PIP_INDEX_URL="file:///gone/wheels").problem == "no-folder"
    assert ask(tmp_path, PIP_NO_INDEX="1", PIP_INDEX_URL="https://no-such-host.invalid").problem == "off"


def test_http_where_https_is_wanted(tmp_path: Path) -> None:
    with server() as port:
        assert ask(tmp_path, PIP_INDEX_URL=f"https://127.0.0.1:{port}/simple").problem == "plain"
        proxied = ask(tmp_path, PIP_INDEX_URL="https://index.example/simple", PIP_PROXY=f"https://127.0.0.1:{port}")
        assert proxied.problem == "proxy-plain"


@pytest.mark.parametrize(("status", "problem"), [(403, "proxy-denies"), (503, "proxy-denies"), (407, "proxy-auth")])
def test_a_proxy_that_lets_nothing_through(tmp_path: Path, status: int, problem: str) -> None:
    with server(status) as port:
        found = ask(tmp_path, PIP_INDEX_URL="https://index.example/simple", HTTPS_PROXY=f"http://127.0.0.1:{port}")
    assert (found.problem, found.detail) == (problem, f"HTTP {status}")


def test_requests_lets_its_variable_win(tmp_path: Path, certificate: Path) -> None:
    with server(tls=certificate) as port:
        url, empty = f"https://127.0.0.1:{port}/simple", tmp_path / "empty.pem"
        empty.write_text("x")
        assert ask(tmp_path, PIP_INDEX_URL=url, PIP_CERT=str(empty), REQUESTS_CA_BUNDLE=str(certificate)).problem == ""
        folder = tmp_path / "folder"
        folder.mkdir()
        assert ask(tmp_path, PIP_INDEX_URL=url, PIP_CERT=str(folder)).problem == "tls-untrusted"


@pytest.mark.parametrize(
    ("value", "url", "problem"),
    [
        (f"https://{SECRET}index.example/simple?hunter2", "https://index.example/simple", ""),
        ("pypi.org/simple", "pypi.org/simple", "unusable"),
        ("https:/pypi.org/simple", "", "unusable"),
        ("htps://pypi.org/simple", "htps://pypi.org/simple", "unusable"),
        ("file:///gone/wheels", "/gone/wheels", "no-folder"),
        ("/tmp", "/tmp", "local"),
    ],
)
def test_an_index_as_it_is_set(tmp_path: Path, value: str, url: str, problem: str) -> None:
    assert look(tmp_path, PIP_INDEX_URL=value).index == IndexSetting(url, "PIP_INDEX_URL", problem)


def of_uv(home: Path, project: str = "", user: str = "", *, pip: bool = False, **env: str) -> tuple[str, str]:
    """The index in an environment that uv made: its address, and the last part of who names it."""
    prefix, config = home / "venv", home / ".config/uv"
    site = prefix / "lib/python3.12/site-packages"
    for folder in (site, config, home / "project"):
        folder.mkdir(parents=True, exist_ok=True)
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.13.9\n")
    if pip:
        (site / "pip").mkdir()
    (config / "uv.toml").write_text(user)
    (home / "project/pyproject.toml").write_text(project)
    environ = {**UNSET, "HOME": str(home), **env}
    found = probe(Network, env=environ, project=str(home / "project"), prefix=str(prefix))
    assert isinstance(found, Network), found
    return found.index.url, Path(found.index.source).name


def test_the_index_of_uv(tmp_path: Path) -> None:
    user = '[[index]]\nurl = "https://user.example/simple"\ndefault = true\n'
    project = '[[tool.uv.index]]\nname = "x"\nurl = "https://x.example"\n[tool.uv.pip]\nindex-url = "https://project.example"\n'
    assert of_uv(tmp_path) == ("https://pypi.org/simple", "")
    assert of_uv(tmp_path, PIP_INDEX_URL="https://pip.example") == ("https://pypi.org/simple", "")  # uv does not look at it
    assert of_uv(tmp_path, user=user) == ("https://user.example/simple", "uv.toml")
    assert of_uv(tmp_path, project, user) == ("https://project.example", "pyproject.toml")
    assert of_uv(tmp_path, project, user, UV_NO_CONFIG="1") == ("https://pypi.org/simple", "")
    assert of_uv(tmp_path, project, UV_DEFAULT_INDEX="ours=https://e.example") == ("https://e.example", "UV_DEFAULT_INDEX")
    assert of_uv(tmp_path, "[tool.uv", 'index-url = 3\n[pip]\nindex-url = "https://p"') == ("https://p", "uv.toml")
    assert of_uv(tmp_path, "tool = 1", "index = 4\npip = 5") == ("https://pypi.org/simple", "")
    assert of_uv(tmp_path, project, pip=True) == ("https://pypi.org/simple", "")  # pip is there, and looks at its own


def test_asking_the_index_of_uv(tmp_path: Path) -> None:
    of_uv(tmp_path)
    environ = {**UNSET, "HOME": str(tmp_path), "PATH": "/nowhere"}
    with server(401) as port:
        environ["UV_DEFAULT_INDEX"] = f"http://127.0.0.1:{port}/simple"
        refused = probe(PackageIndex, env=environ, prefix=str(tmp_path / "venv"))
        known = probe(PackageIndex, env={**environ, "UV_INDEX_OURS_PASSWORD": "hunter2"}, prefix=str(tmp_path / "venv"))
    assert isinstance(refused, PackageIndex) and (refused.problem, refused.source) == ("auth", "UV_DEFAULT_INDEX")
    assert isinstance(known, PackageIndex) and known.problem == "other"
    off = probe(PackageIndex, env={**environ, "UV_OFFLINE": "1"}, prefix=str(tmp_path / "venv"))
    assert isinstance(off, PackageIndex) and off.problem == "off"
