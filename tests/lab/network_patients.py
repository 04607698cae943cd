"""Proxies, certificates and settings of pip that stand in the way; with variables and files as people have them."""

from __future__ import annotations

import socket
from collections.abc import Callable

from .libraries_patients import says
from .patient import Patient
from .ward import Ward


def among(make: Callable[[Ward], object] | None = None, **variables: str) -> Callable[[Ward], object]:
    """A healthy ward with these variables; `{home}` and `{project}` stand for its folders."""

    def both(ward: Ward) -> None:
        ward.venv()
        if make:
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


SECRET = "http://me:hunter2hunter2@"

PATIENTS = [
    Patient("a proxy that is gone", among(HTTPS_PROXY=f"{SECRET}127.0.0.1:{closed_port()}"), ("dead-proxy",), also=says("HTTPS_PROXY sends downloads to http://127.0.0.1:")),
    Patient("a proxy that is none", among(https_proxy="http://[:1"), ("dead-proxy",)),
    Patient("a SOCKS proxy without socksio", among(library("httpx"), ALL_PROXY="socks5://proxy.example:1080"), ("socks-support-missing",), also=says("socksio")),
    Patient("a SOCKS proxy without pysocks", among(library("requests"), all_proxy="socks5h://proxy.example:1080"), ("socks-support-missing",), also=says("pysocks")),
    Patient("certificates that are gone", among(SSL_CERT_FILE="{home}/gone.pem"), ("ca-bundle-missing",), also=says("gone.pem")),
    Patient("certificates of requests that are gone", among(REQUESTS_CA_BUNDLE="{home}/gone.pem"), ("ca-bundle-missing",)),
    Patient("certificates of pip that are gone", among(pip_file("[global]\ncert = /gone/ca.pem\n")), ("ca-bundle-missing",), also=says("/gone/ca.pem")),
    Patient("pip into another folder", among(PIP_TARGET="{home}/t"), yellow=("pip-redirected",)),
    Patient("pip into the user's folder", among(pip_file("[install]\nuser = true\n", ".pip/pip.conf")), yellow=("pip-redirected",)),
    Patient("pip without dependencies", among(PIP_NO_DEPS="1"), yellow=("pip-redirected",)),
    Patient("pip without wheels", among(PIP_NO_BINARY=":all:"), yellow=("pip-redirected",)),
    Patient("pip of years ago", among(old_pip), yellow=("pip-too-old",)),
    Patient("a proxy of the company", among(HTTPS_PROXY=f"{SECRET}proxy.example:3128", NO_PROXY="localhost,127.0.0.1")),
    Patient("a proxy without a scheme", among(HTTPS_PROXY="proxy.example:3128")),
    Patient("a SOCKS proxy that is spoken to", among(library("httpx", "socksio", "requests", "pysocks"), ALL_PROXY="socks5://proxy.example:1080")),
    Patient("certificates of the company", among(lambda ward: ward.write("ca.pem", "x"), SSL_CERT_FILE="{project}/ca.pem", REQUESTS_CA_BUNDLE="{project}/ca.pem")),
    Patient("a folder of certificates that is not there", among(SSL_CERT_DIR="/gone")),
    Patient("an index of the company", among(pip_file(f"[global]\nindex-url = {SECRET}index.example/simple\nextra-index-url = https://b.example\n"))),
    Patient("pip only in virtual environments", among(PIP_REQUIRE_VIRTUALENV="true")),
    Patient("a file of pip that nobody can read", among(pip_file("\0not\n[a file\n"))),
    Patient("files of pip shut out", among(pip_file("[global]\ntarget = /t\n"), PIP_CONFIG_FILE="/dev/null")),
]  # fmt: skip
