"""Find out whose programs are on the NVIDIA cards, in /proc."""

import os
import re

from mlenv_doctor.probekit import names_in

from .card_health import MOST_PROGRAMS
from .files import small_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO of linux/proc_ns.h: here, pids are those of the machine


def add_programs(facts: "dict[str, Any]", root: str) -> None:
    """Add the names and owners of the programs that NVML lists, and the user's own programs where they matter."""
    facts["foreign"] = os.name == "posix" and _pid_namespace(root) != FIRST_NAMESPACE
    cards = [card for card in facts["cards"] if card.get("health")]
    for card in cards if os.name == "posix" and not facts["foreign"] else ():
        for program in card["health"]["programs"] or ():
            program.update(_name_and_owner(root, program["pid"]))
    if any(_is_scarce(card) for card in cards):
        facts["mine"] = _own_programs(root)


def _pid_namespace(root: str) -> str:
    try:
        return os.readlink(os.path.join(root, "proc/self/ns/pid"))
    except OSError:
        return ""


def _name_and_owner(root: str, pid: "int | str") -> "dict[str, Any]":
    """Name and owner of a process: what the kernel calls it, which is never its command line."""
    folder = os.path.join(root, "proc", str(pid))
    try:
        return {"name": small_text(folder, "comm"), "own": os.stat(folder).st_uid == os.geteuid()}
    except OSError:
        return {}


def _is_scarce(card: "dict[str, Any]") -> bool:
    """Whether it matters whose programs are on this card: it is almost full, or for one program only."""
    free, total = card["health"]["free"], card.get("memory")
    return card.get("compute_mode") == 3 or (free is not None and bool(total) and free * 8 < total)


def _own_programs(root: str) -> "list[dict[str, Any]]":
    """Programs of this user that have a card open, without the doctor's own. In containers NVML cannot tell them."""
    import time

    end = time.monotonic() + 0.5
    found = []
    for pid in (name for name in names_in(os.path.join(root, "proc")) if name.isdigit()):
        folder = os.path.join(root, "proc", pid)
        if time.monotonic() > end:
            break
        if _has_card_open(folder) and not _is_doctor(root, pid):
            found.append(dict(_name_and_owner(root, pid), pid=int(pid)))
    return found[:MOST_PROGRAMS]


def _has_card_open(folder: str) -> bool:
    try:
        if os.stat(folder).st_uid != os.geteuid():
            return False
        files = (os.readlink(os.path.join(folder, "fd", file)) for file in os.listdir(os.path.join(folder, "fd"))[:1024])
        return any(re.match(r"/dev/nvidia\d+$", file) for file in files)
    except OSError:  # it has ended meanwhile, or keeps to itself
        return False


def _is_doctor(root: str, pid: str) -> bool:
    """Whether a process is one of the doctor's probes, or was started by one."""
    for _ in range(4):
        if pid in (str(os.getpid()), str(os.getppid())):
            return True
        parent = re.search(r"\) \S (\d+) ", small_text(root, "proc", pid, "stat"))
        pid = parent.group(1) if parent else ""
    return False
