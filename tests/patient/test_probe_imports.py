"""The probe that imports, run for real on libraries that behave badly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab.patient import other_python
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Imported, Imports
from support.probing import probe


def run(
    site: Path, *modules: str, name: str = "lib", info: str = "", python: Path | None = None, timeout: float | None = None
) -> Imports | Missing:
    asked = {"import": {"name": name, "modules": list(modules), "info": info}}
    more = {"python": python} if python else {}
    project = site.parent / "project"
    project.mkdir(exist_ok=True)
    return probe(Imports, cwd=project, env={"PYTHONPATH": str(site)}, timeout=timeout, **more, **asked)  # type: ignore[arg-type]


def one(found: Imports | Missing) -> Imported:
    assert isinstance(found, Imports), found
    return found.libraries[0]


@pytest.mark.parametrize("minor", ["3.6", "3.9", "3.11", "3.13"])
def test_every_python_imports(tmp_path: Path, minor: str) -> None:
    (tmp_path / "lib.py").write_text("__version__ = '1.2'\nclass Thing: pass\nprint('chatter')")
    (tmp_path / "bad.py").write_text("import lib\nimport nowhere\n")
    python = other_python(minor)
    good = one(run(tmp_path, "lib.Thing", python=python))
    assert (good.outcome, good.version, good.file) == ("ok", "1.2", str(tmp_path / "lib.py"))
    bad = one(run(tmp_path, "lib", "bad", python=python))
    assert (bad.outcome, bad.module, bad.reason, bad.message) == (
        "error",
        "bad",
        "ModuleNotFoundError",
        "No module named 'nowhere'",
    )
    assert bad.file == str(tmp_path / "bad.py")
    assert "Traceback" in bad.detail


@pytest.mark.parametrize(
    "source, reason, message",
    [
        ("raise SystemExit(3)", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise ImportError('first\\n\\nlast')", "ImportError", "last"),
        ("def :", "SyntaxError", "invalid syntax (lib.py, line 1)"),
        (
            "import ctypes; ctypes.CDLL('libnowhere.so.7')",
            "OSError",
            "libnowhere.so.7: cannot open shared object file: No such file or directory",
        ),
    ],
    ids=["exit", "interrupt", "lines", "syntax", "library"],
)
def test_errors(tmp_path: Path, source: str, reason: str, message: str) -> None:
    (tmp_path / "lib.py").write_text(source)
    bad = one(run(tmp_path, "lib"))
    assert (bad.outcome, bad.reason, bad.message) == ("error", reason, message)


def test_the_file_to_blame_is_one_of_a_library_not_of_python(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "lib.py").write_text("import ctypes; ctypes.CDLL('libnowhere.so.7')")
    assert one(run(site, "lib")).file == str(site / "lib.py")


def test_a_missing_attribute_of_a_lazy_library(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("")
    assert one(run(tmp_path, "lib.Model")).reason == "AttributeError"


@pytest.mark.parametrize(
    "source, kind",
    [
        ("import os; os._exit(7)", Why.NO_ANSWER),
        ("import os; os.abort()", Why.KILLED),
        ("import time; time.sleep(60)", Why.TIMEOUT),
        ("import sys; sys.stdin = sys.stdout = sys.stderr = None", None),
        ("import os; os.close(0); os.close(1); os.close(2)", None),
        ("import os; os.chdir('/'); os.environ.clear()", None),
        ("import sys; sys.stdout.write('x' * 300_000)", None),
    ],
    ids=["exit", "abort", "sleep", "no-streams", "closed", "elsewhere", "chatter"],
)
def test_bad_manners(tmp_path: Path, source: str, kind: str | None) -> None:
    (tmp_path / "lib.py").write_text(source)
    started = time.monotonic()
    found = run(tmp_path, "lib", timeout=3)
    assert time.monotonic() - started < 10
    assert (found.kind if isinstance(found, Missing) else None) == kind


@pytest.mark.parametrize(
    "file, text, outcome, module",
    [
        ("top_level.txt", "_private\nlib\n", "ok", "lib"),
        ("top_level.txt", "lib\nother\n", "ok", "lib"),
        ("top_level.txt", "one\nother\n", "not-run", ""),
        ("RECORD", "lib.py,sha256=x,1\nlib-1.dist-info/RECORD,,\n", "ok", "lib"),
        ("RECORD", "pkg/__init__.py,,\npkg/sub/__init__.py,,\n__editable__x.py,,\n", "ok", "pkg"),
        ("RECORD", "a.py,,\nb.py,,\n", "not-run", ""),
        ("other", "", "ok", "lib"),
    ],
    ids=["named", "own-of-several", "several", "record", "package", "two", "nothing"],
)
def test_names_that_nobody_told(tmp_path: Path, file: str, text: str, outcome: str, module: str) -> None:
    for name in ("lib.py", "pkg.py"):
        (tmp_path / name).write_text("")
    info = tmp_path / "lib-1.dist-info"
    info.mkdir()
    (info / file).write_text(text)
    found = one(run(tmp_path, info=str(info)))
    assert (found.outcome, found.module) == (outcome, module)


def test_a_name_that_is_nowhere(tmp_path: Path) -> None:
    assert one(run(tmp_path, name="no-where", info=str(tmp_path / "no_where-1.dist-info"))).outcome == "not-run"


@pytest.mark.parametrize(
    "where, info, outcome",
    [
        ("project", "", "own"),
        ("project/src", "", "own"),
        ("project", "project/lab.egg-info", "own"),
        ("project/bundled", "project/bundled/lab-1.dist-info", "ok"),
        ("project/.local/lib/python3.11/site-packages", "", "ok"),
        ("project-two", "", "ok"),
    ],
    ids=["flat", "src", "egg-link", "target", "home", "beside"],
)
def test_the_projects_own_code_is_not_run(tmp_path: Path, where: str, info: str, outcome: str) -> None:
    project, folder = tmp_path / "project", tmp_path / where
    for place in (project, folder):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "lab.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    asked = {"import": {"name": "lab", "modules": ["lab"], "info": info and str(tmp_path / info)}}
    found = one(probe(Imports, cwd=project, env={"PYTHONPATH": str(folder)}, **asked))
    assert found.outcome == outcome
    assert (tmp_path / "ran").exists() is (outcome == "ok")
