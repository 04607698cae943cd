"""Nodes by ssh: ClusterShell knows the names, starts the connections and watches their time.

https://clustershell.readthedocs.io/en/latest/api/workers/ExecWorker.html. Each connection is one ssh that reads the program from
a file and writes into a file with a size limit: what a node says never passes a shell, and a gigabyte of it ends its connection.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import BadInput
from ..asking import LARGEST_OUTPUT, SPARE, Asked, launch, missing, need, payload, take
from ..fold import Fold

FANOUT = 256  # connections at once
BLOCKS = LARGEST_OUTPUT // 512  # that the output of one node may have; some shells count in 1024 bytes
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,252}", re.ASCII)
CONNECT = 10  # seconds


def collect(fold: Fold, nodes: str, asked: Asked) -> None:
    """Ask these nodes. Raises BadInput where ClusterShell, ssh or a node set is missing, and OSError."""
    need("ssh")
    names = named(nodes)
    if not shutil.which("ssh"):
        raise BadInput("fleet ssh needs the program ssh: install your system's OpenSSH client (Debian: openssh-client)")
    with tempfile.TemporaryDirectory(prefix="mlenv-doctor-") as folder:
        sent = Path(folder, "sent")
        sent.write_bytes(payload(asked))
        timed_out = run(fold, names, command(asked, sent, Path(folder)), Path(folder), asked)
    whys = dict.fromkeys(timed_out, f"timed out after {asked.timeout:g} s")
    missing(fold, names, whys, f"not done within {asked.deadline:g} s, the deadline for all")


def named(nodes: str) -> list[str]:
    """The names of a node set. Raises BadInput."""
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    try:
        names = list(NodeSet(nodes))
    except NodeSetException as why:
        raise BadInput(
            f"{nodes}: ClusterShell cannot read this node set ({why}); write it as node[1-8],login or @group"
        ) from None
    if not names:
        raise BadInput(f"{nodes or '(nothing)'}: this node set is empty; name at least one node")
    for name in names:
        if not NAME.fullmatch(name):
            raise BadInput(f"{name!r:.80} is not a valid host name")
    return names


def command(asked: Asked, sent: Path, folder: Path) -> str:
    """What a local shell runs for each node; %h is its name. Nothing in it comes from a node.

    The shell stays and notes the number of its ssh: ClusterShell sees by the shell's end that ssh has ended, and kills only it.
    """
    connect = ["ssh", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT}", "-T", "--"]
    remote = f"exec sh -c {shlex.quote(launch(asked))}"
    words = f"{shlex.join(connect)} %h {shlex.quote(remote).replace('%', '%%')}"
    files = f"{shlex.quote(str(folder))}/%h"
    return f"ulimit -f {BLOCKS}; {words} <{shlex.quote(str(sent))} >{files}.out 2>&1 & echo $! >{files}.pid; wait $!"


def run(fold: Fold, names: list[str], words: str, folder: Path, asked: Asked) -> set[str]:
    """Run it for all nodes at once, as far as ClusterShell lets them; the names of those that took too long."""
    from ClusterShell.Event import EventHandler
    from ClusterShell.NodeSet import NodeSet
    from ClusterShell.Task import TimeoutError as Late
    from ClusterShell.Task import task_self
    from ClusterShell.Worker.Exec import ExecWorker

    class Taking(EventHandler):  # type: ignore[misc]  # ClusterShell has no types
        def ev_hup(self, worker: Any, node: str, rc: int) -> None:
            if (folder / f"{node}.out").is_file():
                take(fold, node, folder / f"{node}.out", rc)
                for kind in ("out", "pid"):
                    (folder / f"{node}.{kind}").unlink(missing_ok=True)

    task = task_self()
    task.set_info("fanout", FANOUT)
    for stream in ("stdout_msgtree", "stderr_msgtree"):
        task.set_default(stream, False)
    every, limit = NodeSet.fromlist(names), asked.timeout + SPARE + CONNECT
    worker = ExecWorker(nodes=every, handler=Taking(), timeout=limit, command=words, autoclose=False)
    task.schedule(worker)
    try:
        task.run(timeout=asked.deadline)
    except Late:
        pass
    finally:
        end_connections(folder)
    return set(worker.iter_keys_timeout())


def end_connections(folder: Path) -> None:
    """End each ssh that still runs."""
    for file in folder.glob("*.pid"):
        with suppress(OSError, ValueError):
            os.kill(int(file.read_text("ascii")), signal.SIGKILL)
