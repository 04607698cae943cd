"""Repairs of keys and `.env`: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

from .llm_patients import LINE, LLM, dotenv
from .patient import require
from .repairing import BASH, repair
from .ward import KEY, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "with a blank")


def test_a_file_is_kept_from_others(ward: Ward) -> None:
    dotenv(LINE, mode=0o644)(ward)
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


@pytest.mark.parametrize("value", ["", KEY + "x"])
def test_a_variable_that_hides_the_file_is_unset(ward: Ward, value: str) -> None:
    dotenv(LINE, shell={"OPENAI_API_KEY": value})(ward)
    repair(ward, "dotenv-shadowed", *LLM)
    assert "OPENAI_API_KEY" not in ward.environ


@pytest.mark.parametrize("text", [LINE.encode("utf-16"), (LINE + "NAME=Müller\n").encode("cp1252")], ids=["utf-16", "cp1252"])
def test_a_file_is_written_in_utf_8(ward: Ward, text: bytes) -> None:
    dotenv(text)(ward)
    repair(ward, "dotenv-encoding", *LLM)
    assert (ward.project / ".env").read_text("utf-8").startswith(LINE)
    assert (ward.project / ".env.bak").read_bytes() == text


def test_a_key_is_set_without_being_shown(ward: Ward) -> None:
    dotenv("OPENAI_API_KEY=your_key_here\n")(ward)
    (ward.site / "outside.pth").write_text(sysconfig.get_path("purelib") + "\n")  # the real python-dotenv, without a network
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
