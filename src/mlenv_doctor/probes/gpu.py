"""Read what the machine says about its graphics cards: the PCI bus, the kernel module, NVML, and CUDA itself."""

import os
import sys

_GPU_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "ZE_AFFINITY_MASK",
)
_GPU_SCHEDULERS = (("SLURM_JOB_ID", "slurm"), ("PBS_JOBID", "pbs"), ("LSB_JOBID", "lsf"), ("SGE_ROOT", "sge"))
# Where the driver's libraries lie outside of the loader's own path: WSL (https://learn.microsoft.com/windows/wsl/), NixOS.
_GPU_FOLDERS = ("", "/usr/lib/wsl/lib/", "/run/opengl-driver/lib/")
_GPU_PATIENCE = 15.0  # seconds for NVML


def read_gpu(question):
    root = question.get("root", "/")
    facts = {
        "pci": _gpu_pci(root),
        "nodes": _gpu_nodes(root),
        "windows": os.path.exists(os.path.join(root, "usr/lib/wsl/lib/libcuda.so.1")),
        "wsl": _wsl_read(root),
        "jetson": _gpu_jetson(root),
        "metal": sys.platform == "darwin",
        "variables": {name: os.environ[name][:300] for name in _GPU_VARIABLES if name in os.environ},
        "scheduler": next((name for variable, name in _GPU_SCHEDULERS if variable in os.environ), ""),
    }
    facts.update(_gpu_module(root))
    facts["closed"] = _kmod_closed(root, facts["nodes"])
    if not facts["module"] and any(card["vendor"] == "10de" for card in facts["pci"]):
        facts["kernel"] = _kmod_read(root)
    if sys.platform != "darwin":
        facts.update(_gpu_in_time(_gpu_nvml, question.get("patience", _GPU_PATIENCE)))
        if facts.get("nvml") is None and facts.get("silent") is None:
            facts.update(_gpu_smi())
    _health_around(facts, root)
    return facts


def _gpu_text(*parts):
    """The start of a small file; empty where it cannot be read."""
    try:
        with open(os.path.join(*parts), encoding="utf-8", errors="replace") as file:
            return file.read(4096).strip("\0\n ")
    except OSError:
        return ""


def _gpu_list(*parts):
    try:
        return sorted(os.listdir(os.path.join(*parts)))
    except OSError:
        return []


def _gpu_pci(root):
    """The display controllers and accelerators (classes 0x03 and 0x12) of the three vendors."""
    folder = os.path.join(root, "sys/bus/pci/devices")
    cards = []
    for bus in _gpu_list(folder):
        vendor = _gpu_text(folder, bus, "vendor")[2:]
        if vendor in ("10de", "1002", "8086") and _gpu_text(folder, bus, "class")[:4] in ("0x03", "0x12"):
            driver = os.path.basename(os.path.realpath(os.path.join(folder, bus, "driver")))
            cards.append(
                {
                    "bus": bus,
                    "vendor": vendor,
                    "device": _gpu_text(folder, bus, "device")[2:],
                    "driver": "" if driver == "driver" else driver,
                }
            )
    return cards


def _gpu_nodes(root):
    return [name for name in _gpu_list(root, "dev") if name.startswith("nvidia")]


def _gpu_jetson(root):
    model = _gpu_text(root, "proc/device-tree/model")
    return model if "NVIDIA" in model else ""


def _gpu_module(root):
    """The version of the loaded kernel module and its flavour."""
    import re

    text = _gpu_text(root, "proc/driver/nvidia/version")
    found = re.search(r"Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s", text + " ")
    return {"module": found.group(1) if found else "", "open": "Open Kernel Module" in text}


def _gpu_in_time(read, seconds):
    """Ask in a thread: a driver that is stuck in the kernel never returns, and what else is known must not be lost with it.

    Where it gets stuck only after the cards are listed, the cards are kept, and the name of the function.
    """
    import threading

    found, listed = {}, threading.Event()

    def work():
        try:
            read(found, listed)
        finally:
            listed.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    if not listed.wait(seconds):
        return {"silent": float(seconds)}
    worker.join(min(seconds, _HEALTH_PATIENCE))
    return dict(found)


def _gpu_library(names):
    """Load the first of these libraries that can be loaded. Returns it, its file, and why the last one could not be."""
    import ctypes

    why = ""
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError as error:
            why = str(error)
        else:
            return library, _gpu_mapped(os.path.basename(name)) or name, ""
    return None, "", why


