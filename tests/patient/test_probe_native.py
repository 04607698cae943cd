"""What native code needs, read for real: tools, headers, SQLite, extension modules, and what compiled files are linked to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.patient import other_python
from mlenv_doctor.patient import Native, SharedLibraries, SharedLibrary
from mlenv_doctor.patient.probes.elf import LONGEST, linked, word
from support.probing import probe

linux = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="compiled with gcc on Linux")


def read(python: str | Path = sys.executable, **env: str) -> Native:
    found = probe(Native, python=python, env=env)
    assert isinstance(found, Native), found
    return found


def test_this_python() -> None:
    found = read()
    headers = sysconfig.get_path("include")
    assert (found.headers, found.has_headers) == (headers, os.path.isfile(f"{headers}/Python.h"))
    assert found.sqlite == sqlite3.sqlite_version
    assert "_sqlite3" not in found.lacking and "zlib" not in found.lacking
    assert ("cmake" in found.tools) == bool(shutil.which("cmake"))


@pytest.mark.parametrize("minor", ["3.6", "3.8", "3.10", "3.12", "3.13"])
def test_other_pythons(minor: str) -> None:
    found = read(other_python(minor))
    assert found.sqlite.startswith("3.") and not {"_ssl", "_sqlite3", "_bz2"} & set(found.lacking)
    assert found.headers.rstrip("m").endswith(f"python{minor}")


def test_a_python_without_headers(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (site / "sitecustomize.py").write_text(
        "import sysconfig\nold = sysconfig.get_path\n"
        f"sysconfig.get_path = lambda name, *more: {str(tmp_path)!r} if 'include' in name else old(name, *more)\n"
    )
    found = read(tmp_path / "env/bin/python")
    assert (found.headers, found.has_headers) == (str(tmp_path), False)


def test_tools_on_the_path_and_a_compiler_that_a_variable_names(tmp_path: Path) -> None:
    for name in ("cmake", "mycc-12"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "ninja").write_text("not executable")
    os.symlink(tmp_path / "mycc-12", tmp_path / "gcc")
    found = read(PATH=str(tmp_path), CC=f"{tmp_path}/mycc-12 -m64", CXX="nothing-there")
    assert found.tools == {
        name: str(tmp_path / file) for name, file in {"cmake": "cmake", "gcc": "mycc-12", "cc": "mycc-12"}.items()
    }


def built(folder: Path, name: str, *needs: str, options: tuple[str, ...] = ()) -> Path:
    """A shared library that is linked to others of the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    stem = name.partition(".")[0].removeprefix("lib")
    calls = "".join(f"int {need}(void); int use_{need}_{stem}(void) {{ return {need}(); }}" for need in needs)
    source = folder / f"{stem}.c"
    source.write_text(f"int {stem}(void) {{ return 1; }} {calls}")
    links = [str(folder.parent / "lib" / f"lib{need}.so.1") for need in needs]
    command = ["gcc", "-shared", "-fPIC", "-o", file, source, *links, f"-Wl,-soname,{name}", "-Wl,--no-as-needed", *options]
    subprocess.run(command, check=True)
    source.unlink()
    return file


@linux
def test_a_library_that_was_removed(tmp_path: Path) -> None:
    """A compiled module is linked to two libraries; one is then removed, the other lies where LD_LIBRARY_PATH leads."""
    site = tmp_path / "x-packages"
    for name in ("gone", "kept"):
        built(tmp_path / "lib", f"lib{name}.so.1", options=())
    (site / "cv").mkdir(parents=True)
    os.symlink(tmp_path / "lib", site / "lib")
    module = built(site / "cv", "core.so", "gone", "kept")
    (tmp_path / "lib/libgone.so.1").unlink()
    found = probe(
        SharedLibraries,
        env={"PYTHONPATH": str(site), "LD_LIBRARY_PATH": str(tmp_path / "lib")},
        libraries=["libgone.so.1", "libkept.so.1", "libc.so.6"],
        packages=["cv", "nothing"],
    )
    assert isinstance(found, SharedLibraries) and found.looked
    assert found.find("libgone.so.1") == SharedLibrary("libgone.so.1", "", str(module), ("libgone.so.1",))
    kept = found.find("libkept.so.1")
    assert kept and kept.file == str(tmp_path / "lib/libkept.so.1")
    libc = found.find("libc.so.6")
    assert libc and os.path.isfile(libc.file)


@linux
def test_folders_that_a_file_brings_with_it(tmp_path: Path) -> None:
    """Wheels put what they bring into a folder beside them and name it relative to their own file."""
    site = tmp_path / "x-packages"
    built(tmp_path / "lib", "libinner.so.1")
    built(tmp_path / "lib", "libdeep.so.1")
    (site / "cv").mkdir(parents=True)
    os.symlink(tmp_path / "lib", site / "lib")
    built(site / "cv.libs", "libinner.so.1", "deep")
    built(site / "cv", "core.so", "inner", options=("-Wl,-rpath,$ORIGIN/../cv.libs",))
    found = probe(SharedLibraries, env={"PYTHONPATH": str(site)}, libraries=["libdeep.so.1"], packages=["cv"])
    assert isinstance(found, SharedLibraries)
    assert found.libraries == (SharedLibrary("libdeep.so.1", "", str(site / "cv.libs/libinner.so.1"), ("libdeep.so.1",)),)


@linux
@pytest.mark.parametrize("cut", [0, 3, 20, 64, 100, 300, 700])
def test_a_file_that_was_cut_off(tmp_path: Path, cut: int) -> None:
    file = built(tmp_path, "libwhole.so.1")
    file.write_bytes(file.read_bytes()[:cut])
    found = linked(str(file))
    assert found is None or found.needed == []


@given(st.binary(max_size=200))
def test_no_file_is_too_strange(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "strange.so"
    for start in (b"", b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x02\x01"):
        file.write_bytes(start + data)
        linked(str(file))


def test_a_name_without_an_end_is_cut() -> None:
    assert word(b"..libm.so.6\0rest", 2) == "libm.so.6"
    assert len(word(b"x" * 1_000_000, 0)) == LONGEST and word(b"abc", 9) == ""


def test_what_is_no_file(tmp_path: Path) -> None:
    assert linked(str(tmp_path)) is None and linked(str(tmp_path / "nothing")) is None


def test_nothing_is_looked_up_where_nothing_is_named() -> None:
    assert probe(SharedLibraries) == SharedLibraries()
