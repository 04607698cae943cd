"""Patients whose Python is too old, of the wrong kind, not what the project asks for, or does not start."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import Ward

# What else these patients have to say: nothing of a Python that does not start can be judged.
FEW = ("python", "venv", "libraries")


def of_version(minor: str) -> Callable[[Ward], object]:
    """A venv of another Python, with everything in it."""
    return lambda ward: ward.venv(python=other_python(minor))


def with_start_file(text: str, name: str = "sitecustomize.py") -> Callable[[Ward], object]:
    """A venv in which a file runs at every start."""

    def make(ward: Ward) -> None:
        ward.venv()
        (ward.site / name).write_text(text)

    return make


def saying_it_is(*version: object, requirements: str = "") -> Callable[[Ward], object]:
    """A Python that says it is of another version: newer ones than those that exist cannot be had otherwise."""

    def make(ward: Ward) -> None:
        with_start_file(f"import sys; sys.version_info = {version!r}")(ward)
        config = ward.prefix / "pyvenv.cfg"
        config.write_text(re.sub(r"version = .*", f"version = {version[0]}.{version[1]}", config.read_text()))
        if requirements:
            ward.write("requirements.txt", requirements)

    return make


def with_project(text: str, name: str = "pyproject.toml", minor: str = "3.11") -> Callable[[Ward], object]:
    """A project that says which Python it wants."""

    def make(ward: Ward) -> None:
        of_version(minor)(ward)
        ward.write(name, text)

    return make


def ancient(ward: Ward) -> None:
    """Python 2.7 is the only one there is."""
    (ward.bin / "python").symlink_to(other_python("2.7"))


def wrapper(line: str) -> Callable[[Ward], object]:
    """The interpreter of the environment is a script."""

    def make(ward: Ward) -> None:
        python = ward.venv()
        kept = python.with_name("python-kept")
        kept.symlink_to(python.resolve())
        python.unlink()
        ward.script(python, f"#!/bin/sh\n{line}\n".replace("KEPT", str(kept)))

    return make


def lost_rights(ward: Ward) -> None:
    """The interpreter is a file that may not be run."""
    python = ward.venv()
    target = python.resolve()
    python.unlink()
    shutil.copy(target, python)
    python.chmod(0o644)


def says(*words: str) -> Callable[[Visit], None]:
    """The one red line names these."""

    def look(visit: Visit) -> None:
        (red,) = visit.findings("fail")
        assert all(word in red["message"] for word in words), red["message"]
        assert red["fix"]

    return look


def starts(visit: Visit) -> None:
    assert {f["status"] for f in visit.findings() if f["id"] in ("python.starts", "python.version", "python.build")} == {"pass"}


def warned_of_its_age(visit: Visit) -> None:
    assert "python-too-old" in visit.causes("warn"), f"\n{visit}"


def no_second_line(visit: Visit) -> None:
    assert {f["status"] for f in visit.findings() if f["id"].startswith("python.")} <= {"fail", "skip"}, f"\n{visit}"


def asks(wanted: str) -> str:
    return f'[project]\nname = "p"\nversion = "1"\nrequires-python = "{wanted}"\n'


THIRTY_TWO = "import struct\nreal = struct.calcsize\nstruct.calcsize = lambda text: 4 if text == 'P' else real(text)\n"
HANG = "import time; time.sleep(600)"
NOISE = "import sys; print('x' * 300_000); sys.stderr.write('y' * 300_000)"
DEAD = "python-does-not-start"
OLD = ("python-too-old",)
UNMET = ("requires-python-unmet",)

PATIENTS = [
    Patient("newer than all wheels", saying_it_is(3, 19, 0, "final", 0), yellow=("python-too-new",), args=FEW),
    Patient("not released yet", saying_it_is(3, 15, 0, "alpha", 2), yellow=("python-too-new",), args=FEW),
    Patient("no wheel yet", saying_it_is(3, 14, 0, "final", 0, requirements="tensorflow\nnumpy\n"), red=("python-too-new",), args=FEW),
    Patient("wheels enough", saying_it_is(3, 14, 0, "final", 0, requirements="numpy\nlightgbm\n"), args=FEW),
    *(Patient(f"Python {m}", of_version(m), red=OLD, needs=(f"python{m}",)) for m in ("3.6", "3.7", "3.8", "3.9")),
    Patient("Python 3.10", of_version("3.10"), needs=("python3.10",), also=warned_of_its_age),
    Patient("Python 3.11", of_version("3.11"), needs=("python3.11",), also=starts, absent=("python-too-old",)),
    Patient("Python 3.12", of_version("3.12"), needs=("python3.12",), also=starts, absent=("python-too-old", "python-too-new")),
    Patient("Python 3.13", of_version("3.13"), needs=("python3.13",), also=starts, absent=("python-too-old", "python-too-new")),
    Patient("Python 2.7", ancient, red=("python-too-old",), needs=("python2.7",), yellow=None, args=FEW, also=says("2.7")),
    Patient(
        "an old project, frozen on purpose",
        with_project("numpy<3\n", "requirements.txt", "3.9"),
        needs=("python3.9",),
        also=warned_of_its_age,
    ),
    Patient("32 bits", with_start_file(THIRTY_TWO), red=("python-32bit",)),
    Patient("prints 300 kB at the start", with_start_file(NOISE), also=starts),
    Patient("sitecustomize ends it silently", with_start_file("import os; os._exit(7)"), red=(DEAD,), also=says("exit code 7")),
    Patient("sitecustomize crashes", with_start_file("import os; os.kill(os.getpid(), 11)"), red=(DEAD,), also=says("SIGSEGV")),
    Patient("sitecustomize hangs", with_start_file(HANG), red=(DEAD,), args=("--timeout", "2"), also=says("2 s")),
    Patient(
        "hangs and ignores SIGTERM",
        with_start_file("import signal; signal.signal(15, signal.SIG_IGN)\n" + HANG),
        red=(DEAD,),
        args=("--timeout", "2"),
    ),
    Patient("interpreter may not be run", lost_rights, red=(DEAD,), also=no_second_line),
    Patient("interpreter is something else", wrapper("exit 0"), red=(DEAD,)),
    Patient("the project asks for a newer one", with_project(asks(">=3.13")), red=UNMET, also=says("3.11", ">=3.13")),
    Patient("the project asks for an older one", with_project(asks(">=3.8,<3.11")), red=UNMET, also=says("<3.11")),
    Patient("too old, and the project says so", with_project(asks(">=3.11"), minor="3.9"), red=UNMET, needs=("python3.9",)),
    Patient(".python-version names another", with_project("3.13\n", ".python-version"), red=UNMET),
    Patient(".python-version names this one", with_project("3.11.7\n", ".python-version"), also=starts),
    Patient(".python-version names a pyenv environment", with_project("my-env\n", ".python-version"), also=starts),
    Patient("the project asks for this one", with_project(asks(">=3.10")), also=starts),
]  # fmt: skip
