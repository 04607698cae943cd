"""Patients whose Python is not whole, of an unusual build, or not where the command line finds it."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from families.python.patients import says, starts
from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import Ward

MUSL = "import sysconfig\nsysconfig.get_config_vars()['SOABI'] = 'cpython-311-x86_64-linux-musl'\n"
FREE = "import sysconfig\nsysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1\n"
NEWER_FREE = FREE + "import sys; sys.version_info = (3, 14, 0, 'final', 0)\n"
MAC = (
    "import platform, sys, sysconfig\nsysconfig.get_config_vars()\nsys.platform = 'darwin'\nplatform.machine = lambda: 'x86_64'\n"
)
FULL = ("numpy", "pandas", "scikit-learn", "matplotlib", "joblib")
KNOWN_TO_BE_THERE = "numpy\npandas\nscikit-learn\n"


def of_build(text: str, requirements: str = "", libraries: tuple[str, ...] = FULL) -> Callable[[Ward], object]:
    """A Python that says it is of another build: those that are cannot be had here."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=libraries)
        (ward.site / "sitecustomize.py").write_text(text)
        ward.write("requirements.txt", requirements or KNOWN_TO_BE_THERE)

    return make


def on_a_mac(answer: str, requirements: str = "", libraries: tuple[str, ...] = FULL) -> Callable[[Ward], object]:
    """The same, where the command sysctl of macOS answers this."""

    def make(ward: Ward) -> None:
        of_build(MAC, requirements, libraries)(ward)
        fake = ward.script(ward.root / "sysctl", f"#!/bin/sh\n{answer}\n")
        ward.mounts += ["touch /usr/sbin/sysctl 2>/dev/null || true", f"mount --bind {fake} /usr/sbin/sysctl"]

    return make


def copied_python(ward: Ward) -> Path:
    """A whole copy of a Python, to be harmed, with an environment that is made from it."""
    base = other_python("3.12").resolve().parent.parent
    ours = ward.root / "base"
    for part in ("bin", "lib/python3.12"):
        shutil.copytree(
            base / part, ours / part, symlinks=True, ignore=shutil.ignore_patterns("test", "site-packages", "config-*")
        )
    (ours / "lib/python3.12/site-packages").mkdir()
    for file in base.glob("lib/libpython*"):
        (ours / "lib" / file.name).symlink_to(file)
    return ours


def without(*names: str) -> Callable[[Ward], object]:
    """A Python that was compiled without these extension modules."""

    def make(ward: Ward) -> None:
        ours = copied_python(ward)
        for name in names:
            for file in ours.glob(f"lib/python3.12/lib-dynload/{name}.*.so"):
                file.unlink()
        ward.venv(python=ours / "bin/python3.12")

    return make


def with_dead_extension(name: str, library: bytes) -> Callable[[Ward], None]:
    """An extension module whose own library is gone from the system."""

    def make(ward: Ward) -> None:
        ours = copied_python(ward)
        (file,) = ours.glob(f"lib/python3.12/lib-dynload/{name}.*.so")
        file.write_bytes(file.read_bytes().replace(b"lib" + library, b"lib" + b"x" * len(library)))
        ward.venv(python=ours / "bin/python3.12")

    return make


def foreign_library(ward: Ward) -> None:
    """LD_LIBRARY_PATH leads to the libpython of another Python of the same minor version."""
    ward.venv()
    ward.environ["LD_LIBRARY_PATH"] = str(system_library())


def system_library() -> Path:
    """The folder of the system's own library of the minor version that runs the tests; skips where there is none."""
    name = sysconfig.get_config_var("INSTSONAME")
    found = sorted(Path("/usr/lib").glob(f"*-linux-gnu/{name}"))
    if not found or not sysconfig.get_config_var("Py_ENABLE_SHARED") or sys.base_prefix == "/usr":
        pytest.skip("the system has no other library of this Python")
    return found[0].parent


