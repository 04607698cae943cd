"""The probe of lock files, on real files."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from mlenv_checks.libraries.facts import Lock, Locked
from support.probing import probe


def look(folder: Path) -> Lock:
    found = probe(Lock, cwd=folder)
    assert isinstance(found, Lock), found
    return found


UV = """version = 1
[[package]]
name = "A.b"
version = "1.0"
source = { registry = "https://me:secret@example.org" }
resolution-markers = [
    "python_full_version < '3.9'",
    "sys_platform == 'win32'",
]

[[package]]
name = "c"
version = "2"
source = { git = "https://example.org/c.git" }
[package.metadata]
requires-dist = [{ name = "x" }]

[[package]]
name = "own"
source = { editable = "." }
"""
POETRY = """[[package]]
name = "a"
version = "1"
markers = "python_version < '4'"

[[package]]
name = "b"
version = "2"
markers = {main = "python_version < '4'", dev = "os_name == 'nt'"}
[package.source]
type = "legacy"

[[package]]
name = "c"
version = "3"
[package.source]
type = "directory"
"""
PYLOCK = """lock-version = "1.0"
[[packages]]
name = "a"
version = "1"
marker = "python_version < '4'"
[[packages]]
name = "b"
version = "2"
vcs = {type = "git"}
[[packages]]
name = "c"
"""
PIPENV = {
    "default": {"a": {"version": "==1", "markers": "os_name == 'nt'"}, "b": {"git": "x", "version": "==1"}},
    "develop": {"c": {"version": "==2"}, "d": 1},
}


@pytest.mark.parametrize(
    ("name", "tool", "text", "packages"),
    [
        ("uv.lock", "uv", UV, [Locked("a-b", "1.0", 2, ("python_full_version < '3.9'", "sys_platform == 'win32'")), Locked("c", "", 11), Locked("own", "", 18)]),
        ("poetry.lock", "poetry", POETRY, [Locked("a", "1", 1, ("python_version < '4'",)), Locked("b", "2", 6, ("python_version < '4'", "os_name == 'nt'")), Locked("c", "", 13)]),
        ("pdm.lock", "pdm", '[[package]]\nname = "a"\nversion = "1"\n', [Locked("a", "1", 1)]),
        ("pylock.toml", "pylock", PYLOCK, [Locked("a", "1", 2, ("python_version < '4'",)), Locked("b", "", 6), Locked("c", "", 10)]),
        ("Pipfile.lock", "pipenv", json.dumps(PIPENV, indent=4), [Locked("a", "1", 3, ("os_name == 'nt'",)), Locked("b", "", 7), Locked("c", "2", 13)]),
    ],
)  # fmt: skip
def test_locks(tmp_path: Path, name: str, tool: str, text: str, packages: list[Locked]) -> None:
    (tmp_path / name).write_text(text)
    found = look(tmp_path)
    assert (found.file, found.tool, found.unreadable) == (str(tmp_path / name), tool, ())
    assert list(found.packages) == packages
    assert "secret" not in repr(found)


def test_no_lock(tmp_path: Path) -> None:
    assert look(tmp_path) == Lock()


@pytest.mark.parametrize("name", ["uv.lock", "Pipfile.lock"])
@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\n<<<<<<< HEAD\na = 1\n=======\n>>>>>>> b\n", 2, "merge conflict"),
        ("{[", 0, "not valid"),
        ("[" * 200_000, 0, "not valid"),
        ("a." * 2000, 0, ""),
    ],
    ids=["conflict", "nonsense", "deep", "dots"],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, text: str, line: int, reason: str) -> None:
    (tmp_path / name).write_text(text)
    [bad] = look(tmp_path).unreadable
    assert bad.line == line and reason in bad.reason


@pytest.mark.parametrize(
    ("name", "text"),
    [("uv.lock", "package = 1\n"), ("uv.lock", 'package = [1, {name = 1}, {name = "a", version = 2, source = "x"}]\n'), ("Pipfile.lock", "[]"), ("Pipfile.lock", '{"default": []}'), ("Pipfile.lock", "")],
)  # fmt: skip
def test_nonsense_is_no_surprise(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert not any(package.version for package in look(tmp_path).packages)


def test_nothing_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "uv.lock")
    [bad] = look(tmp_path).unreadable
    assert bad.reason == "not a regular file of at most 8 MiB"


def test_a_long_lock_is_read_in_time(tmp_path: Path) -> None:
    files = "".join(
        f'    {{ url = "https://files.example.org/{n:060}/a-1.0.whl", hash = "sha256:{n:064}", size = 1 }},\n' for n in range(10)
    )
    (tmp_path / "uv.lock").write_text(
        "".join(f'[[package]]\nname = "a{n}"\nversion = "1"\nwheels = [\n{files}]\n' for n in range(3000))
    )
    started = time.monotonic()
    assert len(look(tmp_path).packages) == 3000
    assert time.monotonic() - started < 10
