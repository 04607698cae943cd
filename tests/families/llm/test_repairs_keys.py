"""Repairs of keys, names, copies and sources: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from pathlib import Path

import dotenv as dotenv_library
import pytest

from families.llm.patients import LINE, LLM, dotenv, odd
from families.llm.patients_keys import COMMITTED, COPYING, REAL, code, files, first, notebook
from lab.patient import require
from lab.repairing import BASH, repair
from lab.ward import KEY, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "with a blank")


def text(ward: Ward, name: str = ".env") -> str:
    return (ward.project / name).read_text("utf-8")


@pytest.mark.parametrize("last", ["", "your_key_here", '"<your key>"'])
def test_of_several_lines_the_one_with_a_key_stays(ward: Ward, last: str) -> None:
    dotenv(f"A=1\r\n{LINE}B='x\ny'\nexport OPENAI_API_KEY={last}\nC=2")(ward)
    repair(ward, "key-duplicate", *LLM)
    assert (ward.project / ".env").read_bytes() == f"A=1\r\n{LINE}B='x\ny'\n# export OPENAI_API_KEY={last}\nC=2".encode()
    assert (ward.project / ".env").stat().st_mode & 0o777 == 0o600


def test_of_two_keys_the_one_that_counts_stays(ward: Ward) -> None:
    dotenv(f"{LINE}OPENAI_API_KEY={REAL}\n")(ward)
    repair(ward, "key-duplicate", *LLM)
    assert text(ward) == f"# {LINE}OPENAI_API_KEY={REAL}\n"


@pytest.mark.parametrize("before", ["FOO=bar", "FOO='bar'", 'FOO="bar"'])
def test_glued_lines_come_apart(ward: Ward, before: str) -> None:
    dotenv(f"{before}{LINE}")(ward)
    repair(ward, "dotenv-glued", *LLM)
    assert text(ward) == f"{before}\n{LINE}"


@pytest.mark.parametrize("name", ["OPENAI_KEY", "openai_api_key", "OPEN\u0410I_API_KEY", "OPENAI-API-KEY "])
def test_a_variable_gets_the_name_that_is_read(ward: Ward, name: str) -> None:
    dotenv(f"A=1\n{name}={KEY}\nB=2\n")(ward)
    repair(ward, "key-name-typo", *LLM)
    assert text(ward) == f"A=1\n{LINE}B=2\n"


@pytest.mark.parametrize("name", [".env.txt", "env", ".ENV"])
def test_a_file_gets_the_name_that_is_looked_for(ward: Ward, name: str) -> None:
    odd(lambda w: w.write(name, LINE))(ward)
    repair(ward, "dotenv-wrong-name", *LLM)
    assert text(ward) == LINE and (ward.project / ".env").stat().st_mode & 0o777 == 0o600


def test_a_file_is_put_where_all_find_it(ward: Ward) -> None:
    loads = notebook("from dotenv import load_dotenv\nload_dotenv()")
    first(dotenv(), files({"src/.env": LINE, "notebooks/a.ipynb": loads}))(ward)
    repair(ward, "dotenv-not-found-from-here", *LLM)
    assert text(ward) == LINE


def test_python_dotenv_is_switched_on(ward: Ward) -> None:
    dotenv(LINE, shell={"OPENAI_API_KEY": None, "PYTHON_DOTENV_DISABLED": "1"})(ward)
    repair(ward, "dotenv-disabled", *LLM)


@pytest.mark.parametrize("ignore", [None, ".dockerignore", "Dockerfile.dockerignore"])
def test_an_image_goes_without_the_file(ward: Ward, ignore: str | None) -> None:
    dotenv(LINE)(ward)
    ward.write("Dockerfile", COPYING)
    if ignore:
        ward.write(ignore, "*.pyc")
    repair(ward, "dotenv-in-image", *LLM)
    assert ".env" in text(ward, ignore or ".dockerignore").split()


def test_outputs_leave_a_notebook_and_its_code_stays(ward: Ward) -> None:
    code(notebook("print('Grüße')", REAL), LINE, "a b.ipynb")(ward)
    repair(ward, "key-in-notebook", *LLM)
    found = json.loads(text(ward, "a b.ipynb"))
    assert found["cells"][0]["source"] == ["print('Grüße')"] and found["cells"][0]["outputs"] == [] and found["nbformat"] == 4


def test_a_mark_is_taken_away(ward: Ward) -> None:
    first(dotenv("\ufeff" + LINE + "NAME=Grüße\n"), lambda w: w.library("python-dotenv", "1.0.1"))(ward)
    repair(ward, "dotenv-encoding", *LLM)
    assert (ward.project / ".env").read_bytes() == (LINE + "NAME=Grüße\n").encode()


def test_a_copy_is_kept_from_git(ward: Ward) -> None:
    require("git")
    dotenv(LINE, git=("init -q",))(ward)
    files({".gitignore": ".env\n", ".env.bak": LINE})(ward)
    (ward.project / ".env.bak").chmod(0o600)
    repair(ward, "dotenv-not-ignored", *LLM)
    assert text(ward, ".gitignore").split() == [".env", ".env.bak"]


def real_dotenv(ward: Ward) -> None:
    """The real python-dotenv, without a network."""
    (ward.site / "outside.pth").write_text(str(Path(dotenv_library.__file__).parents[1]) + "\n")
    for stand_in in ("dotenv", "python_dotenv-1.2.4.dist-info"):
        (ward.site / stand_in).rename(ward.root / stand_in)


def test_a_key_that_was_committed_is_changed(ward: Ward) -> None:
    """The new one is typed where it is asked for, and stands nowhere else than in the file."""
    require("git")
    COMMITTED(ward)
    real_dotenv(ward)
    (finding,) = [f for f in ward.check(*LLM).findings("warn") if f["cause"] == "dotenv-in-history"]
    assert KEY not in json.dumps(finding)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ward.project)
        os.execve(BASH, [BASH, "-c", finding["fix"]["commands"][-1]["text"]], ward.environ)
    said = b""
    while b":" not in said:
        said += os.read(terminal, 1000)
    time.sleep(0.2)
    os.write(terminal, REAL.encode() + b"\n")
    try:
        while part := os.read(terminal, 1000):
            said += part
    except OSError:  # Linux says so when the other side is closed
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 and REAL[8:14].encode() not in said
    after = ward.check(*LLM)
    assert after.code == 0 and not after.causes("fail", "warn"), f"\n{after}"
    assert (ward.project / ".env").stat().st_mode & 0o777 == 0o600
    grep = subprocess.run(["grep", "-rl", REAL[8:], ward.root], capture_output=True, text=True)
    assert grep.stdout.split("\n")[:-1] == [str(ward.project / ".env")]
