"""Read the errors of the NVIDIA driver (Xid) from the kernel log."""

import os
import re

XID = re.compile(rb"NVRM: Xid \(PCI:([0-9a-fA-F:]+)[^)]*\): (\d+)")
MOST_LINES = 20000


def xids_by_card(root: str) -> "dict[str, set[int]] | None":
    """The numbers of the driver's errors, by bus without its function; None where this user may not read the log."""
    import stat

    file = os.path.join(root, "dev/kmsg")
    try:
        if not stat.S_ISCHR(os.lstat(file).st_mode) and not stat.S_ISREG(os.lstat(file).st_mode):
            return None
        log = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    xids: "dict[str, set[int]]" = {}
    try:
        for _ in range(MOST_LINES):
            line = _next_line(log)
            if not line:
                break
            for bus, number in XID.findall(line):
                xids.setdefault(kernel_bus(bus.decode() + ".0")[:-2], set()).add(int(number))
    finally:
        os.close(log)
    return xids


def _next_line(log: int) -> bytes:
    """The next line of the kernel log; empty at its end."""
    import errno

    try:
        return os.read(log, 8192)
    except OSError as error:
        return b"-" if error.errno == errno.EPIPE else b""  # EPIPE: this line was overwritten meanwhile


def kernel_bus(bus: str) -> str:
    """0000:0a:00.0, as the kernel writes it; NVML gives the domain eight digits."""
    return bus.lower()[-12:]
