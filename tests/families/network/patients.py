"""Proxies, certificates and settings of pip that stand in the way; with variables and files as people have them."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable

from families.libraries.patients import says
from lab.patient import Patient, other_python
from lab.ward import Ward


def among(*makes: Callable[[Ward], object], **variables: str) -> Callable[[Ward], object]:
    """A healthy ward with these variables; `{home}` and `{project}` stand for its folders."""

    def both(ward: Ward) -> None:
        ward.venv()
        for make in makes:
            make(ward)
        ward.environ |= {name: value.format(home=ward.home, project=ward.project) for name, value in variables.items()}

    return both


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def library(*names: str) -> Callable[[Ward], object]:
    return lambda ward: [ward.library(name) for name in names]


def pip_file(text: str, where: str = ".config/pip/pip.conf") -> Callable[[Ward], object]:
    """A file of pip's in the home folder."""

    def make(ward: Ward) -> None:
        path = ward.home / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return make


def old_pip(ward: Ward) -> None:
    ward.library("pip", "20.2.4")


def two_names_for_a_dead_proxy(ward: Ward) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    among(HTTPS_PROXY=dead, https_proxy=dead)(ward)


def real_pip(python: str = "", *, version: str = "", config: str = "", where: str = "") -> Callable[[Ward], object]:
    """A venv with a pip that works, and a file of pip's: in the home folder, or, for `where`, in the venv itself."""

    def make(ward: Ward) -> None:
        chosen = {"python": other_python(python)} if python else {}
        ward.venv(pip=False, **chosen)
        subprocess.run([ward.python, "-m", "ensurepip"], check=True, capture_output=True, env={"HOME": str(ward.home)})
        if version:
            metadata = next(ward.site.glob("pip-*.dist-info/METADATA"))
            metadata.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", metadata.read_text("utf-8")), "utf-8")
            record = metadata.with_name("RECORD")
            record.write_text(re.sub(r"(?m)^pip-[^/]*(\.dist-info)", rf"pip-{version}\1", record.read_text("utf-8")), "utf-8")
            metadata.parent.rename(ward.site / f"pip-{version}.dist-info")
        if config:
            path = ward.prefix / "pip.conf" if where == "venv" else ward.home / ".config/pip/pip.conf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(config)

    return make


