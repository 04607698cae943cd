"""Read how each NVIDIA card is: what NVML says of its memory, programs, errors and speed, and what the kernel log says."""

import os
import re

_HEALTH_LOST = (15, 16)  # NVML: the card is lost, or must be reset first. Any function may say so.
_HEALTH_PATIENCE = 3.0  # seconds for all of this: that the cards are there is already known
_HEALTH_MOST = 64  # programs of one card that are listed
_HEALTH_FIRST_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO of linux/proc_ns.h: here, pids are those of the machine
_HEALTH_XID = re.compile(rb"NVRM: Xid \(PCI:([0-9a-fA-F:]+)[^)]*\): (\d+)")


class _HealthAsker:
    """Asks NVML about one card. What it refuses is None: a function newer than the driver, or nothing for this card."""

    def __init__(self, nvml, handle, found):
        self.nvml, self.handle, self.found = nvml, handle, found
        self.error = None

    def __call__(self, name, *arguments):
        self.found["stuck"] = name  # which function it was, should it never come back
        try:
            return getattr(self.nvml, name)(self.handle, *arguments)
        except self.nvml.NVMLError as error:
            if error.value in _HEALTH_LOST:
                self.error = int(error.value)
        except AttributeError:  # an older binding
            pass
        return None


def _health_of_cards(nvml, found):
    """Add to every card that answers how it is. The list is exchanged as a whole: who waits may take it at any time."""
    try:
        for index, card in enumerate(found["cards"]):
            if card.get("error") is None:
                cards = list(found["cards"])
                cards[index] = _health_of(nvml, card, found)
                found["cards"] = cards
    finally:
        found.pop("stuck", None)


def _health_of(nvml, card, found):
    try:
        ask = _HealthAsker(nvml, nvml.nvmlDeviceGetHandleByIndex(card["index"]), found)
    except nvml.NVMLError as error:
        return dict(card, error=int(error.value))
    health = _health_of_card(ask, card.get("mig"))
    return dict(card, health=health, error=ask.error)


def _health_of_card(ask, mig):
    memory = ask("nvmlDeviceGetMemoryInfo")
    rows = ask("nvmlDeviceGetRemappedRows")
    slowdown = ask("nvmlDeviceGetCurrentClocksEventReasons")
    busy = ask("nvmlDeviceGetUtilizationRates")
    pages = ask("nvmlDeviceGetRetiredPagesPendingStatus")
    return {
        "free": memory.free if memory else None,
        "used": memory.used if memory else None,
        "programs": _health_programs(ask),
        "slices": _health_slices(ask) if mig else [],
        "uncorrected": ask("nvmlDeviceGetTotalEccErrors", 1, 0),  # since the driver was loaded; the other counter never forgets
        "pages_pending": None if pages is None else bool(pages),
        "rows_pending": bool(rows[2]) if rows else None,
        "rows_failed": bool(rows[3]) if rows else None,
        "slowdown": ask("nvmlDeviceGetCurrentClocksThrottleReasons") if slowdown is None else slowdown,  # its name before 535
        "busy": busy.gpu if busy else None,
        "temperature": ask("nvmlDeviceGetTemperature", 0),
        "width": ask("nvmlDeviceGetCurrPcieLinkWidth"),
        "widest": ask("nvmlDeviceGetMaxPcieLinkWidth"),
        "power_state": ask("nvmlDeviceGetPerformanceState"),
        "fabric": _health_fabric(ask),
    }


def _health_programs(ask):
    listed = ask("nvmlDeviceGetComputeRunningProcesses_v3")
    if listed is None:
        listed = ask("nvmlDeviceGetComputeRunningProcesses_v2")  # drivers before 510
    return None if listed is None else [{"pid": one.pid, "memory": one.usedGpuMemory} for one in listed[:_HEALTH_MOST]]


def _health_slices(ask):
    slices = []
    for index in range(ask("nvmlDeviceGetMaxMigDeviceCount") or 0):
        handle = ask("nvmlDeviceGetMigDeviceHandleByIndex", index)
        if handle is not None:
            part = _HealthAsker(ask.nvml, handle, ask.found)
            memory = part("nvmlDeviceGetMemoryInfo")
            slices.append({"uuid": part("nvmlDeviceGetUUID") or "", "memory": memory.total if memory else None})
    return slices


def _health_fabric(ask):
    info = getattr(ask.nvml, "c_nvmlGpuFabricInfoV_t", dict)()
    return info.state if ask("nvmlDeviceGetGpuFabricInfoV", _health_pointer(info)) == 0 else None


def _health_pointer(structure):
    import ctypes

    return ctypes.byref(structure) if isinstance(structure, ctypes.Structure) else structure


