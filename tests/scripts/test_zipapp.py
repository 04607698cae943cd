"""The zipapp: one file that does everything, on every Python from 3.10 on, and says one sentence on the others."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lab.patient import other_python
from lab.ward import DOCTOR, Ward
from support.debian import bare_debian, inside
from support.scripts import SCRIPTS, run

BUILD = (sys.executable, SCRIPTS / "zipapp.py", "--output")


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It, freshly built."""
    file = tmp_path_factory.mktemp("zipapp") / "mlenv-doctor.pyz"
    done = run(*BUILD, file)
    assert done.returncode == 0, done.stderr
    assert str(file) in done.stdout
    return file


def outline(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a report says, without the words that differ from run to run."""
    return [(r["id"], f["status"], f["cause"], f["subject"]) for r in report["results"] for f in r["findings"]]


def test_the_same_sources_give_the_same_bytes(pyz: Path, tmp_path: Path) -> None:
    run(*BUILD, tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == pyz.read_bytes()


def test_it_is_small_and_holds_nothing_compiled(pyz: Path) -> None:
    assert pyz.stat().st_size < 2_000_000
    with zipfile.ZipFile(pyz) as archive:
        names = archive.namelist()
    assert not [name for name in names if Path(name).suffix in (".so", ".pyc", ".pyd", ".dll")]
    assert not [name for name in names if name.startswith(("psutil", "pygments", "tests", "pip/"))]
    assert {"click/core.py", "tomli/__init__.py", "yaml/composer.py", "mlenv_checks/gpu/causes.tsv"} <= set(names)
    assert [name for name in names if name.startswith("rich-") and "LICENSE" in name]  # it may be passed on only with that


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    done = run(*BUILD, tmp_path / "no/such/folder/x.pyz")
    assert done.returncode == 3
    assert (
        done.stderr == f"mlenv-doctor: --output {tmp_path}/no/such/folder/x.pyz: there is no folder {tmp_path}/no/such/folder\n"
    )


@pytest.mark.parametrize("minor", ["3.10", "3.11", "3.12", "3.13"])
def test_it_says_the_same_as_the_installed_one(pyz: Path, minor: str, tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.venv()
    ward.write("click.py", "raise SystemExit('the wrong click')")  # the project's files are not ours
    shutil.copy(pyz, ward.project)
    arguments = ("check", "--quick", "--format", "json")
    packed = ward.run(other_python(minor), "mlenv-doctor.pyz", *arguments)
    assert packed.code in (0, 1), packed.stderr
    assert outline(packed.report) == outline(ward.run(DOCTOR, *arguments).report)


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.7", "3.8", "3.9"])
def test_on_an_old_python_it_says_one_sentence(pyz: Path, minor: str) -> None:
    done = run(other_python(minor), pyz, "check", env={"PATH": "/nowhere"})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(
        f"mlenv-doctor: this Python is {minor}; machine learning in 2026 needs 3.11 or newer, get it so: "
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("list",), ("explain", "cpu-only-torch"), ("schema",), ("--help",)], ids=" ".join)
def test_its_data_comes_out_of_the_zip(pyz: Path, words: tuple[str, ...]) -> None:
    packed, installed = run(sys.executable, pyz, *words), run(DOCTOR, *words)
    assert (packed.returncode, packed.stderr) == (0, "")
    assert packed.stdout == installed.stdout.replace("Usage: mlenv-doctor ", "Usage: mlenv-doctor.pyz ")


@pytest.mark.slow
def test_it_runs_on_a_debian_with_nothing_but_python(pyz: Path, tmp_path: Path) -> None:
    root = bare_debian(tmp_path / "debian")
    shutil.copy(pyz, root)
    done = run(*inside(root, "python3", "/mlenv-doctor.pyz", "check", "--format", "json"))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    found = {(finding["status"], finding["cause"]) for result in report["results"] for finding in result["findings"]}
    assert ("pass", None) in found
    assert "unknown" not in {status for status, _ in found}, done.stdout
    assert report["target"]["python"] == "/usr/bin/python3"
    guidance = run(*inside(root, "python3", "/mlenv-doctor.pyz", "fix"))
    assert "Traceback" not in guidance.stderr
    assert guidance.stdout
