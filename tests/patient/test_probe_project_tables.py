"""Groups, limits, Pipfile, environment.yml: the probe of the project's declarations, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlenv_checks.libraries.facts import Lock
from mlenv_doctor.patient import Declared, Project
from patient.test_probe_project import look, reasons, texts
from support.probing import probe

PYPROJECT = """
[project]
name = "lab"
dynamic = ["dependencies"]
[project.optional-dependencies]
gpu = ["torch>=2", "lab[all]"]
[dependency-groups]
dev = ["pytest>=8", {include-group = "docs"}]
docs = ["sphinx"]
[tool.setuptools.dynamic]
dependencies = {file = ["needs.in", "../elsewhere.txt"]}
[tool.uv]
dev-dependencies = ["ruff"]
constraint-dependencies = ["numpy<2"]
[tool.pdm.dev-dependencies]
test = ["tox", "-e file:///x"]
[tool.poetry.dependencies]
extra = {version = "^1", optional = true}
[tool.poetry.dev-dependencies]
black = "^23"
[tool.poetry.group.lint.dependencies]
mypy = "*"
"""


def short(declared: tuple[Declared, ...]) -> list[tuple[str, int, str]]:
    return [(each.text, each.line, each.group) for each in declared]


def test_groups_and_limits(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "needs.in").write_text("scipy\n")
    found = look(tmp_path)
    assert texts(found) == [("scipy", "needs.in", 1)]
    assert short(found.limits) == [("numpy<2", 14, "")]
    assert short(found.grouped) == [
        ("torch>=2", 6, "extra gpu"),
        ("pytest>=8", 8, "group dev"),
        ("sphinx", 9, "group docs"),
        ("tox", 16, "group test"),
        ("ruff", 13, "group dev"),
        ("extra>=1,<2", 18, "extra"),
        ("black>=23,<24", 20, "group dev"),
        ("mypy", 22, "group lint"),
    ]


def test_the_line_is_that_of_the_own_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ndev = [\n  "a",\n]\n[project]\ndependencies = [\n  "a",\n]\n')
    found = look(tmp_path)
    assert (texts(found), short(found.grouped)) == ([("a", "pyproject.toml", 7)], [("a", 3, "group dev")])


def test_constraints_only_limit(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "-c limits/c.txt\nnumpy\n--constraint=limits/c.txt\n-c https://example.org/c.txt\n"
    )
    (tmp_path / "limits").mkdir()
    (tmp_path / "limits/c.txt").write_text("numpy<2\n-r more.txt\n-c c.txt\n")
    (tmp_path / "limits/more.txt").write_text("scipy<2\n")
    found = look(tmp_path)
    assert (texts(found), reasons(found)) == ([("numpy", "requirements.txt", 2)], [])
    assert short(found.limits) == [("numpy<2", 1, ""), ("scipy<2", 1, "")]


@pytest.mark.parametrize(
    ("names", "main", "grouped"),
    [
        (["requirements.txt", "requirements-dev.txt"], ["requirements.txt"], ["requirements-dev.txt"]),
        (["dev-requirements.txt", "test_requirements.txt"], [], ["dev-requirements.txt", "test_requirements.txt"]),
        (["requirements/base.txt", "requirements/dev.txt", "requirements/old.txt"], ["base.txt"], ["dev.txt"]),
        (["requirements.txt", "requirements/base.txt"], ["requirements.txt"], []),
        (["dev.txt", "tests.txt", "requirements-old.txt"], [], []),
    ],
)
def test_which_file_is_for_whom(tmp_path: Path, names: list[str], main: list[str], grouped: list[str]) -> None:
    (tmp_path / "requirements").mkdir()
    for name in names:
        (tmp_path / name).write_text("numpy\n")
    found = look(tmp_path)
    assert [Path(each.file).name for each in found.requirements] == main
    assert [Path(each.file).name for each in found.grouped] == grouped


def test_a_group_that_includes_the_rest_does_not_repeat_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\n-r requirements-dev.txt\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest\n")
    found = look(tmp_path)
    assert sorted(text for text, _, _ in texts(found)) == ["numpy", "pytest"]
    (tmp_path / "requirements.txt").write_text("numpy\n")
    assert short(look(tmp_path).grouped) == [("pytest", 2, "group dev")]


PIPFILE = """[packages]
numpy = "==2.1"
pandas = {version = ">=1", markers = "python_version < '4'", extras = ["a"]}
torch = {file = "https://me:secret@example.org/torch.whl"}
mac = {version = "*", sys_platform = "== 'darwin'"}
own = {path = ".", editable = true}
[dev-packages]
pytest = "*"
[requires]
python_version = "3.11"
"""


def test_pipfile(tmp_path: Path) -> None:
    (tmp_path / "Pipfile").write_text(PIPFILE)
    found = look(tmp_path)
    assert (found.requires_python, found.requires_python_line) == ("==3.11.*", 10)
    assert texts(found) == [
        ("numpy==2.1", "Pipfile", 2),
        ("pandas[a]>=1; python_version < '4'", "Pipfile", 3),
        ("torch @ https://example.org/torch.whl", "Pipfile", 4),
        ("mac; sys_platform == 'darwin'", "Pipfile", 5),
    ]
    assert short(found.grouped) == [("pytest", 8, "group dev")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("numpy", ["numpy"]), ("numpy=1.26", ["numpy==1.26.*"]), ("numpy==1.26.4", ["numpy==1.26.4"]), ("numpy>=1.2,<2", ["numpy>=1.2,<2"]),
        ("numpy 1.26.*", ["numpy==1.26.*"]), ("numpy =1.26", ["numpy==1.26.*"]), ("pytorch=2.1.0=py3.11_cuda12.1_cudnn8", ["torch==2.1.0.*"]),
        ("conda-forge/linux-64::numpy=1", ["numpy==1.*"]), ("'numpy[version=''>=1.2'']'", ["numpy>=1.2"]), ("numpy=1.25|1.26", []),
        ("numpy=1.26=*_openblas", ["numpy==1.26.*"]), ("pytorch=*=cuda*", ["torch"]), ("numpy >= 1.2, < 2", ["numpy>=1.2,<2"]), ("numpy 1.26 py311_0", ["numpy==1.26"]), ("Numpy!=1.5", ["numpy!=1.5"]), ("numpy *", ["numpy"]), ("openssl=1.1.1w", []),
        ("'*'", []), ("numpy>=1.2.*", ["numpy>=1.2"]), ("python>=3.9", []), ("{x: 1}", []), ("[a]", []), ("", []), ("msys2::m2-base", ["m2-base"]),
    ],
)  # fmt: skip
def test_the_notation_of_conda(tmp_path: Path, line: str, expected: list[str]) -> None:
    (tmp_path / "environment.yml").write_text(f"name: lab\ndependencies:\n  - {line}\n")
    found = look(tmp_path)
    assert (short(found.conda), reasons(found)) == ([(text, 3, "") for text in expected], [])


ENVIRONMENT = """dependencies:
  - python=3.11
  - numpy
  - pip:
      - -r more.txt
      - -c more.txt
      - --pre
      - joblib>=1  # why
      - git+https://example.org/x.git#egg=some
      - {not: text}
  - pip
