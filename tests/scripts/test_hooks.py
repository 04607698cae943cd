"""The hooks of .pre-commit-hooks.yaml and those that `init pre-commit` writes, run by pre-commit itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.patient import require
from lab.ward import KEY
from mlenv_doctor.cli.ready_files import ready
from support.workflows import ROOT, index

pytestmark = pytest.mark.slow
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")
ENV, REQUIREMENTS = "mlenv-doctor-env", "mlenv-doctor-requirements"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables with which pre-commit keeps its environments among the files of this run."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\nname = Me\nemail = me@example.org\n[safe]\ndirectory = *\n[init]\ndefaultBranch = main\n"
    )
    found = index(tmp_path_factory.mktemp("wheels"))
    return {**found, "HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PRE_COMMIT_HOME": str(home / "cache")}


@pytest.fixture
def project(tmp_path: Path, environ: dict[str, str]) -> Path:
    require("git")
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, environ, "init", "-q")
    (folder / ".gitignore").write_text(".env\n")
    (folder / "requirements.txt").write_text("numpy>=2\n")
    git(folder, environ, "add", ".")
    git(folder, environ, "commit", "-qm", "first")
    return folder


def git(folder: Path, environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return called(folder, environ, "git", *words)


def called(folder: Path, environ: dict[str, str], *argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Path:
    """This checkout as a repository of its own, as it lies here."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    folder = tmp_path_factory.mktemp("repository") / "mlenv-doctor"
    folder.mkdir()
    for name in ("src", "checks", "scripts", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        source = ROOT / name
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__")) if source.is_dir() else shutil.copy(
            source, folder
        )
    git(folder, environ, "init", "-q")
    git(folder, environ, "add", ".")
    git(folder, environ, "commit", "-qm", "this state")
    return folder


def tried(project: Path, environ: dict[str, str], repository: Path, hook: str) -> tuple[int, str]:
    done = called(project, environ, PRE_COMMIT, "try-repo", repository, hook, "--all-files", "--verbose")
    return done.returncode, done.stdout + done.stderr


def test_a_tidy_project_passes(project: Path, environ: dict[str, str], repository: Path) -> None:
    for hook in (ENV, REQUIREMENTS):
        code, said = tried(project, environ, repository, hook)
        assert code == 0 and "Passed" in said, said


def test_an_ignored_env_passes_and_one_in_git_fails(project: Path, environ: dict[str, str], repository: Path) -> None:
    (project / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    assert tried(project, environ, repository, ENV)[0] == 0
    git(project, environ, "add", "-f", ".env")
    code, said = tried(project, environ, repository, ENV)
    assert code == 1 and ".env is tracked by git" in said and KEY not in said
    (project / ".env").write_text("# nothing yet\n")
    git(project, environ, "add", "-f", ".env")
    assert tried(project, environ, repository, ENV)[0] == 0


def test_requirements_that_nobody_understands_fail(project: Path, environ: dict[str, str], repository: Path) -> None:
    (project / "requirements.txt").write_text("numpy>=2\nthis is no requirement\n")
    code, said = tried(project, environ, repository, REQUIREMENTS)
    assert code == 1 and "requirements.txt:2" in said


def test_the_written_hooks_guard_a_commit(project: Path, environ: dict[str, str]) -> None:
    (project / ".pre-commit-config.yaml").write_text(ready("pre-commit"))
    assert called(project, environ, PRE_COMMIT, "install").returncode == 0
    git(project, environ, "add", ".")
    done = git(project, environ, "commit", "-m", "with hooks")
    assert done.returncode == 0 and done.stderr.count("Passed") == 1 and "Skipped" in done.stderr, done.stderr
    (project / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    git(project, environ, "add", "-f", ".env")
    done = git(project, environ, "commit", "-m", "oh no")
    assert done.returncode == 1 and ".env is tracked by git" in done.stderr and "rm --cached" in done.stderr, done.stderr
    assert ".env" not in git(project, environ, "ls-tree", "--name-only", "HEAD").stdout.split()
    git(project, environ, "rm", "-q", "--cached", ".env")
    (project / "requirements.txt").write_text("what is this\n")
    git(project, environ, "add", ".")
    done = git(project, environ, "commit", "-m", "oh no")
    assert done.returncode == 1 and "not a requirement" in done.stderr, done.stderr
