"""A bare Debian 12, in which there is nothing but python3: no pip, no venv. Needs root and debootstrap; made once and kept."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.patient import require

KEPT = Path(os.environ.get("MLENV_DOCTOR_LAB", Path.home() / ".cache/mlenv-doctor-lab"))
MIRROR = re.compile(r"^(?:URIs:|deb)\s+(?:\[[^]]*\]\s+)?(https?://\S*/debian/?)(?:\s|$)", re.MULTILINE)


def bare_debian(root: Path) -> Path:
    """Unpack it into `root`; skips, saying why, where that cannot be done."""
    require("root")
    require("debootstrap")
    root.mkdir()
    subprocess.run(["tar", "-xf", _tarball(), "-C", root], check=True)
    return root


def connected(root: Path) -> Path:
    """Give it this machine's way to packages: names, certificates, the settings of apt."""
    for name in ("resolv.conf", "hosts", "apt/apt.conf.d", "ssl/certs/ca-certificates.crt"):
        here, there = Path("/etc", name), root / "etc" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, dirs_exist_ok=True)
        elif here.is_file():
            shutil.copy(here, there)
    return root


def inside(root: Path, *argv: str) -> list[str]:
    """The command that runs something in there, as root, with its own /proc, a /dev/null, and an empty environment."""
    script = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"'
    environment = ["env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    return [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--propagation",
        "private",
        "sh",
        "-c",
        script,
        str(root),
        *environment,
        *argv,
    ]


def _tarball() -> Path:
    """The packed system, bootstrapped from this machine's own mirror the first time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    tarball = KEPT / "bookworm.tar"
    with (KEPT / "bookworm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tarball.is_file():
            _bootstrap(tarball)
    return tarball


def _bootstrap(tarball: Path) -> None:
    root = tarball.with_suffix(".making")
    shutil.rmtree(root, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", "--include=python3", "bookworm", root, mirror()]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        pytest.skip(f"debootstrap cannot make a Debian here: {done.stdout.splitlines()[-1:]}")
    subprocess.run(["tar", "-cf", f"{tarball}.part", "-C", root, "."], check=True)
    Path(f"{tarball}.part").rename(tarball)
    shutil.rmtree(root)


def mirror() -> str:
    """The Debian mirror that this machine itself uses."""
    etc = Path("/etc/apt")
    texts = [
        file.read_text("utf-8", "replace")
        for file in (etc / "sources.list", *sorted(etc.glob("sources.list.d/*")))
        if file.is_file()
    ]
    found = MIRROR.findall("\n".join(texts))
    if not found:
        pytest.skip("no Debian mirror in this machine's apt sources")
    return str(found[0])
