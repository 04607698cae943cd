"""Where a report was made, and by which Python."""

from __future__ import annotations

import re

from ...facts import Missing
from ...patient import Place, Python
from .labels import PastedReport
from .values import said_of, unsaid

CONTAINER = re.compile(r"\b(docker|podman|container|kubernetes|k8s|pod|nvcr\.io|singularity|apptainer)\b", re.IGNORECASE)
NGC = re.compile(r"\+[0-9a-f]{6,}\.nv\d\d\.\d\d")
SYSTEMS = (("windows", "Windows"), ("win32", "Windows"), ("mac os", "Darwin"), ("macos", "Darwin"), ("darwin", "Darwin"))
OS_NAMES = {"Windows": ("windows", "win32"), "Darwin": ("macos", "darwin"), "Linux": ("linux", "linux")}
DISTROS = {
    "debian": ("ubuntu", "debian", "mint"),
    "fedora": ("fedora", "red hat", "centos", "rocky", "alma", "euler", "tencentos"),
    "arch": ("arch linux", "manjaro"),
    "alpine": ("alpine",),
    "suse": ("suse",),
}
MACHINES = ("x86_64", "amd64", "aarch64", "arm64", "ppc64le", "riscv64", "s390x")


def place_of(report: PastedReport) -> Place:
    """Where the report was made."""
    system = _system(report)
    told = f"{report.values.get('os', '')} {report.values.get('platform', '')}".lower()
    wsl = bool(re.search(r"microsoft-standard|\bwsl2?\b", told))
    held = CONTAINER.search(report.values.get("container", "") + " " + report.values.get("os", ""))
    container = bool(held or "container" in report.values or NGC.search(report.values.get("torch", "")))
    kinds = tuple(kind for kind, given in (("wsl", wsl), ("container", container)) if given)
    families = (family for family, names in DISTROS.items() if any(name in told for name in names))
    distro = next(families, "other") if system == "Linux" else ""
    shell = "powershell" if system == "Windows" else "sh"
    return Place(os=OS_NAMES[system][0], distro=distro, kind=kinds[-1] if kinds else "machine", kinds=kinds, shell=shell)


def python_of(report: PastedReport, place: Place) -> Python | Missing:
    """The Python that the report speaks of."""
    said = said_of(report, "python")
    version = re.match(r"\D{0,20}?(\d+\.\d+(?:\.\d+)?)", said)
    if not version:
        return unsaid(Python)
    system = _system(report)
    return Python(
        version=version[1],
        executable="python" if place.os == "windows" else "python3",
        prefix="the environment of the report",
        base_prefix="its Python",
        conda=by_conda(report),
        apple_silicon=_system(report) == "Darwin" and _on_arm(report),
        bits=32 if "32-bit" in said else 64,
        platform=OS_NAMES[system][1],
        machine=_machine(report, system),
    )


def under_rosetta(report: PastedReport) -> bool:
    """Whether this is a Python for Intel on a Mac with a processor of Apple's own."""
    return _system(report) == "Darwin" and _on_arm(report) and _machine(report, "Darwin") == "x86_64"


def _system(report: PastedReport) -> str:
    """Windows, Darwin or Linux, as platform.system() calls them."""
    told = f"{report.values.get('os', '')} {report.values.get('platform', '')} {report.values.get('python', '')}".lower()
    return next((system for word, system in SYSTEMS if word in told), "Linux")


def _machine(report: PastedReport, system: str) -> str:
    """What this Python was built for; under Rosetta that is not what the machine is."""
    told = " ".join(report.values.get(key, "") for key in ("python", "os", "platform", "cpu")).lower()
    named = "x86_64" if "rosetta" in told else next((machine for machine in MACHINES if machine in told), "x86_64")
    if system == "Windows":
        return "ARM64" if named in ("aarch64", "arm64") else "AMD64"
    return {"amd64": "x86_64"}.get(named, named)


def by_conda(report: PastedReport) -> bool:
    """Whether this Python is conda's: it says so, or conda listed packages. Where conda is not there, the list says so."""
    listed = any(by == "conda" and "could not collect" not in what.lower() for by, what in report.listed)
    return listed or "conda" in report.values.get("python", "").lower()


def _on_arm(report: PastedReport) -> bool:
    """Whether a Mac has a processor of Apple's own, whatever its Python was built for."""
    told = " ".join(report.values.get(key, "") for key in ("os", "platform", "python", "cpu"))
    return bool(re.search(r"\bApple (silicon|M\d)|\b(?:macOS|Mac) M\d|\barm64\b|\bRosetta\b", told, re.IGNORECASE))
