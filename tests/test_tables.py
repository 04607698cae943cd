"""What is compiled says what its text says, and is not used once that has changed."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mlenv_doctor.examine.checking import Check
from mlenv_doctor.examine.registry import UnknownName, find_plugins, select
from mlenv_doctor.repair import CheatSheet, Unfit
from mlenv_doctor.tables import compiling, digest, parsed, rows, table
from support import scripts

compiler = scripts.load("compiled")
MADE = dict(compiler.made())
FIX = '["a.fix"]\ntitle = "A"\nrisk = "nothing"\nwho = "you"\ntopic = "gpu"\n[["a.fix".ways]]\nnotes = ["n"]\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `some` with a family and a table, and what is compiled of it."""
    folder = tmp_path / "some"
    for name, text in {"data/t.toml": "a = 1\n", "data/r.csv": "# remark\nx,y\n1,2\n"}.items():
        (folder / "family" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "family" / name).write_text(text)
        store = folder / "compiled/family" / f"{name}.json"
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_bytes(compiling(name, text.encode()).replace(b'"a":1', b'"a":"compiled"').replace(b'"2"', b'"compiled"'))
    (folder / "__init__.py").write_text("")
    (folder / "family/__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("some", "some.family"):
        sys.modules.pop(name, None)
    rows.cache_clear()
    table.cache_clear()
    return folder


def test_what_is_compiled_is_used(package: Path) -> None:
    assert table("some.family", "t") == {"a": "compiled"} and rows("some.family", "r") == ({"x": "1", "y": "compiled"},)


@pytest.mark.parametrize("damage", ["changed", "gone", "cut", "empty", "no json"])
def test_the_text_counts_where_what_is_compiled_does_not_fit(package: Path, damage: str) -> None:
    store, source = package / "compiled/family/data/t.toml.json", package / "family/data/t.toml"
    if damage == "changed":
        source.write_text("a = 2\n")
    elif damage == "gone":
        store.unlink()
    else:
        store.write_bytes({"cut": store.read_bytes()[:-3], "empty": b"", "no json": digest(source.read_bytes()) + b"\n{"}[damage])
    assert table("some.family", "t") == {"a": 2 if damage == "changed" else 1}


def test_what_is_compiled_is_enough_where_its_text_was_left_out(package: Path) -> None:
    (package / "family/data/t.toml").unlink()
    assert table("some.family", "t") == {"a": "compiled"}


def test_everything_that_people_write_is_compiled() -> None:
    written = {
        path.relative_to(compiler.PACKAGE).as_posix() for kind in ("toml", "csv") for path in compiler.PACKAGE.rglob(f"*.{kind}")
    }
    assert written == {name for name in MADE if not name.endswith(".py")}


@pytest.mark.parametrize("name", MADE)
def test_it_says_the_same_as_the_text(name: str) -> None:
    source = (compiler.PACKAGE / name).read_bytes()
    stamp, _, data = MADE[name].partition(b"\n")
    assert stamp == digest(source) and json.loads(data) == parsed(name, source.decode())


@pytest.mark.parametrize("name", [name for name in MADE if name.endswith(".py")])
def test_the_checks_of_a_module_are_those_that_it_is_listed_with(name: str) -> None:
    module: Any = import_module("mlenv_checks." + name.removesuffix(".py").replace("/", "."))
    assert parsed(name, (compiler.PACKAGE / name).read_text("utf-8")) == [
        found.id for found in vars(module).values() if isinstance(found, Check)
    ]


def test_every_module_with_checks_is_listed() -> None:
    listed = {id for name in MADE if name.endswith(".py") for id in parsed(name, (compiler.PACKAGE / name).read_text("utf-8"))}
    assert listed == {check.id for plugin in find_plugins() for check in plugin.checks if plugin.name == "builtin"}


@pytest.mark.parametrize("names", [("python",), ("gpu.driver", "venv"), ("libraries.installed",)])
def test_only_what_is_asked_for_is_loaded_and_all_names_are_known(names: tuple[str, ...]) -> None:
    compiler.write()
    (everything, *_), (asked, *_) = find_plugins(), find_plugins(names=names)
    assert select(asked.checks, names)[0] == select(everything.checks, names)[0] != ()
    assert len(asked.checks) < len(everything.checks) / 2
    words = {word for check in everything.checks for word in (check.id, check.family)}
    assert {word for check in asked.checks for word in (check.id, check.family)} | asked.unloaded == words
    with pytest.raises(UnknownName, match="did you mean 'mlflow'"):
        select(asked.checks, ["mlfow"], (), asked.unloaded)


def test_a_sheet_makes_entries_of_what_is_compiled_only_when_they_are_asked_for() -> None:
    sheet = CheatSheet([])
    sheet.add({**parsed("fixes.toml", FIX), "b.fix": {"title": "malformed"}})
    assert sheet.entries == {} and sheet.entry("a.fix").title == "A" and list(sheet.entries) == ["a.fix"]
    for wrong in ("b.fix", "c.fix"):
        with pytest.raises(Unfit, match=wrong):
            sheet.entry(wrong)
    with pytest.raises(Unfit, match="twice"):
        sheet.add(FIX)
