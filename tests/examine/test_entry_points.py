"""Which plug-ins are installed beside the doctor, by the lists that installers write."""

from __future__ import annotations

import zipfile
from importlib.metadata import EntryPoint as TheirEntryPoint
from pathlib import Path

import pytest

from mlenv_doctor.examine import entry_points
from mlenv_doctor.examine.entry_points import GROUP, EntryPoint, installed_beside_us, listed


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only place where anything is installed."""
    monkeypatch.setattr(entry_points, "HOME", str(tmp_path))
    monkeypatch.setattr(entry_points.sysconfig, "get_path", lambda name: str(tmp_path))
    return tmp_path


def install(place: Path, folder: str, text: str) -> None:
    (place / folder).mkdir(parents=True)
    (place / folder / "entry_points.txt").write_text(text, encoding="utf-8")


def test_the_lists_of_all_distributions_are_read(place: Path) -> None:
    install(
        place, "one-1.0.dist-info", f"[console_scripts]\nx = y:z\n\n[{GROUP}]\nfirst = a.b\n# remark\n second=c : d.e [extra]\n"
    )
    install(place, "two.egg-info", f"[ {GROUP} ]\nthird = f\nno value\n[other]\nfourth = g\n")
    install(place, "three-1.dist-info", "[console_scripts]\nx = y:z\n")
    (place / "four-1.dist-info").mkdir()
    (place / "five-1.egg-info").write_text("Name: five")
    found = sorted((entry.name, entry.value) for entry in installed_beside_us() if isinstance(entry, EntryPoint))
    assert found == [("first", "a.b"), ("second", "c : d.e [extra]"), ("third", "f")]


def test_of_two_distributions_of_one_name_the_first_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "home", "a_plugin-2.dist-info", f"[{GROUP}]\nnew = a\n")
    install(tmp_path / "site", "A.Plugin-1.dist-info", f"[{GROUP}]\nold = a\n")
    monkeypatch.setattr(entry_points, "HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entry_points.sysconfig, "get_path", lambda name: str(tmp_path / "site"))
    assert [entry.name for entry in installed_beside_us()] == ["new"]


def test_a_doctor_in_one_file_has_its_list_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = place / "doctor.pyz"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("x-1.dist-info/METADATA", "Name: x\nVersion: 1\n")
        made.writestr("x-1.dist-info/entry_points.txt", f"[{GROUP}]\nbuiltin = a\n")
    monkeypatch.setattr(entry_points, "HOME", str(archive))
    assert [entry.name for entry in installed_beside_us()] == ["builtin"]


@pytest.mark.parametrize("value", ["os", "os:path", "os : path.join", "os.path:join [extra]"])
def test_an_object_is_loaded_as_python_itself_would(value: str) -> None:
    (entry,) = listed(f"[{GROUP}]\nname = {value}\n")
    assert entry.load() is TheirEntryPoint("name", value, GROUP).load()


@pytest.mark.parametrize(("value", "why"), [("no module", ImportError), ("os:none", AttributeError), ("none_such", ImportError)])
def test_what_names_nothing_says_so(value: str, why: type[Exception]) -> None:
    with pytest.raises(why):
        EntryPoint("name", value).load()
