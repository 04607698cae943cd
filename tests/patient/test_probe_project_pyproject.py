"""What pyproject.toml declares: the probe run for real on real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from patient.test_probe_project import look, reasons, texts


@pytest.mark.parametrize(
    "version, expected",
    [
        ("^1.2.3", ">=1.2.3,<2"), ("^0.2.3", ">=0.2.3,<0.3"), ("^0.0.3", ">=0.0.3,<0.0.4"), ("^0", ">=0,<1"), ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"), ("~=1.4", "~=1.4"), ("*", ""), ("1.2", "==1.2"), (">=1,<3", ">=1,<3"), ("^1.2, !=1.5", ">=1.2,<2,!=1.5"),
    ],
)  # fmt: skip
def test_the_notation_of_poetry(tmp_path: Path, version: str, expected: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.poetry]\nname = "lab"\n[tool.poetry.dependencies]\nnumpy = "{version}"\n')
    found = look(tmp_path)
    assert (found.name, texts(found)) == ("lab", [(f"numpy{expected}", "pyproject.toml", 4)])


def test_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "lab"\nrequires-python = ">=3.10"\ndependencies = [\n  "numpy>=2",\n  "b >> 1",\n]\n'
        '[tool.poetry.dependencies]\npython = "^3.9"\na = {path = "../a"}\nb = {version = "1", optional = true}\nc = ["x"]\n'
    )
    found = look(tmp_path)
    assert (found.name, found.requires_python, found.requires_python_line) == ("lab", ">=3.10", 3)
    assert texts(found) == [("numpy>=2", "pyproject.toml", 5)]
    assert [line for _, line, _ in reasons(found)] == [6]


@pytest.mark.parametrize(
    "text",
    ["[project", "[project]\nname = 3\ndependencies = 'numpy'\n", "project = 1\ntool = 2\n", "[tool]\npoetry = []\n", "[project]\nrequires-python = 'x'\n", "[tool.poetry]\ndependencies = 1\n"],
)  # fmt: skip
def test_nonsense_in_pyproject_is_no_surprise(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    found = look(tmp_path)
    assert not found.requirements
    assert bool(found.unreadable) is (text == "[project" or "requires-python" in text)


@pytest.mark.parametrize(
    "what, expected",
    [
        ("{version = '^3', markers = \"sys_platform == 'win32'\"}", ["a>=3,<4; sys_platform == 'win32'"]),
        ("{version = '^3', python = '<3.9'}", ["a>=3,<4; python_version < '3.9'"]),
        ("{version = '^3', python = '~3.9 || ^3.11'}", []),
        (
            "{version = '^3', markers = 'os_name == \"nt\"', python = '3.9.*'}",
            ["a>=3,<4; (os_name == \"nt\") and (python_version == '3.9')"],
        ),
        ("{version = '*', platform = 'win32'}", ["a; sys_platform == 'win32'"]),
        ("{version = '*', platform = 'win32|linux'}", []),
        ("{version = '1', extras = ['x', 'y']}", ["a[x,y]==1"]),
        (
            "[{version = '^2', python = '<3.9'}, {version = '^3', python = '>=3.9.2'}]",
            ["a>=2,<3; python_version < '3.9'", "a>=3,<4; python_full_version >= '3.9.2'"],
        ),
        ("'^1.2 || ^2.0'", []),
        ("{git = 'https://me:secret@example.org/a.git', branch = 'x'}", ["a @ git+https://example.org/a.git"]),
        ("{path = '../a'}", []),
        ("{version = '^1'}", ["a>=1,<2"]),
    ],
    ids=[
        "markers",
        "python",
        "pythons",
        "both",
        "platform",
        "platforms",
        "extras",
        "several",
        "alternatives",
        "address",
        "folder",
        "table",
    ],
)
def test_the_tables_of_poetry(tmp_path: Path, what: str, expected: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.poetry]\nname = "lab"\n[tool.poetry.dependencies]\na = {what}\n')
    found = look(tmp_path)
    assert ([text for text, _, _ in texts(found)], reasons(found)) == (expected, [])


@pytest.mark.parametrize(
    "version, expected",
    [
        ("3.11", "==3.11.*"),
        ("3", "==3.*"),
        ("3.11.7", "==3.11.7"),
        ("^3.9", ">=3.9,<4"),
        ("*", None),
        (">=3.9,<3.13", ">=3.9,<3.13"),
    ],
)
def test_the_python_of_poetry(tmp_path: Path, version: str, expected: str | None) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.poetry]\nname = "my-python"\n[tool.poetry.dependencies]\npython = "{version}"\n'
    )
    found = look(tmp_path)
    assert (found.requires_python, found.requires_python_line) == (expected, 4 if expected else 0)


def test_a_project_does_not_require_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "My.Lab"\ndependencies = ["my-lab[gpu]", "numpy"]\n')
    (tmp_path / "requirements.txt").write_text("my_lab\npandas\n")
    assert [text for text, _, _ in texts(look(tmp_path))] == ["numpy", "pandas"]


def test_the_line_is_that_of_the_requirement(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "numpy-lab"\nkeywords = ["numpy arrays"]\ndependencies = [\n  "numpy",\n]\n'
    )
    assert texts(look(tmp_path)) == [("numpy", "pyproject.toml", 5)]


def test_what_uv_overrides_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[project]\ndependencies = ['A_b<2; os_name == \"posix\"', 'c<2']\n[tool.uv]\noverride-dependencies = ['a-b>=2', 3]\n"
    )
    found = look(tmp_path)
    assert [text for text, _, _ in texts(found)] == ['a-b; os_name == "posix"', "c<2"]
    assert [limit.text for limit in found.limits] == ["a-b>=2"]


@pytest.mark.parametrize("version", ["^²", "^" + "9" * 5000, "~٣", "^1." + "0." * 99, "^"])
def test_odd_digits_are_no_surprise(tmp_path: Path, version: str) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nrequires-python = "=={version[1:]}"\n[tool.poetry.dependencies]\nnumpy = "{version}"\npython = "{version}"\n'
    )
    look(tmp_path)


def test_very_many_requirements_are_read_in_time(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = [\n" + '"a",\n' * 100_000 + "]\n")
    assert texts(look(tmp_path))[-1] == ("a", "pyproject.toml", 3)


@pytest.mark.parametrize("text", ["[" * 100_000, "a = " + "[" * 100_000, "a." * 100_000 + "a = 1", "a = " + "{a=" * 50_000])
def test_deep_tables_are_no_surprise(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    assert [text for text, _, _ in texts(look(tmp_path))] == ["numpy"]
