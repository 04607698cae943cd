"""Repairs of keys and `.env`: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from pathlib import Path

import dotenv as dotenv_library
import pytest

from families.llm.patients import LINE, LLM, dotenv, odd, read_by_others
from lab.patient import require
from lab.repairing import BASH, repair
from lab.ward import KEY, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "with a blank")


def test_a_file_is_kept_from_others(ward: Ward) -> None:
    read_by_others(ward)
    repair(ward, "dotenv-readable-by-others", *LLM)
    assert (ward.project / ".env").stat().st_mode & 0o777 == 0o600


def test_a_file_is_kept_from_git(ward: Ward) -> None:
    require("git")
    dotenv(LINE, git=("init -q",))(ward)
    repair(ward, "dotenv-not-ignored", *LLM)
    assert ".env" in (ward.project / ".gitignore").read_text().split()


def test_a_committed_file_leaves_git_and_stays_on_disk(ward: Ward) -> None:
    require("git")
    dotenv(LINE, git=("init -q", "add .env"))(ward)
    repair(ward, "dotenv-tracked", *LLM)
    assert (ward.project / ".env").read_text() == LINE


def test_a_staged_file_that_was_edited_since_leaves_git_too(ward: Ward) -> None:
    """As after `git add .` of a placeholder: git asks for --force, because what is staged is nowhere else."""
    require("git")
    dotenv("OPENAI_API_KEY=your_key_here\n", git=("init -q", "add .env"))(ward)
    ward.write(".env", LINE)
    repair(ward, "dotenv-tracked", *LLM)
    assert (ward.project / ".env").read_text() == LINE


@pytest.mark.parametrize("value", ["", KEY + "x"])
def test_a_variable_that_hides_the_file_is_unset(ward: Ward, value: str) -> None:
    dotenv(LINE, shell={"OPENAI_API_KEY": value})(ward)
    repair(ward, "dotenv-shadowed", *LLM)
    assert "OPENAI_API_KEY" not in ward.environ


def test_an_ignored_file_of_a_folder_above(ward: Ward) -> None:
    require("git")
    dotenv(git=("init -q",))(ward)
    (ward.project.parent / ".env").write_text(LINE)
    subprocess.run(["git", "init", "-q"], cwd=ward.root, check=True)
    repair(ward, "dotenv-not-ignored", *LLM)
    assert ".env" in (ward.root / ".gitignore").read_text().split()


def test_the_example_becomes_a_file_of_ones_own(ward: Ward) -> None:
    odd(lambda w: w.write(".env.example", LINE))(ward)
    repair(ward, "dotenv-missing", *LLM)
    file = ward.project / ".env"
    assert file.read_text() == LINE and file.stat().st_mode & 0o077 == 0


TEXTS = [
    LINE.encode("utf-16"),
    (LINE + "NAME=Müller\n").encode("cp1252"),
    b"X=1\n" * 200 + LINE.encode("utf-16-le"),
    "X=1\n".encode("utf-16") + LINE.encode(),
]


@pytest.mark.parametrize("text", TEXTS, ids=["utf-16", "cp1252", "utf-16 behind utf-8", "utf-8 behind utf-16"])
def test_a_file_is_written_in_utf_8(ward: Ward, text: bytes) -> None:
    dotenv(text)(ward)
    repair(ward, "dotenv-encoding", *LLM)
    assert LINE in (ward.project / ".env").read_text("utf-8")
    assert (ward.project / ".env.bak").read_bytes() == text


@pytest.mark.parametrize("where", ["file", "shell"])
def test_a_key_is_set_without_being_shown(ward: Ward, where: str) -> None:
    made = dotenv("OPENAI_API_KEY=your_key_here\n", shell={"OPENAI_API_KEY": "changeme"} if where == "shell" else None)
    made(ward)
    (ward.site / "outside.pth").write_text(
        str(Path(dotenv_library.__file__).parents[1]) + "\n"
    )  # the real python-dotenv, without a network
    for stand_in in ("dotenv", "python_dotenv-1.2.4.dist-info"):
        (ward.site / stand_in).rename(ward.root / stand_in)
    (finding,) = [f for f in ward.check(*LLM).findings("fail") if f["cause"] == "key-placeholder"]
    command = finding["fix"]["commands"][-1]["text"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ward.project)
        os.execve(BASH, [BASH, "-c", command], ward.environ)
    said = _answer(terminal, KEY)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    assert KEY[8:] not in said and KEY[:12] not in said
    file = ward.project / ".env"
    ward.environ.pop("OPENAI_API_KEY", None)  # the first command, where it is the shell's
    assert re.fullmatch(f"OPENAI_API_KEY='?{KEY}'?\n", file.read_text()) and file.stat().st_mode & 0o077 == 0
    assert ward.check(*LLM).causes("fail") == set()
    assert KEY not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def _answer(terminal: int, secret: str) -> str:
    """Type a secret when it is asked for, and return all that appeared on the terminal."""
    said = b""
    while b":" not in said:
        said += os.read(terminal, 1000)
    time.sleep(0.2)
    os.write(terminal, secret.encode() + b"\n")
    try:
        while part := os.read(terminal, 1000):
            said += part
    except OSError:  # Linux says so when the other side is closed
        pass
    return said.decode()
