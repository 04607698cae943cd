"""What does not compile, where the facts of the machine decide: which header or tool is missing, and who brings it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...patient import Native
from ..reading import Cure, Kind, Reading
from .common import Case, candidate

HEADER = re.compile(
    r"""fatal error: ["<]?Python\.h|Python\.h: No such file|Cannot open include file: .Python\.h|Python\.h['"]? file not found"""
)
FOLDER = re.compile(r"-I ?(?P<folder>/[^\s\"']{0,300}?/include/python(?P<minor>3\.\d{1,2}))(?=[\s\"'/]|$)")
NAMES = r"gcc|cc|g\+\+|c\+\+|make|cmake|ninja|gfortran|pkg-config|cargo|rustc"
TOOL = re.compile(
    r"command '(?P<a>[\w.+/-]{1,100})' failed: No such file or directory|unable to execute '(?P<b>[\w.+/-]{1,100})'"
    rf"|^(?:[\w./-]{{1,60}}: )?(?:line \d{{1,6}}: |\d{{1,6}}: )?(?P<c>{NAMES}): (?:command )?not found"
    rf"|No such file or directory: '(?P<d>{NAMES})'"
    r"|(?P<cc>Failed to find C compiler)|(?P<cxx>No CMAKE_CXX_COMPILER could be found)"
    r"|(?P<pg_config>pg_config executable not found)|(?P<rustc>can't find Rust compiler)",
    re.M,
)
CROSS = re.compile(r"^(?:[a-z0-9_]+-(?:[a-z0-9_]+-)?linux-(?:gnu|musl)-)?(?P<name>[a-z_+-]+?)(?:-[\d.]+)?$")
SAME = {"gcc": ("gcc", "cc"), "cc": ("cc", "gcc", "clang"), "g++": ("g++", "c++"), "c++": ("c++", "g++", "clang++")}
INSTALL = {  # by the families of distributions that the fact Place tells apart
    "debian": "sudo apt-get install",
    "fedora": "sudo dnf install",
    "alpine": "sudo apk add",
    "arch": "sudo pacman -S",
    "suse": "sudo zypper install",
}
COMPILER = {"debian": "build-essential", "fedora": "gcc gcc-c++ make", "alpine": "build-base", "arch": "base-devel"}
COMPILER["suse"] = "gcc gcc-c++ make"
PACKAGES: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("gcc", "cc", "g++", "c++", "make"), COMPILER),
    "gfortran": {
        "debian": "gfortran",
        "fedora": "gcc-gfortran",
        "alpine": "gfortran",
        "arch": "gcc-fortran",
        "suse": "gcc-fortran",
    },
    "pkg-config": {"debian": "pkg-config", "fedora": "pkgconf", "alpine": "pkgconf", "arch": "pkgconf", "suse": "pkgconf"},
    "pg_config": {"debian": "libpq-dev", "fedora": "libpq-devel", "alpine": "libpq-dev", "arch": "postgresql-libs"},
    "cmake": dict.fromkeys(INSTALL, "cmake"),
    "ninja": {**dict.fromkeys(INSTALL, "ninja"), "debian": "ninja-build", "fedora": "ninja-build"},
    "cargo": {"debian": "cargo", "fedora": "cargo", "alpine": "cargo", "arch": "rust", "suse": "cargo"},
    "rustc": {"debian": "rustc cargo", "fedora": "rust cargo", "alpine": "rust cargo", "arch": "rust", "suse": "rust cargo"},
}
CAUSES = {
    "pg_config": "pg-config-missing",
    "cmake": "cmake-missing",
    "ninja": "build-tools-missing",
    "make": "build-tools-missing",
    "cargo": "rust-missing",
    "rustc": "rust-missing",
    "gfortran": "fortran-missing",
    "pkg-config": "pkg-config-missing",
}


def python_header(case: Case) -> Reading | None:
    """Python.h is not found: which package brings exactly the one that the build looked for. Without that, nothing."""
    native, minor, folder = wanted_header(case)
    there = native is not None and native.has_headers and folder == native.headers
    return _no_header(case, minor, folder) if minor and not there else None


def wanted_header(case: Case) -> tuple[Native | None, str, str]:
    """What is known here, and for which Python the header was looked for, in which folder; empty where that is not known."""
    native, text = case.facts.native, case.trace.text
    if not HEADER.search(text):
        return native, "", ""
    asked = FOLDER.search(text)
    if asked:
        return native, asked["minor"], asked["folder"]
    return (native, ".".join(case.facts.python.split(".")[:2]), native.headers) if native else (None, "", "")


def _no_header(case: Case, minor: str, folder: str) -> Reading:
    says = f"The headers of Python {minor} (Python.h) are not installed, so nothing can be compiled for it"
    others = (candidate("compiler-missing", "the tools for compiling are incomplete"),)
    if folder and not folder.startswith(("/usr/include/", "/usr/local/include/")):
        own = Cure(
            f"Install this Python again: {folder.partition('/include/')[0]} lost the headers that it came with",
            notes=(
                "uv: uv python install --reinstall. pyenv: pyenv install --force. conda: conda install --force-reinstall python.",
            ),
        )
        return Reading(Kind.ENVIRONMENT, says, "system-headers-missing", "Python.h", own, others)
    flat = minor.replace(".", "")
    names = {"fedora": f"python{minor}-devel", "alpine": "python3-dev", "arch": "python", "suse": f"python{flat}-devel"}
    distro = case.facts.distro if case.facts.distro in INSTALL else "debian"
    package = names.get(distro, f"python{minor}-dev")
    notes = {"fedora": "For the system's own Python the package is python3-devel."}
    others_too = f"Fedora, Red Hat: python3-devel or {names['fedora']}. Pythons of uv, pyenv and conda bring their headers."
    cure = Cure(
        f"Install the headers of Python {minor}: {package}",
        run=(f"{INSTALL[distro]} {package}",),
        notes=(notes.get(distro, others_too),),
        admin=True,
    )
    return Reading(Kind.ENVIRONMENT, says, "system-headers-missing", "Python.h", cure, others)


def build_tool(case: Case) -> Reading | None:
    """A compiler or tool that is not on PATH: which package of this system brings it. Without facts, nothing."""
    tool, there = wanted_tool(case)
    package = PACKAGES[tool].get(case.facts.distro, "") if tool and not there else ""
    return _no_tool(case, tool, package) if package else None


def wanted_tool(case: Case) -> tuple[str, str]:
    """The tool that was not found, and the file that it is here; empty where that is not known."""
    found, native = TOOL.search(case.trace.text), case.facts.native
    tool = _tool(found) if found and native else ""
    if tool not in PACKAGES or native is None:
        return "", ""
    return tool, next((native.tools[name] for name in SAME.get(tool, (tool,)) if name in native.tools), "")


def _tool(found: re.Match[str]) -> str:
    """The name of the tool, without the processor and the version in `x86_64-linux-gnu-gcc-12`."""
    named = {"cc": "cc", "cxx": "c++", "pg_config": "pg_config", "rustc": "rustc"}
    key = next(name for name, said in found.groupdict().items() if said)
    if key in named:
        return named[key]
    name = CROSS.match(found[key].rpartition("/")[2])
    return name["name"] if name else ""


def _no_tool(case: Case, tool: str, package: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"{tool} is not installed on this system, and a package has to be compiled",
        CAUSES.get(tool, "compiler-missing"),
        tool,
        Cure(f"Install {tool}: {package}", run=(f"{INSTALL[case.facts.distro]} {package}",), admin=True),
        (candidate("python-too-new", "there is no ready wheel for this Python", "the files of the package on its index"),),
    )
