"""`mlenv-doctor check --recursive` on real folders: each project is judged with its own environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .environments import environment, install, write


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlenv_doctor", "check", "--quick", "--recursive", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def test_every_project_below_is_a_row(tmp_path: Path) -> None:
    write(tmp_path, {"good/requirements.txt": "tinylib\n", "good/a.py": "import tinylib\n"})
    write(
        tmp_path,
        {
            "bad/requirements.txt": "tinylib\n",
            "bad/deep/a.py": "import tinylib\n",
            "broken/requirements.txt": "tinylib\n",
            "broken/x.py": "",
        },
    )
    write(tmp_path, {"broken/pyproject.toml": "[tool.mlenv-doctor]\nprofile = ['nothing']\n"})
    for name in ("good", "bad"):
        python = environment(tmp_path / name / ".venv")
        install(python, ["tinylib"] if name == "good" else [])
    said = run(tmp_path, "project", "libraries")
    rows = {line.split()[0]: line for line in said.stdout.splitlines()}
    assert said.returncode == 1, said
    assert "not ready" in rows["bad"] and "tinylib is not installed" in rows["bad"]
    assert " ready " in rows["good"] and "not ready" not in rows["good"] and str(tmp_path / "good/.venv") in rows["good"]
    assert "unknown" in rows["broken"]
    assert said.stdout.splitlines()[-1].startswith("1 of 3 projects ready")


def test_a_folder_without_projects_below_is_the_only_row(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import os\n"})
    said = run(tmp_path, "project")
    assert said.returncode == 0 and said.stdout.splitlines()[0].startswith(".")
    assert said.stdout.splitlines()[-1].startswith("1 of 1 projects ready")


def test_it_is_a_table_and_no_other_format(tmp_path: Path) -> None:
    assert run(tmp_path, "--format", "json").returncode == 2