def _health_around(facts, root):
    """What is known outside of NVML: lost cards by name, whose programs those are, and the kernel log."""
    cards = facts.get("cards") or []
    if facts.get("source") != "nvml" or not cards:
        return
    _health_name_the_lost(cards, facts["pci"], root)
    facts["foreign"] = os.name == "posix" and _health_namespace(root) != _HEALTH_FIRST_NAMESPACE
    healths = [(card, card["health"]) for card in cards if card.get("health")]
    for _, health in healths if os.name == "posix" and not facts["foreign"] else ():
        for program in health["programs"] or ():
            program.update(_health_program(root, program["pid"]))
    if any(_health_scarce(card) for card, _ in healths):
        facts["mine"] = _health_mine(root)
    xids = _health_xids(root) if os.name == "posix" else None
    for card, health in healths:
        health["xids"] = None if xids is None else sorted(xids.get(_health_bus(card["bus"])[:-2], ()))


def _health_bus(bus):
    """0000:0a:00.0, as the kernel writes it; NVML gives the domain eight digits."""
    return bus.lower()[-12:]


def _health_name_the_lost(cards, pci, root):
    """NVML counts in the order of the bus: the cards there that did not answer are the lost ones, if their number fits."""
    answered = {_health_bus(card.get("bus", "")) for card in cards if card.get("bus")}
    left = [card["bus"] for card in pci if card["vendor"] == "10de" and card["bus"] not in answered]
    lost = [card for card in cards if card.get("error") is not None and not card.get("bus")]
    for card, bus in zip(lost, left if len(left) == len(lost) else []):
        text = _gpu_text(root, "proc/driver/nvidia/gpus", bus, "information")
        uuid = re.search(r"GPU UUID:\s*(GPU-[0-9a-f-]+)\s*$", text, re.M)
        name = re.search(r"Model:\s*(.+?)\s*$", text, re.M)
        card.update(bus=bus, uuid=uuid.group(1) if uuid else "", name=name.group(1) if name else "")


def _health_namespace(root):
    try:
        return os.readlink(os.path.join(root, "proc/self/ns/pid"))
    except OSError:
        return ""


def _health_program(root, pid):
    """Name and owner of a process: what the kernel calls it, which is never its command line."""
    folder = os.path.join(root, "proc", str(pid))
    try:
        return {"name": _gpu_text(folder, "comm"), "own": os.stat(folder).st_uid == os.geteuid()}
    except OSError:
        return {}


def _health_scarce(card):
    """Whether it matters whose programs are on this card: it is almost full, or for one program only."""
    free, total = card["health"]["free"], card.get("memory")
    return card.get("compute_mode") == 3 or (free is not None and bool(total) and free * 8 < total)


def _health_mine(root):
    """Programs of this user that have a card open, without the doctor's own. In containers NVML cannot tell them."""
    import time

    end = time.monotonic() + 0.5
    found = []
    for pid in (name for name in _gpu_list(root, "proc") if name.isdigit()):
        folder = os.path.join(root, "proc", pid)
        if time.monotonic() > end:
            break
        if _health_holds_a_card(folder) and not _health_doctors(root, pid):
            found.append(dict(_health_program(root, pid), pid=int(pid)))
    return found[:_HEALTH_MOST]


def _health_holds_a_card(folder):
    try:
        if os.stat(folder).st_uid != os.geteuid():
            return False
        files = (os.readlink(os.path.join(folder, "fd", file)) for file in os.listdir(os.path.join(folder, "fd"))[:1024])
        return any(re.match(r"/dev/nvidia\d+$", file) for file in files)
    except OSError:  # it has ended meanwhile, or keeps to itself
        return False


def _health_doctors(root, pid):
    """Whether a process is one of the doctor's probes, or was started by one."""
    for _ in range(4):
        if pid in (str(os.getpid()), str(os.getppid())):
            return True
        parent = re.search(r"\) \S (\d+) ", _gpu_text(root, "proc", pid, "stat"))
        pid = parent.group(1) if parent else ""
    return False


def _health_xids(root):
    """The numbers of the driver's errors in the kernel log, by bus; None where this user may not read it."""
    import stat

    file = os.path.join(root, "dev/kmsg")
    try:
        if not stat.S_ISCHR(os.lstat(file).st_mode) and not stat.S_ISREG(os.lstat(file).st_mode):
            return None
        log = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    xids = {}
    try:
        for _ in range(20000):  # one line each
            line = _health_line(log)
            if not line:
                break
            for bus, number in _HEALTH_XID.findall(line):
                xids.setdefault(_health_bus(bus.decode() + ".0")[:-2], set()).add(int(number))
    finally:
        os.close(log)
    return xids


def _health_line(log):
    """The next line of the kernel log; empty at its end."""
    import errno

    try:
        return os.read(log, 8192)
    except OSError as error:
        return b"-" if error.errno == errno.EPIPE else b""  # EPIPE: this line was overwritten meanwhile
