"""The probe of copies of `.env`: files beside it, the history of git, and images, run for real."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from families.llm.patients import LINE
from families.llm.patients_keys import REAL
from lab.patient import require
from lab.ward import KEY
from mlenv_checks.llm.facts import KeyCopies
from support.probing import probe


def read(project: Path, **files: str) -> KeyCopies:
    for name, text in files.items():
        (project / name).write_text(text)
    found = probe(KeyCopies, cwd=project)
    assert isinstance(found, KeyCopies), found
    return found


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        (".env.bak", True), (".env~", True), (".env.local", True), ("prod.env", True), (".env.save", True), ("env.txt", True), (".env.1", True),
        (".env (1)", True), (".env.example", True), (".envrc", False), ("environment.py", False), ("envelope", False), (".environment", False),
    ],
)  # fmt: skip
def test_a_copy_is_known_by_its_name_and_by_what_it_holds(tmp_path: Path, name: str, copy: bool) -> None:
    assert [one.name for one in read(tmp_path, **{".env": LINE, name: LINE}).copies] == ([name] if copy else [])
    (tmp_path / name).write_text("OPENAI_API_KEY=your_key_here\nPORT=1\n")
    assert read(tmp_path).copies == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_a_copy_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env.bak").write_bytes(f"{LINE}NAME=Grüße\n".encode(encoding))
    assert [one.name for one in read(tmp_path).copies] == [".env.bak"]


def git(folder: Path, *lines: str) -> None:
    require("git")
    for line in lines:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *line.split()]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_a_key_that_a_commit_has(tmp_path: Path) -> None:
    git(tmp_path, "init -q")
    assert read(tmp_path, **{".env": LINE}).in_history == ()
    git(tmp_path, "add .env", "commit -qm x")
    assert read(tmp_path).in_history == ()  # tracked: that is told otherwise
    git(tmp_path, "rm -q --cached .env", "commit -qm y")
    assert read(tmp_path).in_history == ("OPENAI_API_KEY",)
    assert read(tmp_path, **{".env": f"OPENAI_API_KEY={REAL}\n"}).in_history == ()
    assert read(tmp_path, **{".env": f"OPENAI_API_KEY={REAL}\nTEAM_SECRET_KEY={KEY}\n"}).in_history == ("TEAM_SECRET_KEY",)


def test_a_key_on_another_branch(tmp_path: Path) -> None:
    git(tmp_path, "init -q", "commit -q --allow-empty -m a", "checkout -q -b other")
    read(tmp_path, **{".env": LINE})
    git(tmp_path, "add .env", "commit -qm x", "checkout -q -")
    assert read(tmp_path, **{".env": LINE}).in_history == ("OPENAI_API_KEY",)


@pytest.mark.parametrize(
    ("dockerfile", "ignore", "image"),
    [
        ("FROM x\nCOPY . /app", None, True),
        ("FROM x\nADD ./ /app/", None, True),
        ("FROM x\nCOPY --chown=a:b . .", None, True),
        ("FROM x\ncopy . .", "", True),
        ("FROM x\nCOPY . /app", ".git\n", True),
        ("FROM x\nCOPY . /app", "#.env\n", True),
        ("FROM x\nCOPY . /app", ".env\n!.env\n", True),
        ("FROM x\nCOPY . /app", "*\n!.env\n", True),
        ("FROM x\nCOPY . /app", ".env\n", False),
        ("FROM x\nCOPY . /app", "/.env\r\n", False),
        ("FROM x\nCOPY . /app", "./.env*\n", False),
        ("FROM x\nCOPY . /app", "**/.env\n", False),
        ("FROM x\nCOPY . /app", ".*\n", False),
        ("FROM x\nCOPY . /app", "*\n!src\n", False),
        ("FROM x\nCOPY --from=builder . .", None, False),
        ("FROM x\nCOPY src/ requirements.txt /app/", None, False),
        ("FROM x\nRUN ls", None, False),
    ],
)
def test_what_an_image_takes_along(tmp_path: Path, dockerfile: str, ignore: str | None, image: bool) -> None:
    more = {} if ignore is None else {".dockerignore": ignore}
    found = read(tmp_path, **{".env": LINE, "Dockerfile": dockerfile, **more})
    assert bool(found.image) is image and (not image or found.ignore == ".dockerignore")


def test_an_image_of_a_file_without_secrets(tmp_path: Path) -> None:
    assert read(tmp_path, **{".env": "PORT=1\n", "Dockerfile": "COPY . ."}).image == ""


def test_an_ignore_file_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, **{".env": LINE, "Dockerfile": "COPY . .", "Dockerfile.dockerignore": "x", ".dockerignore": ".env"})
    assert (found.image, found.ignore) == ("Dockerfile", "Dockerfile.dockerignore")
