"""Every branch of what is said about the make of a Python, by plain calls."""

from __future__ import annotations

from typing import Any

import pytest

from mlenv_checks.imports.checks import blamed_on_python
from mlenv_checks.libraries.checks import libraries_installed
from mlenv_checks.python.facts import Interpreter  # fmt: skip
from mlenv_checks.python.interpreter import a_command_runs_python, lacks, python_is_complete, unserved, wheels_are_made_for_it
from mlenv_checks.venv.facts import Prefix  # fmt: skip
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, OnPath, Place, Python, Venv, Wanted, WantedLibrary

NO_FACT = Missing("x", "error", "could not be read")
NOT_ASKED = Missing("x", "not-asked", "not checked with --quick")
MUSL = Python(version="3.12.4", libc="musl")
ROSETTA = Python(version="3.12.4", platform="darwin", machine="x86_64", apple_silicon=True)
INTEL = Python(version="3.12.4", platform="darwin", machine="x86_64")
ARM = Python(version="3.12.4", platform="darwin", machine="arm64", apple_silicon=True)
FREE = Python(version="3.14.0", free_threaded=True)
EARLY_FREE = Python(version="3.13.0", free_threaded=True)
USUAL = Python(version="3.12.4", libc="glibc 2.36", purelib="/p/site", path=("/p/site",))


def one(found: Any) -> Finding:
    assert isinstance(found, Finding)
    return found


def wanted(*names: str, required: bool = True) -> Wanted:
    return Wanted(tuple(WantedLibrary(name, required=required) for name in names))


def there(*names: str) -> Libraries:
    return Libraries(tuple(Distribution(name, "1.0", "/site") for name in names))


@pytest.mark.parametrize(
    ("python", "wished", "libraries", "status", "cause"),
    [
        (USUAL, wanted("torch"), there(), "pass", ""),
        (ARM, wanted("torch"), there(), "pass", ""),
        (MUSL, wanted("torch", "numpy"), there(), "fail", "musl-libc"),
        (MUSL, wanted("torch"), NO_FACT, "fail", "musl-libc"),
        (MUSL, wanted("torch"), there("torch"), "pass", ""),
        (MUSL, wanted("torch", required=False), there(), "pass", ""),
        (MUSL, wanted("numpy", "openai"), there(), "pass", ""),
        (ROSETTA, wanted("torch"), there(), "fail", "rosetta-x86-python"),
        (ROSETTA, wanted("numpy"), there(), "warn", "rosetta-x86-python"),
        (INTEL, wanted("torch"), there(), "warn", "intel-mac-no-wheels"),
        (INTEL, wanted("torch"), there("torch"), "pass", ""),
        (FREE, wanted("tensorflow"), there(), "fail", "free-threaded-python"),
        (FREE, wanted("torch"), there(), "pass", ""),
        (EARLY_FREE, wanted("torch"), there(), "warn", "free-threaded-python"),
    ],
    ids=[
        "usual", "arm", "musl", "musl, nothing known", "musl and there", "musl, not required", "musl, wheels enough", "rosetta",
        "rosetta, wheels enough", "intel", "intel and there", "free", "free on purpose", "free too early",
    ],
)  # fmt: skip
def test_wheels(python: Python, wished: Wanted, libraries: Libraries | Missing, status: str, cause: str) -> None:
    found = one(wheels_are_made_for_it(python, wished, libraries))
    assert (found.status.value, found.cause) == (status, cause)
    assert (found.fix is not None) == bool(cause)
    assert "numpy" not in found.message


@pytest.mark.parametrize(
    ("python", "name", "expected"),
    [(USUAL, "torch", False), (MUSL, "torch", True), (MUSL, "numpy", False), (ROSETTA, "torch", True), (INTEL, "torch", False)],
)
def test_what_cannot_be_installed_is_told_once(python: Python, name: str, expected: bool) -> None:
    assert unserved(name, python) == expected
    (found,) = libraries_installed(wanted(name), there(), python, Prefix())
    assert (found.status.value, found.blocked_by) == (("skip", "python.wheels") if expected else ("fail", None))


def interpreter(**lacking: str) -> Interpreter:
    return Interpreter(lacking=lacking)


SSL_GONE = "libssl.so.1.1: cannot open shared object file"
NEEDS_LZMA = Imports((Imported("mlflow", "error", message="No module named '_lzma'"),))
ELSEWHERE = Python(base_prefix="/usr", own_prefix="/opt/python", python_home="/usr")
FOREIGN = Interpreter(library="/usr/lib/libpython3.11.so.1.0", own_library="/opt/lib/libpython3.11.so.1.0")
FOREIGN_AND_LACKING = Interpreter({"_ssl": "undefined symbol"}, FOREIGN.library, FOREIGN.own_library)


