"""The probe of editable installs, run for real by old and new interpreters on real files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.patient import other_python
from mlenv_checks.libraries.facts import Editable, Sources
from support.probing import probe


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def look(site: Path, python: str | Path | None = None) -> tuple[Editable, ...]:
    more = {"python": python} if python else {}
    found = probe(Sources, cwd="/", env={"PYTHONPATH": str(site)}, **more)  # type: ignore[arg-type]
    assert isinstance(found, Sources), found
    return tuple(editable for editable in found.editables if editable.file.startswith(str(site)))


def install(site: Path, name: str, said: object, **files: str) -> Path:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text(said if isinstance(said, str) else json.dumps(said))
    for file, text in files.items():
        (info / file).write_text(text)
    return info / "direct_url.json"


def editable(path: Path | str) -> dict[str, object]:
    return {"url": path.as_uri() if isinstance(path, Path) else path, "dir_info": {"editable": True}}


@pytest.mark.parametrize("minor", ["3.6", "3.9", "3.13"])
def test_what_is_there_and_what_is_not(site: Path, tmp_path: Path, minor: str) -> None:
    here = tmp_path / "my löb 100%"
    here.mkdir()
    first, second = install(site, "My_Lab", editable(here)), install(site, "zoo", editable(tmp_path / "moved away"))
    assert look(site, other_python(minor)) == (
        Editable("my-lab", str(here), str(first)),
        Editable("zoo", str(tmp_path / "moved away"), str(second), there=False),
    )


@pytest.mark.parametrize(
    "said",
    [
        {"url": "file:///nowhere", "dir_info": {}},
        {"url": "file:///nowhere", "dir_info": {"editable": False}},
        {"url": "file:///nowhere", "archive_info": {}},
        {"url": "https://example.org/lab", "dir_info": {"editable": True}},
        {"url": "file://server/share/lab", "dir_info": {"editable": True}},
        {"url": 3, "dir_info": {"editable": True}},
        {"dir_info": {"editable": True}},
        [],
        "{",
        "",
    ],
)
def test_what_is_no_folder_of_this_machine(site: Path, said: object) -> None:
    install(site, "lab", said)
    assert look(site) == ()


def test_the_folder_that_python_is_sent_to(site: Path, tmp_path: Path) -> None:
    pth = site / "__editable__.lab-1.0.pth"
    install(site, "lab", editable(tmp_path), RECORD="__editable__.lab-1.0.pth,sha256=x,9\nlab/data.pth,,\n")
    assert [found.path for found in look(site)] == [str(tmp_path)]  # its .pth itself is gone: that is told elsewhere
    pth.write_text(f"{tmp_path}/src\n")
    assert look(site) == (Editable("lab", f"{tmp_path}/src", str(pth), there=False),)
    (tmp_path / "src").mkdir()
    assert [(found.path, found.there) for found in look(site)] == [(str(tmp_path), True)]


def test_one_of_several_folders_is_enough(site: Path, tmp_path: Path) -> None:
    (site / "_lab.pth").write_text(f"{tmp_path}/gone\n{site}\n")
    install(site, "lab", editable(tmp_path), RECORD="_lab.pth,,\n")
    assert [found.there for found in look(site)] == [True]


def test_a_finder_of_setuptools(site: Path, tmp_path: Path) -> None:
    (site / "__editable__.lab-1.0.pth").write_text("import __editable___lab_1_0_finder; __editable___lab_1_0_finder.install()\n")
    install(site, "lab", editable(tmp_path), RECORD="__editable__.lab-1.0.pth,,\n")
    assert [found.there for found in look(site)] == [True]


def test_what_setup_py_develop_left(site: Path, tmp_path: Path) -> None:
    (site / "old.lab.egg-link").write_text(f"{tmp_path}/gone\n../\n")
    (site / "empty.egg-link").write_text("")
    (site / "folder.egg-link").mkdir()
    assert look(site) == (Editable("old-lab", f"{tmp_path}/gone", str(site / "old.lab.egg-link"), there=False),)


def test_leftovers_and_pipes_are_left_alone(site: Path, tmp_path: Path) -> None:
    install(site, "~ab", editable(tmp_path / "gone"))
    (site / "pipe-1.0.dist-info").mkdir()
    os.mkfifo(site / "pipe-1.0.dist-info/direct_url.json")
    install(site, "huge", json.dumps(editable(tmp_path / "gone")) + " " * (1 << 17))
    assert look(site) == ()


def test_what_may_not_be_looked_at_is_not_called_gone(site: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    install(site, "lab", editable(tmp_path / "loop/lab"))
    install(site, "null", {"url": "file:///a%00b", "dir_info": {"editable": True}})
    assert [found.there for found in look(site)] == [True, True]
