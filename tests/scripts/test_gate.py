"""On a Python that is too old, every script says the one sentence that helps, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lab.patient import other_python
from support.scripts import SCRIPTS, load, run

SENTENCE = "mlenv-doctor: this Python is {}; machine learning in 2026 needs 3.11 or newer, "
FAKES = {
    "conda": "conda create --name ml python=3.12",
    "uv": "uv python install 3.12",
    "brew": "brew install python@3.12",
    "ls": "curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install 3.12",
}


def command(folder: Path, name: str, text: str) -> Path:
    """An executable in a folder."""
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.7", "3.8", "3.9"])
@pytest.mark.parametrize("script", ["action", "check", "test", "lint", "zipapp", "catalogue", "bench"])
def test_says_one_sentence(script: str, minor: str, tmp_path: Path) -> None:
    done = run(other_python(minor), SCRIPTS / f"{script}.py", env={"PATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"{SENTENCE.format(minor)}get it so: {FAKES['ls']}\n"


@pytest.mark.parametrize("name", FAKES)
def test_names_the_command_that_is_there(name: str, tmp_path: Path) -> None:
    command(tmp_path, name, "#!/bin/sh\n")
    done = run(other_python("3.9"), SCRIPTS / "check.py", env={"PATH": str(tmp_path)})
    assert done.stderr == f"{SENTENCE.format('3.9')}get it so: {FAKES[name]}\n"


def test_points_to_a_newer_python_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "python3.13").symlink_to(other_python("3.13"))
    done = run(other_python("3.9"), SCRIPTS / "check.py", "--env-file", "a b", env={"PATH": str(tmp_path)})
    assert done.stderr == f'{SENTENCE.format("3.9")}one is here already: python3.13 {SCRIPTS}/check.py --env-file "a b"\n'


def test_does_not_point_to_one_that_does_not_start(tmp_path: Path) -> None:
    command(tmp_path, "python3.12", "#!/bin/sh\nexit 127\n")
    command(tmp_path, "python3.13", "\x7fELF")
    (tmp_path / "python3").symlink_to(other_python("3.9"))
    done = run(other_python("3.9"), SCRIPTS / "check.py", env={"PATH": str(tmp_path)})
    assert "get it so: curl" in done.stderr


def test_lets_the_rest_pass() -> None:
    assert sys.version_info >= load("gate").OLDEST
    assert load("gate").pass_or_end() is None
