"""Libraries of the whole cheat sheet that load and do not work: broken in a throw-away copy, or by the machine around them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from families.works.patients import DEEP, fails, of_work, start_file, works
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

EVERYTHING = (
    "numpy", "sqlite3", "pandas", "matplotlib", "seaborn", "jupyter", "scikit-learn", "xgboost", "lightgbm", "torch", "openai",
    "anthropic", "fastapi", "mlflow", "python-dotenv", "joblib", "uvicorn",
)  # fmt: skip

SOME = ("numpy", "matplotlib", "jupyter", "openai", "fastapi")  # threads, files in the home folder, loopback


def asking(*names: str) -> Callable[[Ward], None]:
    """A project that asks for these libraries only."""
    return lambda ward: ward.write("requirements.txt", "\n".join(names) + "\n") and None


def broken(
    id: str, *breaking: str, red: tuple[str, ...] = (), asks: tuple[str, ...] = (), also: Callable[[Visit], object] | None = None,
    harm: Callable[[Ward], object] = lambda ward: None,
) -> Patient:  # fmt: skip
    def make(ward: Ward) -> None:
        ward.heavy(*breaking)
        if asks:
            asking(*asks)(ward)
        harm(ward)

    return Patient(id, make, red, yellow=None, also=also, args=DEEP, needs=("heavy",), slow=True)


def everything_works(visit: Visit) -> None:
    """All of it, or all that a busy machine had the time for: the verdict is the same."""
    works(*EVERYTHING)(visit)
    if set(of_work(visit, "pass")) != set(EVERYTHING):
        return
    stages = {stage["name"]: (stage["ready"], stage["works"]) for stage in visit.report["stages"]}
    assert stages["foundations"] == stages["core-ml"] == stages["deep-learning"] == (True, True), stages


def blanks(ward: Ward) -> None:
    """The project lies in a folder with blanks in its name."""
    project = ward.root / "my project"
    project.mkdir()
    (project / "requirements.txt").write_text((ward.project / "requirements.txt").read_text())
    ward.mounts.append(f"cd '{project}'")


def offline(ward: Ward) -> None:
    """No network but the machine's own loopback."""
    up = ward.root / "up.py"
    up.write_text(  # SIOCSIFFLAGS: https://man7.org/linux/man-pages/man7/netdevice.7.html
        "import fcntl, socket, struct\nfcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14x', b'lo', 0x43))\n"
    )
    ward.script(ward.root / "offline", f'#!/bin/sh\n{sys.executable} {up} && exec "$@"\n')
    ward.mounts.append(f"exec {shutil.which('unshare')} --net '{ward.root}/offline' \"$@\"")


def without_home(ward: Ward) -> None:
    del ward.environ["HOME"]


def patch(file: str, old: str, new: str) -> str:
    """Another text in a file; the size stays, as do the metadata."""
    return f"grep -q '{old}' {file}; sed -i 's/{old}/{new}/' {file}"


PATIENTS = [
    broken("all of it works", also=everything_works),
    broken("it works without a home folder", harm=without_home, asks=SOME, also=works(*SOME)),
    broken("it works in a path with blanks", harm=blanks, asks=SOME, also=works(*SOME)),
    broken("it works offline", harm=offline, asks=SOME, also=works(*SOME)),
    broken("scikit-learn needs no shared memory", "mount -t tmpfs -o ro none /dev/shm", asks=("scikit-learn",), also=works("scikit-learn")),
    broken("hardly any shared memory", "mount -t tmpfs -o size=512k none /dev/shm", red=("shm-too-small",), asks=("torch",), also=fails("torch", "Shared memory (/dev/shm) is too small")),
    broken("shared memory that is read-only", "mount -t tmpfs -o ro none /dev/shm", red=("shm-not-writable",), asks=("torch",), also=fails("torch", "/dev/shm is not writable")),
    broken("a kernel that dies at its start", red=("kernel-dies",), asks=("jupyter",), harm=start_file("import os\nos.abort()\n"), also=fails("jupyter", "dies at its start")),
]  # fmt: skip
