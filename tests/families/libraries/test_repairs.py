"""Repairs of libraries: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from families.libraries.patients import leftovers
from lab.real import at_the_index
from lab.repairing import repair
from lab.ward import Ward


@pytest.mark.parametrize(
    "name, moved, cause",
    [
        ("pandas.py", "my_pandas.py", "shadowed-by-file"),
        ("random.py", "my_random.py", "shadowed-stdlib-module"),
        ("torch/__init__.py", "my_torch/__init__.py", "shadowed-by-file"),
    ],
)
def test_renaming_uncovers_the_library(tmp_path: Path, name: str, moved: str, cause: str) -> None:
    ward = Ward(tmp_path / "with a blank")
    ward.venv()
    ward.write(name, "mine")
    repair(ward, cause)
    assert (ward.project / moved).read_text() == "mine"


def test_cleaning_removes_the_leftovers_and_nothing_else(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    leftovers(ward)
    kept = {path for path in ward.site.iterdir() if not path.name.startswith("~")}
    repair(ward, "interrupted-install")
    assert set(ward.site.iterdir()) == kept


@pytest.fixture
def real(tmp_path: Path) -> Ward:
    """An environment with a real pip, and what is needed to reach the package index from here."""
    ward = Ward(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", ward.project / ".venv"], check=True)
    at_the_index(ward)
    ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}
    return ward


def pip(ward: Ward, *words: str) -> None:
    subprocess.run([ward.python, "-m", "pip", "install", "--quiet", *words], check=True, env=ward.environ, capture_output=True)


def nothing_installed(ward: Ward) -> None:
    ward.write("requirements.txt", "joblib\n")


def folder_in_place(ward: Ward) -> None:
    ward.write("requirements.txt", "joblib\n")
    ward.write("joblib/data.csv", "1\n")


def too_old(ward: Ward) -> None:
    pip(ward, "joblib==1.3.2")
    ward.write("requirements.txt", "joblib>=1.4\n")


def files_gone(ward: Ward) -> None:
    pip(ward, "joblib")
    subprocess.run(["rm", "-r", ward.site / "joblib"], check=True)
    ward.write("requirements.txt", "joblib\n")


def metadata_gone(ward: Ward) -> None:
    pip(ward, "joblib")
    subprocess.run(["rm", "-r", *ward.site.glob("joblib-*.dist-info")], check=True)
    ward.write("requirements.txt", "joblib\n")


def file_broken(ward: Ward) -> None:
    pip(ward, "joblib")
    (ward.site / "joblib/__init__.py").write_text("raise ImportError('broken')")
    ward.write("requirements.txt", "joblib\n")


def conflict(ward: Ward) -> None:
    pip(ward, "requests==2.28.2")
    pip(ward, "urllib3==2.2.3")
    ward.write("requirements.txt", "requests\n")


def needed_gone(ward: Ward) -> None:
    pip(ward, "requests")
    subprocess.run(["rm", "-r", ward.site / "idna", *ward.site.glob("idna-*.dist-info")], check=True)
    ward.write("requirements.txt", "requests\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "make, cause",
    [
        (nothing_installed, "not-installed"),
        (folder_in_place, "namespace-folder"),
        (too_old, "requirement-unmet"),
        (files_gone, "interrupted-install"),
        (metadata_gone, "interrupted-install"),
        (file_broken, "dist-info-damaged"),
        (conflict, "dependency-conflict"),
        (needed_gone, "dependency-conflict"),
    ],
)
def test_installing_repairs(real: Ward, make: Callable[[Ward], None], cause: str) -> None:
    make(real)
    repair(real, cause)
