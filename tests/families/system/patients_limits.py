"""Limits of a session: open files, control groups, numbers of files, clocks and long paths."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import mlenv_doctor
from families.system.patients import SYSTEM, mounted, silent_about
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

PACKAGE = Path(mlenv_doctor.__file__).parent
FULL_OF_FILES = "i=0; while (true > '{folder}/file'$i) 2> /dev/null; do i=$((i+1)); done"


def fixed_with(cause: str, *words: str) -> Callable[[Visit], object]:
    """The finding of this cause comes with a fix whose commands or notes hold these words."""

    def look(visit: Visit) -> None:
        (found,) = [f for f in visit.findings("fail", "warn") if f["cause"] == cause]
        said = json.dumps(found["fix"])
        assert all(word in said for word in words), said

    return look


def group(**files: str) -> Callable[[Ward], object]:
    """A machine whose outermost control group says this; `memory_max` stands for memory.max."""

    def make(ward: Ward) -> None:
        folder = ward.root / "group"
        folder.mkdir()
        for name, text in files.items():
            (folder / name.replace("_", ".", 1)).write_text(text)
        mounted("mount -t tmpfs none /sys/fs/cgroup", "cp '{root}/group/'* /sys/fs/cgroup")(ward)
        ward.library("numpy")

    return make


def with_threads_set(ward: Ward) -> None:
    group(cpu_max="20000 100000\n")(ward)
    ward.environ["OMP_NUM_THREADS"] = "1"


def without_numeric_libraries(ward: Ward) -> None:
    group(cpu_max="20000 100000\n")(ward)
    ward.venv(".venv2", libraries=("fastapi",))


def later(*, own: bool, environment: bool, days: float = 3) -> Callable[[Ward], object]:
    """What is installed was written in the future: the same as a clock that went back since."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=("numpy",))
        then = time.time() + days * 86400
        (ward.root / "newer").write_bytes((PACKAGE / "__init__.py").read_bytes())
        os.utime(ward.root / "newer", (then, then))
        if environment:
            os.utime(ward.prefix / "pyvenv.cfg", (then, then))
        if own:
            ward.mounts.append(f"mount --bind '{ward.root}/newer' '{PACKAGE}/__init__.py'")

    return make


def windows(*, long_paths: bool, site: str) -> Callable[[Ward], object]:
    """What was recorded on a Windows machine, as far as it matters here."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=("numpy",))
        facts = json.loads(ward.doctor("snapshot").stdout)
        facts["facts"]["limits"] |= {"long_paths": long_paths, "open_files": None}
        facts["facts"]["place"] |= {"os": "windows", "kind": "machine", "kinds": ["machine"], "shell": "powershell"}
        facts["facts"]["python"] |= {"platform": "win32", "purelib": site}
        ward.write("windows.json", json.dumps(facts))
        ward.args += ["--from", "windows.json"]

    return make


SHORT = "C:\\Users\\me\\project\\.venv\\Lib\\site-packages"
STORE = "C:\\Users\\me\\AppData\\Local\\Packages\\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0\\LocalCache\\local-packages\\Python312\\site-packages"

PATIENTS = [
    Patient(
        "the folder for temporary files holds no more files",
        mounted("mount -t tmpfs -o size=500m,nr_inodes=60 none '{root}/tmp'", FULL_OF_FILES.replace("{folder}", "{root}/tmp")),
        red=("inodes-full",),
        args=SYSTEM,
        needs=("root",),
        also=fixed_with("inodes-full", "TMPDIR"),
    ),
    Patient(
        "the environment holds no more files",
        mounted(
            "cp -a '{prefix}' '{root}/copy'",
            "mount -t tmpfs -o size=20g,nr_inodes=300 none '{prefix}'",
            "cp -a '{root}/copy/.' '{prefix}'",
            FULL_OF_FILES.replace("{folder}", "{prefix}"),
        ),
        red=("inodes-full",),
        args=SYSTEM,
        needs=("root",),
        also=fixed_with("inodes-full", "du --inodes"),
    ),
    Patient("a small disk for few files, hardly used", mounted("mount -t tmpfs -o size=500m,nr_inodes=90 none '{root}/tmp'"), args=SYSTEM, needs=("root",), also=silent_about("temporary files")),
    Patient("few open files", mounted("ulimit -Sn 256"), yellow=("open-files-limit",), args=SYSTEM, needs=("root",), also=fixed_with("open-files-limit", "ulimit -n ")),
    Patient("few open files, and no right to more", mounted("ulimit -n 256"), yellow=("open-files-limit",), args=SYSTEM, needs=("root",), also=fixed_with("open-files-limit", "nofile")),
    Patient("as many open files as is usual", mounted("ulimit -n 1024"), args=SYSTEM, needs=("root",)),
    Patient("a container with little memory", group(memory_max=f"{2 << 30}\n"), yellow=("memory-limit",), args=SYSTEM, needs=("root",)),
    Patient("a container that has used its memory up", group(memory_max=f"{8 << 30}\n", memory_current=f"{(8 << 30) - 4096}\n", memory_stat="inactive_file 4096\n"), yellow=("memory-limit",), args=SYSTEM, needs=("root",)),
    Patient("a container whose memory is full of files only", group(memory_max=f"{8 << 30}\n", memory_current=f"{(8 << 30) - 4096}\n", memory_stat=f"anon 1\nactive_file {7 << 30}\n"), args=SYSTEM, needs=("root",)),
    Patient("a container without a limit of memory", group(memory_max="max\n"), args=SYSTEM, needs=("root",)),
    Patient("a limit of memory that cannot be read", group(memory_max=""), args=SYSTEM, needs=("root",)),
    Patient("a limit above the memory of the machine", group(memory_max=f"{1 << 50}\n", memory_current=f"{(1 << 50) - 4096}\n"), args=SYSTEM, needs=("root",)),
    Patient("a container with a fifth of a processor", group(cpu_max="20000 100000\n"), yellow=("cpu-limit",), args=SYSTEM, needs=("root",), also=fixed_with("cpu-limit", "OMP_NUM_THREADS=1")),
    Patient("few processors, and libraries that know", with_threads_set, args=SYSTEM, needs=("root",)),
    Patient("few processors, and nothing that counts them", without_numeric_libraries, args=SYSTEM, needs=("root",)),
    Patient("all processors", group(cpu_max="max 100000\n"), args=SYSTEM, needs=("root",)),
    Patient("a clock that is behind", later(own=True, environment=True), yellow=("clock-skew",), args=SYSTEM, needs=("root",)),
    Patient("an environment from a machine whose clock was ahead", later(own=False, environment=True), args=SYSTEM),
    Patient("a clock that is behind by hours", later(own=True, environment=True, days=0.5), args=SYSTEM, needs=("root",)),
    Patient("Windows with short paths in a long folder", windows(long_paths=False, site=STORE), yellow=("windows-long-paths",), args=SYSTEM, also=fixed_with("windows-long-paths", "LongPathsEnabled")),
    Patient("Windows with short paths in a short folder", windows(long_paths=False, site=SHORT), args=SYSTEM),
    Patient("Windows with long paths", windows(long_paths=True, site=STORE), args=SYSTEM),
]  # fmt: skip
