"""The probe of keys, run for real on `.env` files of every kind."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lab.ward import KEY
from mlenv_checks.llm.facts import Key, Keys
from support.probing import probe


@pytest.fixture(autouse=True)
def no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_BASE_URL", "_API_BASE", "_ENDPOINT")) or name == "OLLAMA_HOST":
            monkeypatch.delenv(name)


def read(project: Path, content: str | bytes | None = None, env: dict[str, str] | None = None, **question: Any) -> Keys:
    if content is not None:
        (project / ".env").write_bytes(content.encode() if isinstance(content, str) else content)
    found = probe(Keys, cwd=project, env=env, **question)
    assert isinstance(found, Keys), found
    return found


def key(found: Keys, name: str = "OPENAI_API_KEY") -> Key:
    (one,) = [key for key in found.keys if key.name == name]
    return one


@pytest.mark.parametrize(
    "content",
    [
        f"OPENAI_API_KEY={KEY}\n",
        f"OPENAI_API_KEY='{KEY}'",
        f'export OPENAI_API_KEY="{KEY}"\n',
        f"\ufeffOPENAI_API_KEY={KEY}\r\nX=1\r\n",
        f"# mine\n\n  OPENAI_API_KEY = {KEY}   # of the team\n",
        f"X=1\rOPENAI_API_KEY={KEY}\r",
        f"NAME={KEY}\nOPENAI_API_KEY=${{NAME}}\n",
        f"OPENAI_API_KEY=${{NOWHERE:-{KEY}}}\n",
        f"OPENAI_API_KEY=old\nOPENAI_API_KEY={KEY}\n",
    ],
)
def test_a_key_that_python_dotenv_loads(tmp_path: Path, content: str) -> None:
    found = read(tmp_path, content)
    one = key(found)
    assert (found.problem, found.bad_lines, found.secret) == ("", (), True)
    assert one.file and one.file.good and one.file.vendor == "OpenAI" and one.shell is None


@pytest.mark.parametrize(
    ("content", "line", "kind", "name"),
    [
        (f"OPENAI_API_KEY: {KEY}\n", 1, "YAML", "OPENAI_API_KEY"),
        (f"\n\nset OPENAI_API_KEY={KEY}\n", 3, "the Windows command prompt", "OPENAI_API_KEY"),
        (f'{{"OPENAI_API_KEY": "{KEY}"}}\n', 1, "JSON", "OPENAI_API_KEY"),
        (f'{{\n  "OPENAI_API_KEY": "{KEY}"\n}}\n', 2, "JSON", "OPENAI_API_KEY"),
        (f'$env:OPENAI_API_KEY="{KEY}"\n', 1, "PowerShell", "OPENAI_API_KEY"),
        (f"os.environ['OPENAI_API_KEY']='{KEY}'\n", 1, "Python", "OPENAI_API_KEY"),
        (f'X=1\n"OPENAI_API_KEY={KEY}"\n', 2, "a quote in the wrong place", "OPENAI_API_KEY"),
        (f"X='oh\nOPENAI_API_KEY={KEY}\nY='\n", 1, "a quote in the wrong place", "OPENAI_API_KEY"),
        (f'OPENAI_API_KEY="{KEY}\n', 1, "an unclosed quote or stray text", "OPENAI_API_KEY"),
        (f"OPENAI_API_KEY={KEY}\n[ -f x ] && . x\n", 2, "an unclosed quote or stray text", ""),
        (f"OPENAI_API_KEY: {KEY}\nOPENAI_API_KEY={KEY}\n", 1, "YAML", ""),
    ],
)
def test_a_line_that_sets_nothing(tmp_path: Path, content: str, line: int, kind: str, name: str) -> None:
    found = read(tmp_path, content)
    bad = found.bad_lines[0]
    assert (bad.line, bad.kind, bad.name) == (line, kind, name)
    assert found.secret


def test_a_bad_line_names_a_key_that_is_asked_for_and_none_that_the_shell_has(tmp_path: Path) -> None:
    content = f"MY_KEY: {KEY}\nOPENAI_API_KEY: {KEY}\n"
    found = read(tmp_path, content, {"OPENAI_API_KEY": KEY}, keys=["MY_KEY"])
    assert [bad.name for bad in found.bad_lines] == ["MY_KEY", ""]


@pytest.mark.parametrize(
    ("file", "shell", "differ", "shadowed"),
    [
        (KEY, KEY, False, False),
        (KEY, KEY + "x", True, True),
        (KEY, "", True, True),
        ("", KEY, True, False),
        ("your_key_here", KEY, True, False),
        ("${OPENAI_API_KEY}", KEY, False, False),
        ("${OPENAI_API_KEY:-none}", KEY, False, False),
        ("'two\r\nlines'", "two\nlines", False, False),
    ],
)
def test_the_shell_and_the_file(tmp_path: Path, file: str, shell: str, differ: bool, shadowed: bool) -> None:
    one = key(read(tmp_path, f"OPENAI_API_KEY={file}\n", {"OPENAI_API_KEY": shell}))
    assert (one.differ, one.shadowed) == (differ, shadowed)


@pytest.mark.parametrize(
    ("name", "variables", "own"),
    [
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=http://localhost:8000/v1", True),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=https://api.openai.com/v1", False),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=api.openai.com/v1", False),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=localhost:8000/v1", True),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=", False),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL=https://notopenai.com/v1", True),
        ("OPENAI_API_KEY", "ANTHROPIC_BASE_URL=http://localhost:1", False),
        ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT=https://me.openai.azure.com/", False),
        ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL=https://user:pass@gateway.example/api.anthropic.com", True),
    ],
)
def test_an_endpoint_of_ones_own(tmp_path: Path, name: str, variables: str, own: bool) -> None:
    found = read(tmp_path, f"{name}=dummy\n{variables}\n")
    assert key(found, name).base_url is own
    assert "gateway" not in json.dumps(asdict(found)) and ":pass" not in json.dumps(asdict(found))


def test_a_server_that_needs_no_key(tmp_path: Path) -> None:
    assert read(tmp_path, env={"OLLAMA_HOST": "0.0.0.0:11434"}).endpoints == ("OLLAMA_HOST",)


def make(path: Path, kind: str) -> None:
    if kind == "link":
        path.symlink_to("gone")
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "environment":
        (path / "conda-meta").mkdir(parents=True)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [("link", "broken link"), ("loop", "not readable"), ("pipe", "a pipe"), ("folder", "not a file"), ("environment", "")],
)
def test_what_is_no_file(tmp_path: Path, kind: str, problem: str) -> None:
    make(tmp_path / ".env", kind)
    found = read(tmp_path)
    assert found.problem == problem and bool(found.file) is (kind != "environment")


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_as_python_dotenv_it_goes_on_above_what_is_no_file(tmp_path: Path, kind: str) -> None:
    (tmp_path / "project").mkdir()
    make(tmp_path / "project/.env", kind)
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    found = read(tmp_path / "project")
    assert found.file == str(tmp_path / ".env") and key(found).effective.good


def test_the_file_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "my.env").write_text(f"OPENAI_API_KEY={KEY}\n")
    assert key(read(tmp_path, "OPENAI_API_KEY=\n", env_file="my.env")).effective.good
    gone = read(tmp_path, env_file="gone.env")
    assert (gone.problem, gone.asked_file) == ("missing", True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"OPENAI_API_KEY={KEY}\n".encode("utf-16"), "utf-16"),
        (f"OPENAI_API_KEY={KEY}\n".encode("utf-16-le"), "utf-16"),
        (f"OPENAI_API_KEY={KEY}\n".encode() + b"X=1\n" * 40 + "Y=1\n".encode("utf-16-le"), "zero bytes"),
        (f"OPENAI_API_KEY={KEY}\nNAME=M\xfcller\n".encode("latin-1"), "not utf-8"),
        (b"A=1\n" * (1 << 18) + b"B", "too large"),
        (b"A=1\n" * 30000, "too large"),
        (b"", ""),
    ],
)
def test_the_encoding_and_the_size(tmp_path: Path, content: bytes, problem: str) -> None:
    found = read(tmp_path, content)
    assert (found.problem, found.keys) == (problem, ())


def test_an_example_counts_where_it_names_a_key(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("PORT=8000\n")
    assert read(tmp_path).example == ""
    (tmp_path / ".env.template").write_text("OPENAI_API_KEY=\n")
    assert read(tmp_path).example == ".env.template"
    assert read(tmp_path, "X=1\n").example == ""


def test_a_variable_that_is_filled_in_comes_from_the_shell_first(tmp_path: Path) -> None:
    assert key(read(tmp_path, "NAME=\nOPENAI_API_KEY=${NAME}\n", {"NAME": KEY})).effective.good
    assert not key(read(tmp_path, f"NAME={KEY}\nOPENAI_API_KEY=${{NAME}}\n", {"NAME": ""})).effective.good


def test_not_every_line_of_a_text_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, "once upon a time\n" * 99 + f"OPENAI_API_KEY: {KEY}\n")
    assert len(found.bad_lines) == 20 and found.bad_lines[0].line == 100


def test_a_long_file_is_read_in_time(tmp_path: Path) -> None:
    started = time.monotonic()
    found = read(tmp_path, "A=1\n" * 19000 + f"OPENAI_API_KEY={KEY}\n")
    assert key(found).effective.good and time.monotonic() - started < 5


@pytest.mark.parametrize(
    "laughs",
    [
        "A0=" + "x" * 100 + "\n" + "".join(f"A{i}=" + f"${{A{i - 1}}}" * 50 + "\n" for i in range(1, 60)),
        "A=" + "x" * 9000 + "\nB=" + "${A}" * 200_000 + "\n",
    ],
    ids=["each line doubles", "one long line"],
)
def test_values_that_blow_each_other_up_end_in_time(tmp_path: Path, laughs: str) -> None:
    started = time.monotonic()
    found = read(tmp_path, f"{laughs}OPENAI_API_KEY={KEY}\n")
    assert key(found).effective.good and time.monotonic() - started < 5
