"""The probe that asks ty, called directly on real files: with ty itself, and with programs that answer badly."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.project.probes import guards, tree, type_checker
from mlenv_checks.project.probes.type_checker import read_library_names

from .environments import write

TY = Path(sys.executable).with_name("ty")
LIBRARY = {
    "zqlib/__init__.py": "from .inner import kept\nfrom . import part\n__version__ = '1'\n",
    "zqlib/inner.py": "kept = 1\n",
    "zqlib/part.py": "",
    "zqlazy/__init__.py": "import sys\nfor name in ('a', 'b'):\n    setattr(sys.modules[__name__], name, 1)\n",
    "zqstar/__init__.py": "from ._fast import *\n",
    "zqstar/_fast.so": "",
    "zqfile.py": "here = 1\n",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with small libraries, which this Python takes for its own."""
    folder = tmp_path / "venv"
    packages = folder / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"
    write(packages, LIBRARY)
    write(folder, {"pyvenv.cfg": f"home = {sys.base_prefix}/bin\nversion = {sys.version.split()[0]}\n"})
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.syspath_prepend(packages)
    return folder


def read(folder: Path, files: dict[str, str], program: object = TY) -> dict[str, Any]:
    project = folder / "project"
    write(project, files)
    return read_library_names({"project": str(project), "tops": ["zqlib", "zqlazy", "zqstar", "zqfile"], "ty": str(program)})


def named(said: dict[str, Any]) -> list[tuple[str, str, int, bool]]:
    return [(f"{x['module']}.{x['name']}", x["weight"], x["line"], x["confirmed"]) for x in said["names"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from zqlib import gone", [("zqlib.gone", "needed", 1, True)]),
        ("import zqlib as z\nx = z.gone(1)", [("zqlib.gone", "needed", 2, True)]),
        ("import zqlib\ndef f():\n    return zqlib.gone", [("zqlib.gone", "inside", 3, True)]),
        ("import zqlib\nif __name__ == '__main__':\n    zqlib.gone", [("zqlib.gone", "needed", 3, True)]),
        ("import zqfile\nzqfile.gone", [("zqfile.gone", "needed", 2, True)]),
        ("import zqlib.gone", [("zqlib.gone.", "needed", 1, False)]),
        ("from zqlib import kept, part\nimport zqlib.inner", []),
        ("import os\nos.nosuch", [("os.nosuch", "needed", 2, False)]),
        ("import zqlazy\nzqlazy.a", [("zqlazy.a", "needed", 2, False)]),
        ("from zqstar import fast", [("zqstar.fast", "needed", 1, False)]),
        ("try:\n    from zqlib import gone\nexcept ImportError:\n    gone = None", []),
        ("import zqlib\ntry:\n    x = zqlib.gone\nexcept AttributeError:\n    x = 1", []),
        ("import zqlib\nx = zqlib.gone if hasattr(zqlib, 'gone') else 1", []),
        ("import zqlib\nif zqlib.__version__ < '2':\n    zqlib.gone", []),
        ("import zqlib\ndef f():\n    if VERSION > 2:\n        return 1\n    return zqlib.gone", []),
        ("import zqlib\nzqlib.gone = 1\nzqlib.gone", []),
        ("import zqlib\nsetattr(zqlib, 'gone', 1)\nzqlib.gone", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from zqlib import gone", []),
        ("import zqother\nzqother.gone", []),
        ("import zqlib\nclass A: pass\nA().gone\n(1).gone", []),
    ],
)
def test_what_ty_says_of_a_file(text: str, expected: list[tuple[str, str, int, bool]], tmp_path: Path, site: Path) -> None:
    said = read(tmp_path, {"app.py": text + "\n"})
    assert (said["engine"], said["files"]) == (str(TY), 1)
    assert named(said) == expected


def test_tests_and_examples_are_not_asked_about_and_the_nearest_place_counts(tmp_path: Path, site: Path) -> None:
    gone = "from zqlib import gone\n"
    files = {"tests/test_a.py": gone, "examples/a.py": gone, "src/app/a.py": gone, "main.py": "x = 1\n" + gone}
    said = read(tmp_path, files)
    assert [(each["file"], each["places"]) for each in said["names"]] == [("main.py", 2)]


def test_settings_of_the_project_change_nothing(tmp_path: Path, site: Path) -> None:
    settings = '[tool.ty.rules]\nall = "ignore"\n[tool.ty.src]\nexclude = ["app.py"]\n'
    said = read(tmp_path, {"app.py": "from zqlib import gone\n", "pyproject.toml": settings, "ty.toml": "this is no TOML"})
    assert [each["name"] for each in said["names"]] == ["gone"]


def test_a_project_without_files_of_its_own(tmp_path: Path) -> None:
    assert read(tmp_path, {"tests/a.py": ""}) == {"engine": str(TY), "files": 0, "complete": True, "names": []}


def script(folder: Path, text: str) -> Path:
    path = folder / "bin" / "ty"
    write(folder, {"bin/ty": f"#!{sys.executable}\n{text}\n"})
    path.chmod(0o755)
    return path


def one(description: object, path: object = "app.py", line: object = 1) -> dict[str, Any]:
    return {"description": description, "location": {"path": path, "positions": {"begin": {"line": line}}}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("print('{')", "gives an answer that cannot be read"),
        ("print('{}')", "gives an answer that cannot be read"),
        ("raise SystemExit(2)", "ended with exit code 2"),
        ("import time; time.sleep(60)", "took longer than 1 s"),
        ("while True: print('x' * 100000)", "says too much"),
    ],
)
def test_a_bad_answer_is_none(text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_checker, "SECONDS", 5 if "while" in text else 1)
    monkeypatch.setattr(type_checker, "LARGEST_ANSWER", 1 << 20)
    program = script(tmp_path, text)
    if "sleep" not in text:
        monkeypatch.setattr(type_checker, "SECONDS", 20)
    assert read(tmp_path, {"app.py": ""}, program) == {"engine": str(program), "problem": problem}


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    assert read(tmp_path, {"app.py": ""}, tmp_path / "nothing")["problem"] == "cannot be started"


