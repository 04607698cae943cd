"""The probe of who gets to see `.env`: modes of files and folders, and git, run for real."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from lab.patient import require
from lab.ward import KEY
from mlenv_checks.llm.facts import Keys
from support.probing import probe


def read(project: Path, content: str | None = None) -> Keys:
    if content is not None:
        (project / ".env").write_text(content)
    found = probe(Keys, cwd=project)
    assert isinstance(found, Keys), found
    return found


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize(
    ("mode", "folder", "open_to_others"),
    [(0o600, 0o755, False), (0o644, 0o755, True), (0o644, 0o700, False), (0o604, 0o711, True), (0o640, 0o755, False)],
)
def test_who_may_read_it(mode: int, folder: int, open_to_others: bool) -> None:
    with tempfile.TemporaryDirectory() as made:  # tmp_path lies in a folder that nobody else may enter
        project = Path(made).resolve()
        if any(not parent.stat().st_mode & 0o001 for parent in project.parents):
            pytest.skip("others cannot reach the folder for temporary files")
        project.chmod(folder)
        (project / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
        (project / ".env").chmod(mode)
        found = read(project)
        assert (found.open_to_others, found.mode) == (open_to_others, f"{mode:04o}")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_what_git_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("git")
    assert (read(tmp_path, "X=1\n").tracked, read(tmp_path).ignored) == (None, None)
    git(tmp_path, "init", "-q")
    assert (read(tmp_path).tracked, read(tmp_path).ignored) == (False, False)
    (tmp_path / ".gitignore").write_text(".env\n")
    assert (read(tmp_path).tracked, read(tmp_path).ignored) == (False, True)
    git(tmp_path, "add", "-f", ".env")
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as in a hook of another repository
    assert read(tmp_path).tracked is True
    monkeypatch.setenv("PATH", "/nowhere")
    assert (read(tmp_path).tracked, read(tmp_path).ignored) == (None, None)


def test_git_starts_nothing_that_the_repository_names(tmp_path: Path) -> None:
    require("git")
    git(tmp_path, "init", "-q")
    hook = tmp_path / "hook"
    hook.write_text("#!/bin/sh\ntouch harm\n")
    hook.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(hook))
    read(tmp_path, "X=1\n")
    assert not list(tmp_path.glob("**/harm"))