@pytest.mark.parametrize(
    ("read", "python", "imports", "status", "cause", "says"),
    [
        (interpreter(), USUAL, NO_FACT, "pass", "", "complete"),
        (interpreter(_ssl=""), USUAL, NO_FACT, "fail", "stdlib-extension-missing", "incomplete: _ssl are missing"),
        (interpreter(_ssl=SSL_GONE), USUAL, NO_FACT, "fail", "stdlib-extension-missing", "do not load"),
        (interpreter(_ctypes=""), USUAL, NO_FACT, "fail", "stdlib-extension-missing", "_ctypes"),
        (interpreter(_lzma="", _bz2=""), USUAL, NO_FACT, "warn", "stdlib-extension-missing", "_bz2, _lzma"),
        (interpreter(_lzma=""), USUAL, Imports(), "warn", "stdlib-extension-missing", "_lzma"),
        (interpreter(_lzma=""), USUAL, NEEDS_LZMA, "fail", "stdlib-extension-missing", "_lzma"),
        (interpreter(_ssl=""), ELSEWHERE, NO_FACT, "skip", "", "another Python"),
        (interpreter(), ELSEWHERE, NO_FACT, "pass", "", "complete"),
        (FOREIGN, USUAL, NO_FACT, "warn", "foreign-libpython", "/usr/lib/libpython"),
        (FOREIGN, Python(purelib="/p/site"), NO_FACT, "fail", "foreign-libpython", "site-packages are not on sys.path"),
        (FOREIGN_AND_LACKING, USUAL, NO_FACT, "fail", "foreign-libpython", "_ssl does not load"),
        (NO_FACT, USUAL, NO_FACT, "unknown", "", "could not be read"),
        (NOT_ASKED, USUAL, NO_FACT, "skip", "", "--quick"),
        (NO_FACT, NO_FACT, NO_FACT, "skip", "", "did not answer"),
        (interpreter(), NO_FACT, NO_FACT, "skip", "", "did not answer"),
    ],
)  # fmt: skip
def test_complete(
    read: Interpreter | Missing, python: Python | Missing, imports: Imports | Missing, status: str, cause: str, says: str
) -> None:
    found = one(python_is_complete(read, python, imports))
    assert (found.status.value, found.cause) == (status, cause)
    assert says in found.message
    assert (found.fix is not None) == bool(cause)


def test_an_import_for_want_of_the_standard_library() -> None:
    lacking = interpreter(_ctypes="", _ssl=SSL_GONE, _bz2="")
    assert lacks(Imported("torch", "error", message="No module named '_ctypes'"), lacking)
    assert lacks(Imported("openai", "error", message=SSL_GONE), lacking)
    assert blamed_on_python(Imported("torch", "error", message="No module named '_ctypes'"), lacking) == "python.complete"
    for other in (
        Imported("torch", "error", message="No module named 'sympy'"),
        Imported("torch", "error", message=""),
        Imported("torch", "ok", message="No module named '_ctypes'"),
    ):
        assert not lacks(other, lacking)
        assert blamed_on_python(other, lacking) == ""
    assert not lacks(Imported("torch", "error", message="No module named '_ctypes'"), NO_FACT)


def on_path(*names: str) -> tuple[OnPath, ...]:
    return tuple(OnPath(name, f"/usr/bin/{name}") for name in names)


LINUX, WINDOWS = Place(), Place(os="windows")


@pytest.mark.parametrize(
    ("venv", "place", "status", "says"),
    [
        (Venv(commands=on_path("python", "python3")), LINUX, "pass", "`python` is /usr/bin/python"),
        (Venv(commands=on_path("python3")), LINUX, "pass", "type python3"),
        (Venv(commands=on_path("pip"), chosen_by="self"), LINUX, "warn", "are not on PATH"),
        (Venv(chosen_by="VIRTUAL_ENV", virtual_env="/v", virtual_env_exists=True), LINUX, "warn", "are not on PATH"),
        (Venv(chosen_by="VIRTUAL_ENV", virtual_env="/v"), LINUX, "skip", "no `python`"),
        (Venv(chosen_by="--python"), LINUX, "skip", "is not needed"),
        (Venv(chosen_by="kernel"), LINUX, "skip", "is not needed"),
        (Venv(chosen_by="project"), LINUX, "skip", "is not needed"),
        (Venv(chosen_by="self", lock="uv"), LINUX, "skip", "is not needed"),
        (Venv(chosen_by="self"), WINDOWS, "skip", "type py"),
    ],
)
def test_command(venv: Venv, place: Place, status: str, says: str) -> None:
    found = one(a_command_runs_python(venv, USUAL, place))
    assert (found.status.value, found.cause) == (status, "python-command-missing" if status == "warn" else "")
    assert says in found.message
    assert one(a_command_runs_python(venv, NO_FACT, place)).blocked_by == "python.starts"