def test_foreign_statements_are_passed_over(tmp_path: Path) -> None:
    good = "missing-module-member: Module `zqlib` has no member `gone`"
    odd = [None, 3, {}, one(None), one(good, path=3), one(good, line="1"), one(good, path="../../etc/passwd"), one("x" * 9999)]
    odd += [
        {"description": good, "location": []},
        one("Module `zqlib\x1b[31m` has no member `gone`"),
        one(good, line=99),
        one(good),
    ]
    said = read(tmp_path, {"app.py": "from zqlib import gone\n"}, script(tmp_path, f"print({json.dumps(json.dumps(odd))})"))
    assert [(each["name"], each["places"]) for each in said["names"]] == [("gone", 2)]


def test_no_secret_is_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-zq")
    program = script(tmp_path, f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(str(dict(os.environ))); print('[]')")
    assert read(tmp_path, {"app.py": ""}, program)["names"] == []
    assert "sk-zq" not in (tmp_path / "seen").read_text()


def test_a_large_project_is_read_in_part(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_checker, "MOST_FILES", 1)
    said = read(tmp_path, {"a.py": "", "b.py": "from zqlib import gone\n"})
    assert (said["files"], said["complete"], said["names"]) == (1, False, [])


def found(project: Path, own: str = "") -> str:
    return str(read_library_names({"project": str(project), "tops": [], "ty": own})["engine"])


def test_where_ty_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    theirs, other = script(project, "print('[]')"), script(outside, "print('[]')")
    monkeypatch.setattr(sys, "executable", str(project / "bin" / "python"))
    monkeypatch.chdir(project / "bin")
    for path in ("", ".", str(theirs.parent), f"{theirs.parent}{os.pathsep}.{os.pathsep}bin"):
        monkeypatch.setenv("PATH", path)
        assert found(project) == ""  # what came with the project is not started, wherever PATH leads
    monkeypatch.setenv("PATH", f"{theirs.parent}{os.pathsep}{other.parent}")
    assert found(project) == str(other)
    assert found(project, "/own/ty") == "/own/ty"
    (outside / "bin" / "ty").unlink()
    (outside / "bin" / "ty").symlink_to(theirs)
    assert found(project) == ""
    theirs.unlink()
    shutil.copy(TY, theirs)  # a program in the environment of the project is as good as its interpreter
    assert found(project) == str(theirs)


@pytest.mark.parametrize(
    ("text", "line", "weight"),
    [
        ("x.gone", 1, "needed"),
        ("class A:\n    y = x.gone", 2, "needed"),
        ("@x.gone\ndef f(): pass", 1, "needed"),
        ("for i in y:\n    x.gone\nelse:\n    x.gone", 4, "needed"),
        ("with y:\n    x.gone", 2, "needed"),
        ("with suppress(Exception):\n    x.gone", 2, "guarded"),
        ("try:\n    x.gone\nexcept KeyError:\n    pass", 2, "needed"),
        ("try:\n    pass\nfinally:\n    x.gone", 4, "needed"),
        ("if ready:\n    x.gone", 2, "needed"),
        ("if torch is None:\n    x.gone", 2, "guarded"),
        ("y = has_zq and x.gone", 1, "guarded"),
        ("y = getattr(x, 'gone', x.gone)", 1, "guarded"),
        ("def f(a):\n    if a is None:\n        return 1\n    return x.gone", 4, "inside"),
        ("x.gone", 7, "guarded"),
    ],
)
def test_the_weight_of_a_line(text: str, line: int, weight: str) -> None:
    assert guards.weight(tree.parsed(text), line) == weight
