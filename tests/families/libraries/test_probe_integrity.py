"""Files against RECORD, in real environments."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlenv_checks.libraries.facts import Flaw, Integrity, Overlap
from support.probing import probe


class Site:
    """A folder of libraries that is put on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def library(self, name: str, version: str = "1.0", *, listed: bool = True, **files: str) -> Path:
        """A library with these files (their names with / as __) and true lists; returns its folder of metadata."""
        info = self.folder / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "INSTALLER").write_text("pip\n")
        lines = []
        for path, text in {f"{name}/{file.replace('__', '/')}": text for file, text in files.items()}.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            lines.append(f"{path},sha256={hashlib.sha256(text.encode()).hexdigest()},{len(text)}")
        if listed:
            (info / "RECORD").write_text("\n".join([*lines, f"{info.name}/RECORD,,", ""]))
        return info

    def look(self) -> Integrity:
        found = probe(Integrity, env={"PYTHONPATH": str(self.folder)})
        assert isinstance(found, Integrity)
        return found

    def flaw(self) -> Flaw | None:
        """The only flaw that was found here."""
        found = [flaw for flaw in self.look().flaws if flaw.info.startswith(str(self.folder))]
        assert len(found) < 2
        return found[0] if found else None


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


MAIN = {"main.py": "x = 1\n", "deep__core.so": "elf"}


def test_a_whole_library(site: Site) -> None:
    site.library("lib", **MAIN)
    assert site.flaw() is None
    assert site.look().distributions >= 1


@pytest.mark.parametrize("file", ["main.py", "deep/core.so"])
@pytest.mark.parametrize("how", ["gone", "empty", "a dead link"])
def test_a_file_that_is_lost(site: Site, file: str, how: str) -> None:
    site.library("lib", **MAIN)
    target = site.folder / "lib" / file
    target.unlink()
    if how == "empty":
        target.write_text("")
    elif how == "a dead link":
        target.symlink_to("nowhere")
    found = site.flaw()
    assert found is not None
    assert (found.name, found.version, found.files) == ("lib", "1.0", 2)
    assert (found.lost, found.lost_count, found.changed, found.metadata, found.record) == ((f"lib/{file}",), 1, (), True, True)


def test_a_file_that_was_changed(site: Site) -> None:
    site.library("lib", **MAIN)
    (site.folder / "lib/main.py").write_text("x = 2  # by hand\n")
    found = site.flaw()
    assert found is not None and (found.changed, found.changed_count, found.lost) == (("lib/main.py",), 1, ())


@pytest.mark.parametrize(
    "file", ["tests__test_main.py", "docs__conf.py", "stub.pyi", "header.h", "data.json", "__pycache____main.cpython-311.pyc"]
)
def test_what_images_are_slimmed_by_is_not_missed(site: Site, file: str) -> None:
    site.library("lib", **MAIN, **{file: "text"})
    for path in (site.folder / "lib").rglob("*"):
        if path.is_file() and path.name not in ("main.py", "core.so"):
            path.unlink()
    assert site.flaw() is None


def test_a_source_that_was_compiled_away(site: Site) -> None:
    site.library("lib", **MAIN)
    (site.folder / "lib/main.py").rename(site.folder / "lib/main.pyc")
    assert site.flaw() is None


def test_an_empty_file_that_was_always_empty(site: Site) -> None:
    site.library("lib", **{"__init__.py": "", **MAIN})
    assert site.flaw() is None


@pytest.mark.parametrize("text", [None, "", "\0" * 100])
def test_metadata_that_cannot_be_read(site: Site, text: str | None) -> None:
    metadata = site.library("lib", **MAIN) / "METADATA"
    metadata.unlink() if text is None else metadata.write_text(text)
    found = site.flaw()
    assert found is not None and (found.metadata, found.record, found.installer) == (False, True, "pip")


@pytest.mark.parametrize("text", [None, ""])
def test_without_a_record(site: Site, text: str | None) -> None:
    info = site.library("lib", listed=False, **MAIN)
    if text is not None:
        (info / "RECORD").write_text(text)
    found = site.flaw()
    assert found is not None and (found.metadata, found.record, found.files) == (True, False, 0)


def test_only_some_files_are_named(site: Site) -> None:
    site.library("lib", **{f"m{n}.py": "x" for n in range(30)})
    for file in (site.folder / "lib").glob("*.py"):
        file.unlink()
    found = site.flaw()
    assert found is not None and (found.lost_count, found.files, len(found.lost)) == (30, 30, 8)


def test_two_that_bring_the_same_file(site: Site) -> None:
    site.library("lib", **MAIN)
    site.library("other", "2.0", **{"own.py": "1"})
    record = site.folder / "other-2.0.dist-info/RECORD"
    record.write_text(record.read_text() + "lib/main.py,sha256=another,6\nlib/deep/core.so,sha256=third,3\n")
    assert site.look().overlaps == (Overlap("lib", "other", 2, ("lib/main.py", "lib/deep/core.so")),)


def test_two_that_bring_the_same_contents(site: Site) -> None:
    site.library("lib", **MAIN)
    record = site.library("other", "2.0") / "RECORD"
    record.write_text((site.folder / "lib-1.0.dist-info/RECORD").read_text())
    assert site.look().overlaps == ()


def test_files_of_scripts_and_of_elsewhere_are_not_looked_at(site: Site) -> None:
    info = site.library("lib", **MAIN)
    record = info / "RECORD"
    record.write_text(record.read_text() + '../../../bin/lib.py,,9\n/etc/lib.py,,9\n"lib/a,b.py",,9\nnot a line\n')
    assert site.flaw() is None


@pytest.mark.parametrize("data", [b"\xff\xfe\0\n", b",,,,\n", b"\n\n", b"lib/main.py\n", b"lib/x.py,sha256=,huge\n"])
def test_a_record_of_nonsense(site: Site, data: bytes) -> None:
    info = site.library("lib", **MAIN)
    (info / "RECORD").write_bytes(data)
    assert site.look().distributions >= 1