def same_library(ward: Ward) -> None:
    """A Python that was copied, with its library: the copy that is loaded is not the one beside it, but the same."""
    ours = copied_python(ward)
    for file in ours.glob("lib/libpython*"):
        real = file.resolve()
        file.unlink()
        shutil.copy(real, file)
    ward.venv(python=ours / "bin/python3.12")


def nothing_on_path(ward: Ward) -> None:
    """An activation that was lost half: VIRTUAL_ENV is there, the PATH is not."""
    ward.venv(pip=False)
    ward.environ["PATH"] = str(ward.bin)


def only_python3(ward: Ward) -> None:
    """As on a fresh Debian."""
    ward.venv(activate=False)
    (ward.project / ".venv").rename(ward.root / "elsewhere")
    os.symlink(other_python("3.11"), ward.bin / "python3")


def names(*words: str) -> Callable[[Visit], None]:
    """The warning about Python names these."""

    def look(visit: Visit) -> None:
        (found,) = [f for f in visit.findings("warn") if f["id"].startswith("python.") and f["cause"] != "python-too-old"]
        assert all(word in found["message"] for word in words), found["message"]
        assert found["fix"]

    return look


MUSL_LIBC, FREE_THREADED, ROSETTA, INTEL = (
    ("musl-libc",),
    ("free-threaded-python",),
    ("rosetta-x86-python",),
    ("intel-mac-no-wheels",),
)
LACKING, FOREIGN, COMMAND = ("stdlib-extension-missing",), ("foreign-libpython",), ("python-command-missing",)
FEW = ("python", "venv", "libraries")
PATIENTS = [
    Patient("Alpine", of_build(MUSL, "torch\nnumpy\n"), red=MUSL_LIBC, args=FEW, also=says("torch", "Alpine")),
    Patient("Alpine with its own packages", of_build(MUSL), args=FEW, also=starts),
    Patient("free-threaded, and a wheel is missing", of_build(NEWER_FREE, "numpy\nonnxruntime\n"), red=FREE_THREADED, args=FEW),
    Patient("free-threaded on purpose", of_build(NEWER_FREE), args=FEW),
    Patient("free-threaded too early", of_build(FREE), yellow=FREE_THREADED, args=FEW, also=names("experiment")),
    Patient("Rosetta", on_a_mac("echo 1", "torch\n"), red=ROSETTA, needs=("root",), args=FEW, also=says("torch", "Rosetta")),
    Patient("Rosetta with all that is wanted", on_a_mac("echo 1"), yellow=ROSETTA, needs=("root",), args=FEW),
    Patient("Intel Mac with all that is wanted", on_a_mac("exit 1"), needs=("root",), args=FEW, also=starts),
    Patient("Intel Mac", on_a_mac("exit 1", "torch\n"), red=("not-installed",), yellow=INTEL, needs=("root",), args=FEW),
    Patient("no ssl", without("_ssl"), red=LACKING, needs=("python3.12",), also=says("_ssl")),
    Patient("no ctypes", without("_ctypes"), red=LACKING, needs=("python3.12",), also=says("_ctypes")),
    Patient("no lzma and no sqlite", without("_lzma", "_sqlite3"), yellow=LACKING, needs=("python3.12",), also=names("_lzma, _sqlite3")),
    Patient("ssl without its library", with_dead_extension("_ssl", b"ssl.so."), red=LACKING, needs=("python3.12",), also=says("_ssl", "do not load")),
    Patient("sqlite without its library", with_dead_extension("_sqlite3", b"sqlite3.so."), yellow=LACKING, needs=("python3.12",), also=names("_sqlite3 do not load")),
    Patient("no tkinter and no readline", without("_tkinter", "readline"), needs=("python3.12",), also=starts),
    Patient("library of another Python", foreign_library, red=FOREIGN, also=says("libpython3.11", "instead of its own")),
    Patient("library that is a copy", same_library, needs=("python3.12",), also=starts),
    Patient("no python on PATH", nothing_on_path, yellow=COMMAND, also=names("are not on PATH")),
    Patient("only python3 on PATH", only_python3, yellow=None, args=("python",), absent=COMMAND),
]  # fmt: skip
