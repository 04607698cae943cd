"""What runs on a node: it starts the program, ends it in time, and leaves nothing behind."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mlenv_doctor.fleet import bootstrap
from mlenv_doctor.fleet.asking import Asked, launch, payload
from mlenv_doctor.fleet.program import Program


def packed(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("__main__.py", code)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def answered(code: str, seconds: float = 30) -> Any:
    program = packed(code)
    return json.loads(bootstrap.answer(program, hashlib.sha256(program).hexdigest(), ["a", "--python={python}"], seconds))  # type: ignore[no-untyped-call]


def test_the_program_gets_its_words_and_is_removed(temp: Path) -> None:
    said = answered(
        "import json, sys; print(json.dumps({'words': sys.argv[1:], 'file': sys.argv[0], 'alone': sys.flags.isolated}))"
    )
    assert said["words"] == ["a", f"--python={sys.executable}"] and said["alone"] == 1
    assert said["file"].startswith(str(temp)) and list(temp.iterdir()) == []


def test_a_damaged_program_is_not_run(temp: Path) -> None:
    said = bootstrap.answer(packed("print('{}')"), "0" * 64, [], 5)  # type: ignore[no-untyped-call]
    assert json.loads(said)["silent"] == "the program arrived damaged" and list(temp.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; sys.exit('mlenv-doctor: no room\\nhere')", "ended with exit code 1: mlenv-doctor: no room here"),
        ("print('hello')", "ended with exit code 0"),
        ("import os; os.abort()", "ended with exit code -6"),
        ("print('{' + 'x' * (9 << 20))", "its answer has more than 8 MB"),
    ],
)
def test_a_program_that_fails_says_why(code: str, says: str, temp: Path) -> None:
    assert answered(code)["silent"] == says and list(temp.iterdir()) == []


def test_a_program_that_hangs_is_ended_with_all_that_it_started(temp: Path) -> None:
    started = time.monotonic()
    code = "import subprocess, sys; subprocess.Popen(['sleep', '91.25']); sys.stdout.flush(); subprocess.call(['sleep', '91.25'])"
    assert answered(code, 1)["silent"] == "timed out after 1 s"
    assert time.monotonic() - started < 60 and list(temp.iterdir()) == []
    end = time.monotonic() + 20
    while b"sleep\x0091.25\x00" in running() and time.monotonic() < end:  # what is killed may take a moment to go
        time.sleep(0.05)
    assert b"sleep\x0091.25\x00" not in running()


def running() -> list[bytes]:
    """The command lines of all processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            found.append(file.read_bytes())
    return found


def test_the_line_for_the_shell_of_a_node_runs_it(tmp_path: Path) -> None:
    program = packed("print('{\"hello\": 1}')")
    asked = Asked(("--require=lib:a'b\"$(touch owned)`touch owned`\n",), 30, 60)
    vars(asked)["program"] = Program(program, hashlib.sha256(program).hexdigest(), (3, 6))
    done = subprocess.run(["sh", "-c", launch(asked)], input=payload(asked), capture_output=True, cwd=tmp_path)
    from mlenv_doctor.fleet.lines import Answers

    answers = Answers()
    found = [answers.feed(line) for line in done.stdout.decode().splitlines()]
    assert found[-1] and found[-1][1] == b'{"hello": 1}', done
    assert list(tmp_path.glob("owned")) == []


def test_a_node_without_a_python_says_so(tmp_path: Path) -> None:
    asked = Asked((), 30, 60, installed=True)
    done = subprocess.run(["/bin/sh", "-c", launch(asked)], input=b"", capture_output=True, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (127, b"mlenv-doctor-node: no Python\n")


def test_it_is_written_for_old_pythons() -> None:
    ast.parse(Path(bootstrap.__file__).read_text("utf-8"), feature_version=(3, 6))
