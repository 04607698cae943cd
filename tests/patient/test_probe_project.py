"""The probe of the project's declarations, run for real on real files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mlenv_doctor.patient import Project
from support.probing import probe


def look(folder: Path) -> Project:
    started = time.monotonic()
    found = probe(Project, cwd=folder)
    assert isinstance(found, Project), found
    assert time.monotonic() - started < 5
    return found


def texts(project: Project) -> list[tuple[str, str, int]]:
    return [(declared.text, Path(declared.file).name, declared.line) for declared in project.requirements]


def reasons(project: Project) -> list[tuple[str, int, str]]:
    return [(Path(bad.file).name, bad.line, bad.reason) for bad in project.unreadable]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("numpy\n\n# torch\npandas>=2  # why\n", [("numpy", 1), ("pandas>=2", 4)]),
        ("numpy>=1, \\\n  <3\npandas\n", [("numpy>=1,    <3", 1), ("pandas", 3)]),
        ("numpy==1 --hash=sha256:0\n", [("numpy==1", 1)]),
        ("-i https://example.org\n--pre\n-e .\n-c constraints.txt\nnumpy\n", [("numpy", 5)]),
        ("git+https://example.org/a.git\n./b\nc/d\ne.whl\nhttps://example.org/f.zip\n..\\g\nx==${V}\n", []),
        (
            "a @ https://example.org/a.zip\nb@https://example.org/b.whl\n",
            [("a @ https://example.org/a.zip", 1), ("b@https://example.org/b.whl", 2)],
        ),
        ("numpy; python_version < '3' and extra == 'x'\n", [("numpy; python_version < '3' and extra == 'x'", 1)]),
        ("numpy \\", [("numpy", 1)]),
        ("numpy#egg\n", []),
    ],
    ids=["comments", "continued", "hashes", "options", "addresses", "named-addresses", "marker", "cut-off", "hash-sign"],
)
def test_requirements(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert [(declared, line) for declared, _, line in texts(look(tmp_path))] == expected


@pytest.mark.parametrize(
    "data", ["numpy\n".encode("utf-16"), b"\xef\xbb\xbfnumpy\r\n", b"numpy"], ids=["utf-16", "bom", "no-newline"]
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "requirements.txt").write_bytes(data)
    found = look(tmp_path)
    assert (texts(found), reasons(found)) == ([("numpy", "requirements.txt", 1)], [])


def test_latin_1_is_named_and_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("numpy # größer\n".encode("latin-1"))
    found = look(tmp_path)
    assert (texts(found), reasons(found)) == ([("numpy", "requirements.txt", 1)], [("requirements.txt", 0, "not UTF-8")])


def test_unreadable_lines_have_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\npandas >> 2\n-r nowhere.txt\n-r https://example.org/r.txt\n")
    found = look(tmp_path)
    assert [(file, line) for file, line, _ in reasons(found)] == [("requirements.txt", 2), ("requirements.txt", 3)]
    assert "nowhere.txt, which does not exist" in reasons(found)[1][2]
    assert found.declares


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt", ".python-version"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "large", "loop"])
def test_nothing_blocks(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_text("#\n" * 1_000_000)
    assert reasons(look(tmp_path)) == ([] if kind == "loop" else [(name, 0, "not a regular file of at most 1 MiB")])


def test_circles_of_includes_end(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r a.txt\nnumpy\n")
    (tmp_path / "a.txt").write_text("--requirement=./b.txt\npandas\n")
    (tmp_path / "b.txt").write_text("-rrequirements.txt\n--requirement a.txt\nscipy\n")
    found = look(tmp_path)
    assert sorted(texts(found)) == [("numpy", "requirements.txt", 2), ("pandas", "a.txt", 2), ("scipy", "b.txt", 3)]


@pytest.mark.parametrize(
    "name, counts",
    [("requirements.txt", True), ("requirements-gpu.txt", True), ("Requirements_base.txt", True), ("requirements-dev.txt", False), ("dev-requirements.txt", False), ("constraints.txt", False)],
)  # fmt: skip
def test_which_files_count(tmp_path: Path, name: str, counts: bool) -> None:
    (tmp_path / name).write_text("numpy\n")
    assert look(tmp_path).declares is counts


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        ("lab-env\n3.11.7\n3.12\n", "==3.11.*", 2),
        ("cpython-3.12\n", "==3.12.*", 1),
        ("3.13t  # without the GIL\n", "==3.13.*", 1),
        ("pypy3.10\n3\n3.1" + "9" * 5000 + "\n٣.١\n", None, 0),
    ],
    ids=["several", "uv", "free-threaded", "none"],
)
def test_python_version(tmp_path: Path, text: str, expected: str | None, line: int) -> None:
    (tmp_path / ".python-version").write_text(text)
    found = look(tmp_path)
    assert (found.requires_python, found.requires_python_line) == (expected, line)


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("requirements.txt", "--index-url https://download.pytorch.org/whl/cpu\ntorch\n", True),
        ("requirements.txt", "torch\n--extra-index-url https://me:secret@mirror.example/whl/cpu/\n", True),
        ("requirements.txt", "-f https://download.pytorch.org/whl/cpu/torch_stable.html\ntorch\n", True),
        ("requirements.txt", "--index-url https://download.pytorch.org/whl/cu128\ntorch\n", False),
        ("requirements.txt", "# --index-url https://download.pytorch.org/whl/cpu\ntorch\n", False),
        ("pyproject.toml", "[[tool.uv.index]]\nname='cpu'\nurl='https://download.pytorch.org/whl/cpu'\n", True),
        ("pyproject.toml", '[[tool.poetry.source]]\nurl = "https://download.pytorch.org/whl/cpu"\n', True),
        ("Pipfile", "[[source]]\nurl = 'https://download.pytorch.org/whl/cpu'\n", True),
        ("environment.yml", "dependencies: [pytorch, cpuonly]\n", True),
        ("environment.yml", "dependencies: ['pytorch=2.5=*cpu*']\n", True),
        ("environment.yml", "dependencies: ['pytorch=2.5=*cuda*']\n", False),
        ("pyproject.toml", "# https://download.pytorch.org/whl/cpu\n[project]\nname='x'\n", False),
    ],
)
def test_an_index_of_cpu_builds_is_noticed(tmp_path: Path, file: str, text: str, found: bool) -> None:
    (tmp_path / file).write_text(text)
    project = look(tmp_path)
    assert project.cpu_index == (str(tmp_path / file) if found else "")
    assert "secret" not in repr(project)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PIP_INDEX_URL", "https://u:p@host/whl/cpu"), ("UV_TORCH_BACKEND", "cpu"), ("UV_INDEX", "x=https://h/whl/cpu")],
)
def test_a_variable_for_cpu_builds_is_noticed(tmp_path: Path, name: str, value: str) -> None:
    found = probe(Project, cwd=tmp_path, env={name: value})
    assert isinstance(found, Project) and found.cpu_index == name


@pytest.mark.parametrize(
    "names, read",
    [
        (["requirements.txt", "requirements-gpu.txt", "requirements-base.txt"], ["requirements.txt"]),
        (["requirements-cpu.txt", "requirements-gpu.txt"], []),
        (
            ["requirements-base.txt", "requirements_GPU.txt", "requirements-ml.txt"],
            ["requirements-base.txt", "requirements-ml.txt"],
        ),
        (["requirements.gpu.txt"], ["requirements.gpu.txt"]),
    ],
    ids=["plain", "alternatives", "common", "only"],
)
def test_of_alternatives_none_is_required(tmp_path: Path, names: list[str], read: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("numpy\n")
    assert [name for _, name, _ in texts(look(tmp_path))] == read


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a==1\t--hash=sha256:0\nb==1 \\\n\t--hash=sha256:0\n", ["a==1", "b==1"]),
        ("a @ https://me:secret@example.org/a.zip?token=secret#sha256=0\n", ["a @ https://example.org/a.zip#sha256=0"]),
        ("-e git+https://secret@example.org/a.git@v1#egg=A&subdirectory=x\n", ["A @ git+https://example.org/a.git@v1#egg=A&subdirectory=x"]),
        ("git+ssh://git@example.org/a.git#egg=a-dev\n-e ../b[gpu]\n-e file:///c#egg=c-1.2\n", []),
        ("https://example.org/y_z-1.0+cpu-cp311-cp311-linux_x86_64.whl\n./local-1.0-py3-none-any.whl\n", ["y_z @ https://example.org/y_z-1.0+cpu-cp311-cp311-linux_x86_64.whl"]),
        ("a @ file:///c/d.whl\nb @ file://${PWD}/b\n", ["a @ file:///c/d.whl"]),
        ("# -*- coding: latin-1 -*-\n\xe4==1  # \xf6\na\n", ["a"]),
        ("-r 'with blanks.txt'\n", ["inner"]),
        ("git@github.com:a/b.git\n", []),
        ("a\nb\n", ["a", "b"]),
    ],
    ids=["tab", "secrets", "egg", "no-name", "wheel", "file", "coding", "quotes", "ssh", "plain"],
)  # fmt: skip
def test_what_pip_reads_besides(tmp_path: Path, text: str, expected: list[str]) -> None:
    (tmp_path / "requirements.txt").write_bytes(text.encode("latin-1"))
    (tmp_path / "with blanks.txt").write_text("inner\n")
    found = look(tmp_path)
    assert [text for text, _, _ in texts(found)] == expected
    assert "secret" not in repr(found) and "not UTF-8" not in repr(found)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "environment.yml", "Pipfile"])
def test_a_merge_conflict_has_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# x\n<<<<<<< HEAD\na==1\n=======\na==2\n>>>>>>> other\nnumpy\n")
    found = look(tmp_path)
    assert reasons(found) == [(name, 2, "git left a merge conflict in it, which begins here")]
    assert [text for text, _, _ in texts(found)] == (["a==1", "a==2", "numpy"] if name == "requirements.txt" else [])


def test_what_conda_built_elsewhere_counts_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "numpy @ file:///feedstock_root/build_artifacts/numpy_17/work/dist/numpy-1.26.4-cp311.whl#sha256=0\n"
        "six @ file:///croot/six_1/work; python_version > '3'\nown @ file:///srv/own\n"
    )
    found = look(tmp_path)
    assert [text for text, _, _ in texts(found)] == ["numpy", "six; python_version > '3'", "own @ file:///srv/own"]
    assert [(line, reason.split()[-1]) for _, line, reason in reasons(found)] == [(1, "numpy"), (2, "six")]


def test_a_long_continuation_is_read_in_time(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy \\\n" + "\\\n" * 400_000 + "--pre\npandas\n")
    assert [text for text, _, _ in texts(look(tmp_path))] == ["numpy", "pandas"]
