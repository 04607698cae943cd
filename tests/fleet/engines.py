"""Real engines on this machine: an sshd, a Slurm, a Dask and a Ray cluster, each with a sick node. What cannot be had is skipped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lab.ward import DOCTOR, Ward

ROOT = Path(__file__).parents[2]


def program(name: str) -> str:
    """A program of the system, also one that only an administrator has on PATH."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int, host: str = "127.0.0.1") -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {host}:{port}")


@contextmanager
def running(*argv: str | Path, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A service, ended afterwards."""
    child = subprocess.Popen(
        [str(word) for word in argv], env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def patients(folder: Path) -> Path:
    """A python that is another one on nodes whose names end with 2: there numpy is older, and pandas is not installed."""
    for name, libraries in (("well", {"numpy": "2.4.6", "pandas": "3.1.1"}), ("sick", {"numpy": "2.1.0"})):
        ward = Ward(folder / name)
        ward.venv(libraries=libraries)
        for library, version in libraries.items():
            ward.library(library, version)
    script = f'#!/bin/sh\ncase "${{NODE:-$SLURMD_NODENAME}}" in *2) kind=sick ;; *) kind=well ;; esac\nexec {folder}/$kind/project/.venv/bin/python "$@"\n'
    return Ward.script(folder / "python", script)


def engine(folder: Path, *packages: str) -> Path:
    """An environment with the doctor and an engine; the folder of its programs. Skips where the packages cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT), *packages]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{', '.join(packages)} cannot be had: {done.stderr[-300:]}")
    return folder / "bin"


@contextmanager
def sshd(folder: Path) -> Iterator[dict[str, str]]:
    """An ssh server for hosts named node*; the environment in which `ssh` reaches it. dead* is a port where nobody listens."""
    server, keygen, port = program("sshd"), program("ssh-keygen"), free_port()
    Path("/run/sshd").mkdir(exist_ok=True)  # where Debian's sshd keeps its privileges apart
    for key in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nStrictModes no\nUsePAM no\n"
        f"PasswordAuthentication no\nPidFile none\nAcceptEnv NODE\nMaxStartups 500\n"
    )
    hosts = "".join(f"Host node{n}\n  SetEnv NODE=node{n}\n" for n in range(10))
    (folder / "config").write_text(
        f"{hosts}Host node*\n  HostName 127.0.0.1\n  Port {port}\nHost dead*\n  HostName 127.0.0.1\n  Port 1\n"
        f"Host *\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
    )
    Ward.script(folder / "bin/ssh", f'#!/bin/sh\nexec {program("ssh")} -F {folder}/config "$@"\n')
    with running(server, "-D", "-f", folder / "sshd_config"):
        wait_for(port)
        yield {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "XDG_CACHE_HOME": str(folder / "cache")}


def configured(folder: Path, host: str) -> int:
    """Write slurm.conf; the port of the controller."""
    ports = [free_port() for _ in range(4)]
    known = "".join(
        f"NodeName=n{n} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[n]} CPUs=1 State=UNKNOWN\n" for n in (1, 2, 3)
    )
    (folder / "slurm.conf").write_text(
        f"ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser=root\nAuthType=auth/munge\nAuthInfo=socket={folder}/run/sock\n"
        f"CredType=cred/munge\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSelectType=select/linear\nReturnToService=2\n"
        f"SlurmctldPort={ports[0]}\nStateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool-%n\nMpiDefault=none\n"
        f"SlurmdPidFile={folder}/%n.pid\nSlurmctldPidFile={folder}/ctld.pid\nJobAcctGatherType=jobacct_gather/none\n"
        f"SlurmdLogFile={folder}/%n.log\nSlurmctldLogFile={folder}/ctld.log\n{known}"
        "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4\n"
    )
    return ports[0]


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """A Slurm of three nodes, n[1-3], all on this machine; the environment in which `srun` reaches it. Needs root."""
    if os.geteuid():
        pytest.skip("slurmd needs root")
    munged, controller, daemon, host = program("munged"), program("slurmctld"), program("slurmd"), socket.gethostname()
    program("srun")
    (folder / "run").mkdir(mode=0o755)
    for parent in (folder, *folder.parents):  # munged wants every folder above its socket to be open to everybody
        parent.chmod(parent.stat().st_mode | 0o555)
    (folder / "key").write_bytes(os.urandom(1024))
    (folder / "key").chmod(0o600)
    port = configured(folder, host)
    environ = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "XDG_CACHE_HOME": str(folder / "cache")}
    (folder / "state").mkdir()
    files = [f"--{name}={folder}/run/{file}" for name, file in (("socket", "sock"), ("pid-file", "pid"), ("seed-file", "seed"))]
    own = ["--foreground", "--force", f"--key-file={folder}/key", f"--log-file={folder}/munge.log"]
    with running(munged, *own, *files), running(controller, "-D", environ=environ):
        for n in (1, 2, 3):
            (folder / f"spool-n{n}").mkdir()
        with ExitStack() as nodes:
            for n in (1, 2, 3):
                nodes.enter_context(running(daemon, "-D", "-N", f"n{n}", environ=environ))
            wait_for(port)
            for _ in range(100):
                said = subprocess.run(["sinfo", "-h", "-o", "%D %t"], env=environ, capture_output=True, text=True).stdout
                if said.strip() == "3 idle":
                    break
                time.sleep(0.3)
            else:
                pytest.skip(f"this Slurm does not start here: {said}")
            yield environ


def doctor(
    *words: str | Path, environ: dict[str, str], at: str | Path = DOCTOR, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The doctor, as a user of the cluster starts it."""
    return subprocess.run([str(at), *map(str, words)], env=environ, cwd=cwd, capture_output=True, text=True, timeout=300)