def certificate(ward: Ward) -> None:
    ward.write("ca.pem", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")


SECRET = "http://me:hunter2hunter2@"

PATIENTS = [
    Patient("a proxy that is gone", among(HTTPS_PROXY=f"{SECRET}127.0.0.1:{closed_port()}"), ("dead-proxy",), also=says("HTTPS_PROXY is set to http://127.0.0.1:"), cure="dead-proxy"),
    Patient("a proxy that is gone, under two names", two_names_for_a_dead_proxy, ("dead-proxy",), cure="dead-proxy"),
    Patient("a proxy of pip that is gone", among(pip_file(f"[global]\nproxy = {SECRET}127.0.0.1:{closed_port()}\n")), ("dead-proxy",)),
    Patient("a proxy that pip takes for a scheme", among(HTTPS_PROXY="proxy:3128"), ("dead-proxy",), cure="dead-proxy"),
    Patient("a proxy with one slash", among(https_proxy="http:/proxy.example:3128"), ("dead-proxy",), cure="dead-proxy"),
    Patient("a proxy with a password that hides the host", among(https_proxy="http://me:12#hunter2@proxy.example"), ("dead-proxy",)),
    Patient("a proxy that is none", among(https_proxy="http://[:1"), ("dead-proxy",)),
    Patient("a SOCKS proxy without socksio", among(library("httpx"), ALL_PROXY="socks5://proxy.example:1080"), ("socks-support-missing",), also=says("socksio")),
    Patient("a SOCKS proxy without pysocks", among(library("requests"), all_proxy="socks5h://proxy.example:1080"), ("socks-support-missing",), also=says("pysocks")),
    Patient("a SOCKS proxy for pip", among(ALL_PROXY="socks5://proxy.example:1080"), ("socks-support-missing",), also=says("pip cannot use it: pysocks is not installed")),
    Patient("socks:// as GNOME writes it", among(library("httpx", "socksio"), HTTPS_PROXY="http://proxy.example:3128", ALL_PROXY="socks://proxy.example:7890"), ("socks-support-missing",), also=says("which httpx cannot read: use socks5://"), cure="socks-support-missing"),
    Patient("certificates that are gone", among(SSL_CERT_FILE="{home}/gone.pem"), ("ca-bundle-missing",), also=says("gone.pem"), cure="ca-bundle-missing"),
    Patient("a folder in place of certificates", among(library("httpx"), SSL_CERT_FILE="{home}"), ("ca-bundle-missing",), also=says("which is a folder"), cure="ca-bundle-missing"),
    Patient("a file without a certificate", among(library("httpx"), SSL_CERT_FILE="/dev/null"), ("ca-bundle-missing",), cure="ca-bundle-missing"),
    Patient("a folder of certificates that httpx misses", among(library("httpx"), SSL_CERT_DIR="/gone"), ("ca-bundle-missing",), cure="ca-bundle-missing"),
    Patient("certificates of requests that are gone", among(REQUESTS_CA_BUNDLE="{home}/gone.pem"), ("ca-bundle-missing",)),
    Patient("certificates of pip that are gone", among(pip_file("[global]\ncert = /gone/ca.pem\n")), ("ca-bundle-missing",), also=says("/gone/ca.pem")),
    Patient("pip into another folder", among(PIP_TARGET="{home}/t"), yellow=("pip-redirected",), cure="pip-redirected"),
    Patient("pip into another folder, by the user's file", real_pip(config="[install]\ntarget = /t\n"), yellow=("pip-redirected",), cure="pip-redirected"),
    Patient("pip into another folder, by the file of the venv", real_pip(config="[global]\nprefix = /t\n", where="venv"), yellow=("pip-redirected",), cure="pip-redirected"),
    Patient("pip that Python 3.12 took the ground from", real_pip("3.12", version="22.0.4"), yellow=("pip-too-old",), also=says("does not work on Python 3.12"), cure="pip-too-old", needs=("python3.12",)),
    Patient("pip into the user's folder", among(pip_file("[install]\nuser = true\n", ".pip/pip.conf")), yellow=("pip-redirected",)),
    Patient("pip without dependencies", among(PIP_NO_DEPS="1"), yellow=("pip-redirected",)),
    Patient("pip without wheels", among(PIP_NO_BINARY=":all:"), yellow=("pip-redirected",)),
    Patient("pip of years ago", among(old_pip), yellow=("pip-too-old",)),
    Patient("an index without its https://", among(PIP_INDEX_URL="pypi.org/simple"), ("dead-index",), also=says("pypi.org/simple (set in PIP_INDEX_URL)")),
    Patient("an index in a folder that is gone", among(pip_file("[global]\nindex-url = file:///gone/simple\n")), ("dead-index",), also=says("the folder does not exist")),
    Patient("an index that does not answer", among(PIP_INDEX_URL=f"{SECRET}127.0.0.1:{closed_port()}/simple"), ("dead-index",), args=("--online",), also=says("connection refused")),
    Patient("an index in a folder", among(PIP_INDEX_URL="file:///tmp"), args=("--online",)),
    Patient("packages without an index", among(PIP_NO_INDEX="1", PIP_FIND_LINKS="/tmp"), args=("--online",)),
    Patient("a proxy of the company", among(HTTPS_PROXY=f"{SECRET}proxy.example:3128", NO_PROXY="localhost,127.0.0.1")),
    Patient("a proxy without a scheme", among(HTTPS_PROXY="proxy.example:3128")),
    Patient("a SOCKS proxy that is spoken to", among(library("httpx", "socksio", "requests", "pysocks"), ALL_PROXY="socks5://proxy.example:1080")),
    Patient("certificates of the company", among(certificate, SSL_CERT_FILE="{project}/ca.pem", REQUESTS_CA_BUNDLE="{project}/ca.pem")),
    Patient("a proxy that nothing goes through", among(HTTPS_PROXY=f"http://127.0.0.1:{closed_port()}", NO_PROXY="*")),
    Patient("an old proxy in capitals", among(HTTPS_PROXY=f"http://127.0.0.1:{closed_port()}", https_proxy="http://proxy.example:3128")),
    Patient("SOCKS only beside a proxy", among(library("requests"), HTTPS_PROXY="http://proxy.example:3128", ALL_PROXY="socks5://proxy.example:1080")),
    Patient("certificates of pip that requests passes over", among(certificate, PIP_CERT="/gone.pem", REQUESTS_CA_BUNDLE="{project}/ca.pem")),
    Patient("a file of pip in place of the user's", among(pip_file("[global]\ntarget = /t\n"), lambda ward: ward.write("pip.conf", "[global]\ntimeout = 5\n"), PIP_CONFIG_FILE="{project}/pip.conf")),
    Patient("settings of a pip that does not exist", lambda ward: (ward.venv(pip=False), ward.environ.update(PIP_TARGET="/t"))),
    Patient("a folder of certificates that does not exist", among(SSL_CERT_DIR="/gone")),
    Patient("an index of the company", among(pip_file(f"[global]\nindex-url = {SECRET}index.example/simple\nextra-index-url = https://b.example\n"))),
    Patient("pip only in virtual environments", among(PIP_REQUIRE_VIRTUALENV="true")),
    Patient("a file of pip that nobody can read", among(pip_file("\0not\n[a file\n"))),
    Patient("files of pip shut out", among(pip_file("[global]\ntarget = /t\n"), PIP_CONFIG_FILE="/dev/null")),
]  # fmt: skip
