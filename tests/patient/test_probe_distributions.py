"""The probe of the installed libraries, run for real by old and new interpreters on real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.patient import other_python
from mlenv_doctor.patient import Libraries, Module
from support.probing import probe

EVERY_PYTHON = pytest.mark.parametrize("minor", ["3.6", "3.9", "3.11", "3.13"])
LICENSE = "License: as is\n         \n         Name: a trap in a license\n\tVersion: 9\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "project").mkdir()
    return tmp_path / "site"


def look(site: Path, python: str | Path | None = None, *names: str) -> Libraries:
    more = {"python": python} if python else {}
    found = probe(Libraries, cwd=site.parent / "project", env={"PYTHONPATH": str(site)}, names=list(names), **more)  # type: ignore[arg-type]
    assert isinstance(found, Libraries), found
    return found


def install(site: Path, folder: str, text: str | bytes, **files: str) -> None:
    info = site / folder
    info.mkdir()
    (info / ("METADATA" if folder.endswith("dist-info") else "PKG-INFO")).write_bytes(
        text.encode() if isinstance(text, str) else text
    )
    for name, content in files.items():
        (info / name.replace("__", ".")).write_text(content)


@EVERY_PYTHON
def test_every_python_reads_the_same(site: Path, minor: str) -> None:
    text = f"Metadata-Version: 2.1\nName: Scikit_Learn\nVersion: 1.9\n{LICENSE}Requires-Python: >=3.9\nRequires-Dist: numpy>=1\n"
    install(
        site, "scikit_learn-1.9.dist-info", text + "\nName: of the README\nRequires-Dist: nothing\n", INSTALLER="uv\n", RECORD=""
    )
    install(site, "old-1.egg-info", "Name: old\r\nVersion: 1\r\n\r\nRequires-Dist: readme\r\n")
    (site / "flat-2.egg-info").write_text("Name: flat\nVersion: 2\n")
    (site / "~umpy-1.dist-info").mkdir()
    (site / "pkg").mkdir()
    (site / "pkg/__init__.py").write_text("raise SystemExit('imported')")
    (site / "bare").mkdir()
    found = look(site, other_python(minor), "pkg", "bare", "nowhere")
    learn = found.find("scikit-learn")
    assert learn and (learn.version, learn.requires, learn.requires_python) == ("1.9", ("numpy>=1",), ">=3.9")
    assert (learn.installer, learn.record, learn.folder) == ("uv", True, str(site))
    assert [(name, d and d.version, d and d.record) for name in ("old", "flat") for d in [found.find(name)]] == [
        ("old", "1", False),
        ("flat", "2", False),
    ]
    assert found.find("umpy") is None
    assert found.leftovers == (str(site / "~umpy-1.dist-info"),)
    assert found.modules == (
        Module("pkg", str(site / "pkg/__init__.py"), False, (str(site / "pkg"),)),
        Module("bare", None, True, (str(site / "bare"),)),
        Module("nowhere"),
    )


def test_damaged_metadata_is_no_surprise(site: Path) -> None:
    (site / "empty-1.0.dist-info").mkdir()
    install(site, "binary-1.0.dist-info", b"\xff\xfe\x00Name\nVersion\n:\n")
    install(site, "endless-1.0.dist-info", "X: y\n" * 200_000 + "Version: 1\n")
    (site / "file-3.dist-info").write_text("Name: file\nVersion: 3\n")
    (site / "dangling-1.dist-info").symlink_to(site / "nowhere")
    found = look(site)
    assert {name: d.version for name in ("empty", "binary", "endless", "file", "dangling") if (d := found.find(name))} == {
        "empty": None,
        "binary": None,
        "endless": None,
        "file": "3",
        "dangling": None,
    }


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"url": "file:///home/me/my%20lab", "dir_info": {"editable": true}}', "/home/me/my lab"),
        ('{"url": "file:///home/me/lab", "dir_info": {}}', None),
        ('{"url": "https://example.org", "dir_info": {"editable": true}}', None),
        ('{"dir_info": {"editable": true}}', None),
        ('{"editable": true', None),
    ],
    ids=["editable", "copied", "remote", "no-url", "cut-off"],
)
def test_editable(site: Path, text: str, expected: str | None) -> None:
    install(site, "lab-1.dist-info", "Name: lab\nVersion: 1\n", direct_url__json=text)
    found = look(site).find("lab")
    assert found and found.editable == expected


def test_what_lies_in_the_project(site: Path) -> None:
    project = site.parent / "project"
    for name in ("random.py", "pkg/__init__.py", "data/x.csv", "no-name/x", ".git/x", "sys.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("raise SystemExit")
    os.mkfifo(project / "pipe.py")
    assert look(site).local == (
        Module("data", None, True, (str(project / "data"),)),
        Module("pkg", str(project / "pkg/__init__.py"), False, (str(project / "pkg"),)),
        Module("random", str(project / "random.py")),
    )


def test_a_folder_on_the_path_counts_once_and_a_missing_one_not(site: Path) -> None:
    install(site, "a-1.dist-info", "Name: a\nVersion: 1\n")
    found = probe(Libraries, cwd=site.parent, env={"PYTHONPATH": f"{site}:{site}:/nowhere:{__file__}"})
    assert isinstance(found, Libraries)
    assert [d.name for d in found.distributions].count("a") == 1


def test_a_project_that_is_gone(site: Path) -> None:
    found = probe(Libraries, cwd="/", project=str(site / "nowhere"))
    assert not isinstance(found, Libraries) or found.local == ()


@pytest.mark.parametrize(
    "folder, record, top_level, owner",
    [
        ("lib-1.dist-info", "", "", "lib"),
        ("lib_skinny-1.dist-info", "lib/__init__.py,,\n", "", "lib-skinny"),
        ("zoo-1.dist-info", "a/b.py,,\nlib/__init__.py,sha256=x,1\n", "", "zoo"),
        ("zoo-1.dist-info", "a.py,,\r\nlib/__init__.cpython-311.so,,\r\n", "", "zoo"),
        ("zoo-1.egg-info", "", "other\nlib\n", "zoo"),
        ("zoo-1.dist-info", "a/lib/__init__.py,,\nlibrary/__init__.py,,\nlib/data.csv,,\n", "", ""),
        ("~ib-1.dist-info", "lib/__init__.py,,\n", "", ""),
    ],
    ids=["its-own", "similar", "listed", "compiled", "top-level", "others", "leftover"],
)
def test_who_brings_a_module(site: Path, folder: str, record: str, top_level: str, owner: str) -> None:
    (site / "lib").mkdir()
    (site / "lib/__init__.py").write_text("")
    install(site, folder, "Version: 1\n", RECORD=record, top_level__txt=top_level)
    assert [module.owner for module in look(site, None, "lib").modules] == [owner]


def test_who_brings_a_module_of_one_file(site: Path) -> None:
    (site / "six.py").write_text("")
    install(site, "compat-1.dist-info", "Name: compat\nVersion: 1\n", RECORD="six.py,,\n")
    assert [module.owner for module in look(site, None, "six").modules] == ["compat"]


def test_an_egg_on_the_path(tmp_path: Path) -> None:
    egg = tmp_path / "xgboost-3.2.0-py3.11.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO/PKG-INFO").write_text("Name: xgboost\nVersion: 3.2.0\n")
    found = probe(Libraries, cwd="/", env={"PYTHONPATH": str(egg)})
    assert isinstance(found, Libraries)
    assert [(d.name, d.version) for d in found.distributions if d.folder == str(egg)] == [("xgboost", "3.2.0")]


def test_one_folder_under_two_names_counts_once(site: Path) -> None:
    (site / "~umpy").mkdir()
    (site.parent / "lib64").symlink_to(site)
    found = probe(Libraries, cwd="/", env={"PYTHONPATH": f"{site}:{site.parent}/lib64:{site}/"})
    assert isinstance(found, Libraries) and found.leftovers == (str(site / "~umpy"),)


def test_what_was_loaded_before_the_script_cannot_be_hidden(site: Path) -> None:
    (site.parent / "project/random.py").write_text("")
    assert [module.name for module in look(site).local] == ["random"]
    (site / "sitecustomize.py").write_text("import random")
    assert look(site).local == ()
