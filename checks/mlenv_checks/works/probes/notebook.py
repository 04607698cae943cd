"""Jupyter: a kernel of this Python, started and asked as a notebook does."""

import os
import sys

from .loopback import reach_itself
from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 60.0  # seconds for one answer of a kernel: the alarm of the work comes first, and looks whether anything is busy


class KernelDied(Exception):
    """The kernel ended; the text is the last that it said."""


def kernel_works(work: Work) -> None:
    """Two cells, the second of which needs what the first made."""
    from jupyter_client.manager import KernelManager

    _own_folders(work)
    work.at("connecting to a port of this machine")
    reach_itself()
    manager = KernelManager(connection_file=work.path("kernel.json"))
    manager.kernel_spec.argv = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--HistoryManager.enabled=False",
    ]
    manager.kernel_spec.env = {}
    with open(work.path("kernel.log"), "w+b") as log:
        work.at("starting a kernel")
        manager.start_kernel(stdout=log, stderr=log, cwd=work.folder)
        client = manager.client()
        try:
            client.start_channels()
            _ready(client, manager, log)
            work.at("running a cell")
            _cell(work, client, manager, log, "answer = 6 * 7", "")
            _cell(work, client, manager, log, "print(answer)", "42")
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _own_folders(work: Work) -> None:
    """A user who never ran IPython gets no folder of IPython's by this."""
    if "IPYTHONDIR" not in os.environ and not os.path.isdir(os.path.expanduser("~/.ipython")):
        os.environ["IPYTHONDIR"] = work.path("ipython")


def _ready(client: "Any", manager: "Any", log: "Any") -> None:
    """Wait until the kernel answers. Raises KernelDied, or RuntimeError where it is silent."""
    try:
        client.wait_for_ready(timeout=PATIENCE)
    except RuntimeError:
        _alive(manager, log)
        raise


def _alive(manager: "Any", log: "Any") -> None:
    if not manager.is_alive():
        log.seek(0)
        said = log.read()[-20000:].decode("utf-8", "replace").strip()
        raise KernelDied(said or "it said nothing")


def _cell(work: Work, client: "Any", manager: "Any", log: "Any", code: "Any", expected: "Any") -> None:
    """Run a cell and compare what it prints."""
    said = []

    def hear(message: "Any") -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            said.append(content["text"])
        if message["msg_type"] == "error":
            said.append("%s: %s" % (content["ename"], content["evalue"]))

    try:
        client.execute_interactive(code, timeout=PATIENCE, output_hook=hear, allow_stdin=False)
    except Exception:
        _alive(manager, log)
        raise
    _alive(manager, log)
    printed = "".join(said).strip()
    work.expect(printed == expected, "a cell printed %r instead of %r" % (printed[:200], expected))