"""


def test_environment(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(ENVIRONMENT)
    (tmp_path / "more.txt").write_text("scipy\n")
    found = look(tmp_path)
    assert (found.requires_python, found.requires_python_line) == ("==3.11.*", 2)
    assert [text for text, _, _ in texts(found)] == ["scipy", "joblib>=1", "some @ git+https://example.org/x.git#egg=some"]
    assert texts(found)[1:] == [("joblib>=1", "environment.yml", 8), (texts(found)[2][0], "environment.yml", 9)]
    assert [limit.text for limit in found.limits] == ["scipy"]


def test_an_environment_of_conda_counts_beside_requirements_only_in_one(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("scipy\n")
    (tmp_path / "environment.yml").write_text("dependencies: [numpy]\n")
    assert look(tmp_path).conda == ()
    (tmp_path / "env/conda-meta").mkdir(parents=True)
    found = probe(Project, cwd=tmp_path, prefix=str(tmp_path / "env"))
    assert isinstance(found, Project) and short(found.conda) == [("numpy", 1, "")]


@pytest.mark.parametrize(
    "text",
    ["", "text", "- a\n", "dependencies: 1\n", "dependencies:\n", "dependencies: {a: b}\n", "? [a]\n: b\ndependencies: [numpy, &a [*a]]\n", "dependencies: [numpy]\n---\nb: 1\n", "dependencies: [" + "[" * 60_000, "a: &a [x]\nb: [*c]\n", "#\n" * 90_000, "\x00"],
)  # fmt: skip
def test_nonsense_in_an_environment_is_no_surprise(tmp_path: Path, text: str) -> None:
    (tmp_path / "environment.yml").write_text(text)
    found = look(tmp_path)
    assert len(found.unreadable) <= 1 and found.requirements == ()


FILES = ("pyproject.toml", "Pipfile", "requirements.txt", "environment.yml", ".python-version", "uv.lock", "Pipfile.lock")
WORDS = st.sampled_from(
    [PYPROJECT, PIPFILE, ENVIRONMENT, "[[package]]\n", 'name = "a"\n', "-r requirements.txt\n", "-c ", "\\\n", "a==1 ", "--hash=x ", "@ file:// ", "[", "]", "{", "}", ":", "\n", "- ", "# ", '"', "'''", "&a ", "*a ", "\ufeff", "\x85", "é", '""', "9" * 5000, "^²", "=", "..", ".", "\x00", "<<<<<<< a\n"]
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.binary(max_size=200) | st.lists(WORDS, max_size=12).map(lambda words: "".join(words).encode()))
def test_no_bytes_stop_it(tmp_path: Path, name: str, data: bytes) -> None:
    for other in FILES:
        (tmp_path / other).unlink(missing_ok=True)
    (tmp_path / name).write_bytes(data)
    look(tmp_path)
    assert isinstance(found := probe(Lock, cwd=tmp_path), Lock), found
