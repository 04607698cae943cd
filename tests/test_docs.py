"""The documentation is true: its commands run, its site builds without a warning, and its example plug-in works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab.repairing import repair
from lab.ward import DOCTOR, Ward

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
EXAMPLE = ROOT / "examples/mlenv-doctor-cluster"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def commands(page: Path) -> list[str]:
    """The doctor's commands that a page shows, in their order."""
    lines = [line for language, block in FENCE.findall(page.read_text("utf-8")) if not language for line in block.splitlines()]
    return [line for line in lines if line.startswith("mlenv-doctor ")]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run_one_after_the_other(page: Path, tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.venv()
    (ward.bin / "mlenv-doctor").symlink_to(DOCTOR)
    ward.write(".env", "").chmod(0o600)
    for line in commands(page):
        visit = ward.run("sh", "-c", line)
        assert visit.code in (0, 1) and (visit.stderr == "" or visit.stderr.startswith("wrote ")), f"{line}\n{visit.stderr}"


def test_every_page_is_in_the_navigation_and_names_no_option_that_is_not_there() -> None:
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    told = "".join(
        subprocess.run([DOCTOR, *command.split(), "--help"], capture_output=True, text=True).stdout
        for command in ("check", "fix", "undo", "setup", "fleet ssh", "fleet ray", "fleet slurm")
    )
    for page in PAGES:
        assert f": {page.name}" in menu
        for option in set(re.findall(r"`(--[a-z-]+)`", page.read_text("utf-8"))):
            assert option in told or option in ("--help",), (page.name, option)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"]
    done = subprocess.run(
        build, cwd=ROOT, capture_output=True, text=True, env={"NO_MKDOCS_2_WARNING": "1", "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stderr
    start = (tmp_path / "site/index.html").read_text("utf-8")
    assert "Quick start" in start and "fonts.googleapis" not in start


def wheel(folder: Path, name: str) -> None:
    """A wheel with nothing in it."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n"
    form = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", form)
        archive.writestr(
            f"{info}/RECORD",
            "".join(f"{file},,\n" for file in (f"{name}.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD")),
        )


@pytest.mark.slow
def test_the_example_plugin_is_installed_finds_its_fault_and_repairs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, source = tmp_path / "tools", tmp_path / "example"
    shutil.copytree(EXAMPLE, source)
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", ROOT, source, "pytest"], check=True)
    subprocess.run([home / "bin/python", "-m", "pytest", "-q", source / "tests"], check=True, cwd=tmp_path)
    monkeypatch.setattr("lab.ward.DOCTOR", home / "bin/mlenv-doctor")
    ward = Ward(tmp_path / "ward")
    subprocess.run([sys.executable, "-m", "venv", ward.project / ".venv"], check=True)
    ward.environ |= {"VIRTUAL_ENV": str(ward.project / ".venv"), "PATH": f"{ward.project}/.venv/bin:{ward.bin}"}
    ward.library("torch")
    assert "cluster.launcher" in ward.doctor("list").stdout
    wheel(tmp_path, "our_cluster_launcher")
    ward.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    visit = repair(ward, "cluster-launcher-missing", "cluster")
    assert {finding["status"] for finding in visit.findings()} <= {"pass", "skip"}
    loaded = {**ward.environ, "LOADEDMODULES": "gcc/13.2:cuda/11.8"}
    ward.environ = loaded
    visit = ward.check("cluster.modules")
    assert [(finding["cause"], finding["fix"]["commands"][0]["text"]) for finding in visit.findings()] == [
        ("cluster-cuda-module", "module unload cuda/11.8")
    ]
    ward.environ = {**loaded, "LOADEDMODULES": "gcc/13.2"}
    assert {finding["status"] for finding in ward.check("cluster.modules").findings()} == {"pass"}
