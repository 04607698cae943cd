"""What does not compile or load, read with what this machine has: the exact package, or that nothing is missing here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlenv_doctor.knowledge.reading import Kind
from mlenv_doctor.knowledge.text import comes_from_elsewhere, named_libraries
from mlenv_doctor.patient import Native, SharedLibraries, SharedLibrary

from .reading import of

HEADER = "x.c:1:10: fatal error: Python.h: No such file or directory"
CHROMA = "RuntimeError: Your system has an unsupported version of sqlite3. Chroma requires sqlite3 >= 3.35.0."
GL = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
SYSTEM = Native(headers="/usr/include/python3.11")
WHOLE = Native({"gcc": "/usr/bin/gcc-12"}, "/usr/include/python3.11", True, "3.40.1", ("_tkinter",))


@pytest.mark.parametrize(
    ("distro", "command"),
    [
        ("debian", "sudo apt-get install python3.11-dev"),
        ("fedora", "sudo dnf install python3.11-devel"),
        ("alpine", "sudo apk add python3-dev"),
        ("suse", "sudo zypper install python311-devel"),
        ("other", "sudo apt-get install python3.11-dev"),
    ],
)
def test_the_package_with_exactly_these_headers(distro: str, command: str) -> None:
    found = of(HEADER, python="3.11.7", native=SYSTEM, distro=distro)
    assert (found.cause, found.here) == ("system-headers-missing", "")
    assert found.cure and found.cure.run == (command,)


def test_the_folder_in_the_compilers_command_decides() -> None:
    """The build was for another Python than the one that is examined."""
    found = of(f"gcc -I/usr/include/python3.13 -c x.c\n{HEADER}", python="3.11.7", native=WHOLE, distro="debian")
    assert found.cure and found.cure.run == ("sudo apt-get install python3.13-dev",) and not found.here
    assert "Python 3.13" in found.message
    alone = of(f"gcc -I/usr/include/python3.13 -c x.c\n{HEADER}")
    assert alone.message == found.message


def test_a_python_that_brings_its_own_headers() -> None:
    found = of(HEADER, python="3.11.7", native=Native(headers="/home/ada/.local/share/uv/python/cpython-3.11/include/python3.11"))
    assert found.cure and not found.cure.run and "cpython-3.11 lost" in found.cure.says


def test_headers_that_are_there() -> None:
    found = of(HEADER, python="3.11.7", native=WHOLE, distro="debian")
    assert "Python.h of this Python is installed (/usr/include/python3.11)" in found.here
    assert not of("fatal error: portaudio.h: No such file or directory", python="3.11.7", native=WHOLE).here
    assert not of(HEADER).here


@pytest.mark.parametrize(
    ("text", "distro", "cause", "command"),
    [
        (
            "error: command 'gcc' failed: No such file or directory",
            "debian",
            "compiler-missing",
            "apt-get install build-essential",
        ),
        (
            "unable to execute 'x86_64-linux-gnu-gcc': No such file",
            "debian",
            "compiler-missing",
            "apt-get install build-essential",
        ),
        (
            "RuntimeError: Failed to find C compiler. Please specify via CC",
            "fedora",
            "compiler-missing",
            "dnf install gcc gcc-c++ make",
        ),
        ("/bin/sh: 1: cmake: not found", "alpine", "cmake-missing", "apk add cmake"),
        ("bash: line 1: ninja: command not found", "debian", "build-tools-missing", "apt-get install ninja-build"),
        ("Error: pg_config executable not found.", "debian", "pg-config-missing", "apt-get install libpq-dev"),
        ("error: can't find Rust compiler", "arch", "rust-missing", "pacman -S rust"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "debian", "cmake-missing", "apt-get install cmake"),
    ],
)
def test_tools_that_are_missing_here(text: str, distro: str, cause: str, command: str) -> None:
    found = of(text, native=SYSTEM, distro=distro)
    assert (found.kind, found.cause, found.here) == (Kind.ENVIRONMENT, cause, "")
    assert found.cure and found.cure.run == (f"sudo {command}",) and found.cure.admin


def test_tools_that_are_there_or_of_an_unknown_system() -> None:
    text = "error: command 'x86_64-linux-gnu-gcc-12' failed: No such file or directory"
    assert of(text, native=WHOLE, distro="debian").here.startswith("gcc is installed on this machine (/usr/bin/gcc-12)")
    unknown = of(text, native=SYSTEM, distro="other")
    assert unknown.cause == "compiler-missing" and not unknown.here
    assert not of("error: command '/opt/x/strange-9!' failed: No such file or directory", native=WHOLE).here
    assert not of("error: command 'swig' failed: No such file or directory", native=WHOLE).here


def test_the_sqlite_that_python_is_linked_to() -> None:
    old = of(CHROMA, native=Native(sqlite="3.31.1"))
    assert old.cause == "sqlite-too-old" and not old.here and old.cure and "3.31.1 here" in " ".join(old.cure.notes)
    assert "SQLite 3.40.1, which is new enough" in of(CHROMA, native=WHOLE).here
    assert of("django: SQLite 3.45 or later is required (found 3.40.1).", native=WHOLE).here == ""
    assert not of(CHROMA).here and not of(CHROMA, native=Native()).here


def test_modules_of_the_standard_library() -> None:
    for name in ("_sqlite3", "_ctypes", "ctypes"):
        assert "the program ran with another Python" in of(f"ModuleNotFoundError: No module named '{name}'", native=WHOLE).here
    for name in ("_tkinter", "tkinter", "peft"):
        assert not of(f"ModuleNotFoundError: No module named '{name}'", native=WHOLE).here
    assert not of("ModuleNotFoundError: No module named '_sqlite3'").here


def test_a_shared_library_that_is_missing_with_others() -> None:
    found = SharedLibrary("libGL.so.1", "", "/v/site-packages/cv2/cv2.abi3.so", ("libGL.so.1", "libSM.so.6", "libtorch.so"))
    reading = of(GL, shared=SharedLibraries(True, (found,)), distro="debian")
    assert reading.message == "cv2.abi3.so needs libGL.so.1 and libSM.so.6, which are not installed on this system"
    assert reading.cure and reading.cure.run == ("sudo apt-get install libgl1 libglib2.0-0 libsm6",) and not reading.here
    frame = f'  File "/v/lib/python3.11/site-packages/cv2/__init__.py", line 8, in <module>\n{GL}'
    alone = of(frame, shared=SharedLibraries(True, (SharedLibrary("libGL.so.1", "", "/v/cv2/cv2.so", ("libGL.so.1",)),)))
    assert "(cv2.so) needs libGL.so.1, which is not installed" in alone.message


def test_a_shared_library_that_is_there() -> None:
    there = SharedLibraries(True, (SharedLibrary("libGL.so.1", "/lib/libGL.so.1"),))
    reading = of(GL, shared=there)
    assert reading.message == "A library needs libGL.so.1, which was not found when the program ran"
    assert reading.here.startswith("libGL.so.1 is installed on this machine (/lib/libGL.so.1)")
    assert not of(GL, shared=SharedLibraries(True)).here


def test_what_a_text_names() -> None:
    text = (
        'File "/v/lib/python3.11/site-packages/cv2/__init__.py"\nFile "/v/site-packages/a\\b.py"\n'
        + GL
        + " libX.so.1.2x libgone.so"
    )
    assert named_libraries(text) == (("libGL.so.1", "libgone.so"), ("a", "cv2"))


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        (f"#12 4.513 {HEADER}", True),
        (f"{HEADER}\nERROR: failed to solve: process did not complete", True),
        (f"{HEADER}\nThe command '/bin/sh -c pip install x' returned a non-zero code: 1", True),
        (HEADER, False),
        ("# 12 things to know", False),
    ],
)
def test_the_build_of_an_image_is_another_machine(text: str, elsewhere: bool) -> None:
    assert comes_from_elsewhere(text, "/v", "linux") == elsewhere


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="compiled with gcc on Linux")
def test_a_real_module_whose_library_was_removed(tmp_path: Path) -> None:
    """A module is linked to MPI, which is then removed; where LD_LIBRARY_PATH leads to one, nothing is missing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (site / "sick").mkdir()
    (site / "sick/__init__.py").write_text("import ctypes, os\nctypes.CDLL(os.path.join(os.path.dirname(__file__), 'core.so'))\n")
    (tmp_path / "c.c").write_text("int f(void) { return 1; }\n")
    library, module = tmp_path / "kept/libmpi.so.40", site / "sick/core.so"
    library.parent.mkdir()
    for file, more in ((library, ["-Wl,-soname,libmpi.so.40"]), (module, ["-Wl,--no-as-needed", str(library)])):
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", file, tmp_path / "c.c", *more], check=True)
    python = str(tmp_path / "env/bin/python")
    failed = subprocess.run([python, "-c", "import sick"], capture_output=True, text=True, cwd=tmp_path)
    if failed.returncode == 0:
        pytest.skip("this system has MPI")
    assert "libmpi.so.40: cannot open shared object file" in failed.stderr

    def said(**more: str) -> dict[str, Any]:
        doctor = "import sys; from mlenv_doctor.cli.entry import main; sys.argv[0] = 'mlenv-doctor'; main()"
        command = [sys.executable, "-c", doctor, "explain", failed.stderr, "--python", python, "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, **more})
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    missing = said()
    assert missing["message"] == "sick (core.so) needs libmpi.so.40, which is not installed on this system"
    assert (missing["cause"], missing["here"]) == ("shared-library-missing", None)
    assert str(library) in said(LD_LIBRARY_PATH=str(library.parent))["here"]
