"""Plug-ins come through entry points; what is wrong with one is a finding, and the others work on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import mlenv_checks
import mlenv_doctor
from mlenv_doctor.examine.engine import judge
from mlenv_doctor.examine.registry import GROUP, Plugin, UnknownName, causes, find_plugins, needed, select, sheets
from mlenv_doctor.model import Status, decide
from mlenv_doctor.patient import Python
from mlenv_doctor.tables import compiling

GOOD = '''
from mlenv_doctor.api import check, ok, Finding
from mlenv_doctor.patient import Python
@check("{family}.is-there", causes=("gone",))
def there(python: Python) -> Finding:
    """It is there."""
    return ok("here")
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Write a module, and return the entry point of a plug-in made of it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, text: str) -> EntryPoint:
        (tmp_path / f"{name}.py").write_text(text)
        sys.modules.pop(name, None)
        return EntryPoint(name, name, GROUP)

    return write


def test_the_built_in_checks_come_the_same_way() -> None:
    assert find_plugins()[0].name == "builtin" and len(find_plugins()[0].checks) > 25


def test_a_plugin_is_found_and_runs(install) -> None:  # type: ignore[no-untyped-def]
    (plugin,) = find_plugins([install("fine_plugin", GOOD.format(family="fine"))])
    (result,) = judge(plugin.checks, {Python: Python()})
    assert (result.id, result.findings[0].message) == ("fine.is-there", "here")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("raise SystemError('no')", "SystemError"),
        ("def f(:", "SyntaxError"),
        ("FAMILIES = 3", "TypeError"),
        ("FAMILIES = ['x']", "ModuleNotFoundError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("STAGES = ['x']", "STAGES holds 'x', which is not a Stage"),
        ("LIBRARIES = [3]", "LIBRARIES holds 3, which is not a WantedLibrary"),
        ("CAUSES = [3]", "TypeError"),
        (GOOD.format(family="a.b"), "in lower case"),
    ],
)
def test_a_broken_plugin_is_a_finding_and_no_verdict(install, text: str, says: str) -> None:  # type: ignore[no-untyped-def]
    fine, broken = find_plugins([install("a_fine_one", GOOD.format(family="fine")), install("broken_one", text)])
    results = judge((*fine.checks, *broken.checks), {Python: Python()})
    assert results[0].findings[0].status is Status.PASS
    assert results[1].id == "plugin.broken-one" and says in results[1].findings[0].message
    assert decide(results).value == "unknown"


def test_an_id_belongs_to_the_first(install) -> None:  # type: ignore[no-untyped-def]
    first, second = find_plugins([install("aa", GOOD.format(family="same")), install("bb", GOOD.format(family="same"))])
    (result,) = judge(second.checks, {Python: Python()})
    assert first.checks[0].id == "same.is-there"
    assert "brings same.is-there, which aa has already" in result.findings[0].message


def test_a_plugin_may_not_bring_an_id_twice(install) -> None:  # type: ignore[no-untyped-def]
    twice = GOOD.format(family="twice") + GOOD.format(family="twice").replace("def there", "def again")
    (plugin,) = find_plugins([install("twice_plugin", twice)])
    assert [check.family for check in plugin.checks] == ["twice", "plugin"]


def test_checks_are_selected_by_family_and_id() -> None:
    checks = find_plugins()[0].checks
    chosen, off = select(checks, ["python", "venv.intact"], ["python.build"])
    assert {c.family for c in chosen} == {"python", "venv"} and "python.build" not in {c.id for c in chosen}
    assert [c.id for c in off] == ["python.build"]
    assert select(checks) == (checks, ())


@pytest.mark.parametrize(("name", "says"), [("libaries", "did you mean 'libraries'"), ("qqqqqq", "mlenv-doctor list")])
def test_an_unknown_name_is_refused(name: str, says: str) -> None:
    with pytest.raises(UnknownName, match=says):
        select(find_plugins()[0].checks, [name])


def test_broken_plugins_are_told_whatever_is_selected(install) -> None:  # type: ignore[no-untyped-def]
    fine, broken = find_plugins([install("a_fine", GOOD.format(family="fine")), install("ill", "raise ValueError")])
    chosen, _ = select((*fine.checks, *broken.checks), ["fine"])
    assert [c.id for c in chosen] == ["fine.is-there", "plugin.ill"]


def test_needs_and_causes_are_gathered() -> None:
    checks = find_plugins()[0].checks
    assert len(needed(checks)) == len(set(needed(checks))) and Python in needed(checks)
    assert {c.id for c in causes(checks)["python-too-old"]} == {
        "python.starts",
        "python.version",
        "libraries.import",
        "symptom.explained",
    }


def plugged(folder: Path) -> None:
    """Two tiny distributions with plug-ins, as pip would leave them there."""
    for name, text in {"kind": GOOD.format(family="kind"), "ill": "raise RuntimeError('ill')"}.items():
        (folder / f"{name}_plugin.py").write_text(text)
        info = folder / f"{name}_plugin-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}_plugin\n")


def test_plugins_are_found_where_the_doctor_is_installed(tmp_path: Path) -> None:
    venv.create(tmp_path / "own", with_pip=False)
    site = next((tmp_path / "own").glob("lib/python*/site-packages"))
    theirs = [entry for entry in sys.path if entry.endswith("site-packages")]
    sources = {str(Path(module.__file__).parent.parent) for module in (mlenv_checks, mlenv_doctor)}
    (site / "doctor.pth").write_text("\n".join([*sources, *theirs]))
    shutil.copytree(next(Path(theirs[0]).glob("mlenv_doctor-*.dist-info")), site / "mlenv_doctor-1.dist-info")
    plugged(site)
    said = subprocess.run([tmp_path / "own/bin/python", "-m", "mlenv_doctor", "list"], capture_output=True, text=True)
    assert "kind.is-there " in said.stdout and "plugin.ill " in said.stdout and said.returncode == 0, said.stderr
    assert said.stderr == ""


def test_plugins_are_not_found_where_a_variable_points(tmp_path: Path) -> None:
    plugged(tmp_path)
    path = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run([sys.executable, "-m", "mlenv_doctor", "list"], env=path, capture_output=True, text=True)
    assert "plugin." not in said.stdout and "is-there" not in said.stdout and said.returncode == 0


def test_the_fixes_of_a_module_come_as_text() -> None:
    assert list(sheets(Plugin("mine", (), cheatsheet="a sheet"))) == ["a sheet"]


def test_the_fixes_of_a_folder_come_as_data_where_they_are_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '["a.fix"]\ntitle = "A"\n'
    for folder in ("sheeted/compiled", "unsheeted"):
        (tmp_path / folder).mkdir(parents=True)
    for package in ("sheeted", "unsheeted"):
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "fixes.toml").write_text(text)
    (tmp_path / "sheeted/compiled/fixes.toml.json").write_bytes(compiling("fixes.toml", text.encode()))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(sheets(Plugin("mine", (), folders=("sheeted", "unsheeted")))) == [{"a.fix": {"title": "A"}}, text]