def _gpu_mapped(name):
    """The file that a library was really loaded from: the loader's choice, with its links followed."""
    stem = name.split(".so")[0]
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            files = [line.split(None, 5)[-1].strip() for line in maps if stem in line]
    except OSError:
        return ""
    return next((file for file in files if os.path.basename(file).startswith(stem + ".so")), "")


def _gpu_nvml(found, listed):
    """Ask NVML, through NVIDIA's own binding; where its library is, and only there."""
    windows = [os.path.join(os.environ.get("WINDIR", "C:/Windows"), "System32/nvml.dll")]
    names = windows if os.name == "nt" else [folder + "libnvidia-ml.so.1" for folder in _GPU_FOLDERS]
    library, found["library"], _ = _gpu_library(names)
    if library is None:
        return
    import pynvml

    pynvml.nvmlLib = library
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        found["nvml"] = int(error.value)
        return
    found.update(nvml=0, source="nvml", driver=_gpu_ask(pynvml, "nvmlSystemGetDriverVersion") or "")
    version = _gpu_ask(pynvml, "nvmlSystemGetCudaDriverVersion_v2") or _gpu_ask(pynvml, "nvmlSystemGetCudaDriverVersion")
    found["cuda"] = _gpu_version(version)
    found["cards"] = [_gpu_card(pynvml, index, found) for index in range(_gpu_ask(pynvml, "nvmlDeviceGetCount") or 0)]
    listed.set()
    _health_of_cards(pynvml, found)


def _gpu_ask(pynvml, name):
    """What NVML answers; None where it refuses: the function is newer than the driver."""
    try:
        answer = getattr(pynvml, name)()
    except (pynvml.NVMLError, AttributeError):
        return None
    return _gpu_words(answer) if isinstance(answer, bytes) else answer


def _gpu_version(number):
    """12020 is how the driver writes 12.2."""
    return "%d.%d" % (number // 1000, number % 1000 // 10) if number else ""


def _gpu_card(pynvml, index, found):
    try:
        ask = _HealthAsker(pynvml, pynvml.nvmlDeviceGetHandleByIndex(index), found)
    except pynvml.NVMLError as error:
        return {"index": index, "error": int(error.value)}
    pci = ask("nvmlDeviceGetPciInfo")
    capability = ask("nvmlDeviceGetCudaComputeCapability")
    memory = ask("nvmlDeviceGetMemoryInfo")
    mig = ask("nvmlDeviceGetMigMode")
    return {
        "index": index,
        "name": _gpu_words(ask("nvmlDeviceGetName")),
        "uuid": _gpu_words(ask("nvmlDeviceGetUUID")),
        "bus": _gpu_words(pci.busId) if pci else "",
        "device": "%04x" % (pci.pciDeviceId >> 16) if pci else "",
        "capability": "%d.%d" % tuple(capability) if capability else "",
        "memory": memory.total if memory else None,
        "mig": bool(mig[0]) if mig else None,
        "mig_instances": len(_health_slices(ask)) if mig and mig[0] else 0,
        "compute_mode": ask("nvmlDeviceGetComputeMode"),
        "error": ask.error,
    }


def _gpu_words(text):
    """Text; old bindings give bytes."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""


def _gpu_smi():
    """What nvidia-smi says, where it is there without its library being in reach."""
    import shutil
    import subprocess

    command = shutil.which("nvidia-smi")
    if not command:
        return {}
    asked = "--query-gpu=index,name,uuid,driver_version,memory.total,compute_cap"
    try:
        said = subprocess.run(
            [command, asked, "--format=csv,noheader,nounits"],
            timeout=8,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [[word.strip() for word in line.split(",")] for line in said.splitlines()]
    rows = [row for row in rows if len(row) == 6 and row[0].isdigit()]
    return {
        "source": "nvidia-smi" if rows else "",
        "driver": rows[0][3] if rows else "",
        "cards": [
            {
                "index": int(index),
                "name": name,
                "uuid": uuid,
                "capability": capability if capability[:1].isdigit() else "",
                "memory": int(memory) << 20 if memory.isdigit() else None,
            }
            for index, name, uuid, _, memory, capability in rows
        ],
    }
