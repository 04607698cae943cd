"""What an environment's own files say, read for real."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from lab.patient import other_python
from lab.ward import Ward
from mlenv_checks.venv.facts import Prefix
from support.probing import probe


def look(python: str | Path, **env: str) -> Prefix:
    found = probe(Prefix, python=python, env=env)
    assert isinstance(found, Prefix), found
    return found


def test_an_environment(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.venv(libraries=())
    minor = "{}.{}".format(*sys.version_info)
    assert look(ward.python) == Prefix(made_for=minor)
    config = ward.prefix / "pyvenv.cfg"
    config.write_text("version_info = 3.7.1.final.0\ninclude-system-site-packages = TRUE\n= odd\nodd\n")
    assert look(ward.python) == Prefix(made_for="3.7", system_site=True)
    config.write_text("home = /nowhere\nversion = unknown\n")
    assert look(ward.python).made_for == ""
    shutil.rmtree(ward.site)
    assert not look(ward.python).has_own_site


@pytest.mark.parametrize("minor", ["3.6", "3.9", "3.13"])
def test_a_python_of_its_own(minor: str) -> None:
    assert look(other_python(minor)) == Prefix()


@pytest.mark.slow
def test_conda(tmp_path: Path) -> None:
    prefix = tmp_path / "conda"
    shutil.copytree(
        other_python("3.12").resolve().parent.parent, prefix, symlinks=True, ignore=shutil.ignore_patterns("test", "*.a")
    )
    python = prefix / "bin/python3.12"
    (prefix / "conda-meta").mkdir()
    for name in ("scikit-learn-1.5.0-py312_0.json", "numpy-2.0-x_1.json", "history", "odd.json", "notes-1-2.txt"):
        (prefix / "conda-meta" / name).write_text("")
    assert look(python) == Prefix(conda_packages=("numpy", "scikit-learn"))
    (prefix / "condabin").mkdir()
    assert look(python, CONDA_SHLVL="2").conda_base
    assert look(python, CONDA_SHLVL="2").conda_levels == 2


@pytest.mark.parametrize("levels", ["", "-1", "x", "9" * 50])
def test_odd_levels(levels: str) -> None:
    assert look(sys.executable, CONDA_SHLVL=levels).conda_levels == 0
