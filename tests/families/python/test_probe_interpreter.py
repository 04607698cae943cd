"""The probe of how whole a Python is, run for real in whole and in damaged ones."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from families.python.patients_interpreter import system_library
from lab.patient import other_python
from mlenv_checks.python.facts import Interpreter, PathEntry
from support.probing import probe

OWN = "{}.{}".format(*sys.version_info)


def read(python: Path | str = sys.executable, names: tuple[str, ...] = ("numpy", "pandas"), **env: str) -> Interpreter:
    found = probe(Interpreter, python=python, env=env, names=list(names))
    assert isinstance(found, Interpreter), found
    return found


def package(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("raise SystemExit('this is never run')")


@pytest.mark.parametrize("minor", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"])
def test_whole_pythons_lack_nothing(minor: str) -> None:
    found = read(other_python(minor))
    assert (found.lacking, found.own_library, found.python_path) == ({}, "", ())


@pytest.mark.skipif(not os.path.exists("/usr/bin/python3"), reason="no Python of the system")
def test_the_system_s_own_python_is_whole() -> None:
    found = read("/usr/bin/python3", PYTHONPATH="/usr/lib/python3/dist-packages")
    assert (found.lacking, found.own_library) == ({}, "")
    assert not [entry for entry in found.python_path if entry.minor]


def test_which_library_it_runs_with() -> None:
    shared = sysconfig.get_config_var("Py_ENABLE_SHARED") and sys.platform == "linux"
    assert bool(read().library) == bool(shared)


def test_a_library_of_another_python() -> None:
    folder = system_library()
    found = read(LD_LIBRARY_PATH=str(folder))
    assert Path(found.library).parent == folder.resolve()
    assert found.own_library.startswith(sys.base_prefix)


def test_extension_modules_that_are_blocked_or_do_not_load(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (site / "sitecustomize.py").write_text(
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == '_ctypes':\n"
        "            raise ImportError('libffi.so.6: cannot open shared object file')\n"
        "sys.meta_path.insert(0, Gone())\n"
    )
    assert read(tmp_path / "env/bin/python").lacking == {"_ctypes": "libffi.so.6: cannot open shared object file"}


def test_folders_of_pythonpath(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    other, same, code = (
        tmp_path / "o/lib/python3.4/site-packages",
        tmp_path / f"s/lib/python{OWN}/site-packages",
        tmp_path / "src",
    )
    windows, ros = tmp_path / "Python34/Lib/site-packages", tmp_path / "ros/lib/python3.4/site-packages"
    for folder in (other, same, code, site, windows):
        package(folder, "numpy")
    package(ros, "rclpy")
    (code / "pandas.py").write_text("")
    entries = ["", other, f"{same}/", code, site, windows, ros, tmp_path / "nowhere", other]
    found = read(tmp_path / "env/bin/python", PYTHONPATH=os.pathsep.join(map(str, entries)))
    hidden = ("numpy",)
    assert found.python_path == (
        PathEntry(str(other), "3.4", ("numpy",), hidden),
        PathEntry(f"{same}/", OWN, ("numpy",), hidden),
        PathEntry(str(code), "", ("numpy", "pandas"), hidden),
        PathEntry(str(windows), "3.4", ("numpy",), hidden),
        PathEntry(str(ros), "3.4", (), ()),
    )
