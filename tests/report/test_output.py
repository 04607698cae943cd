"""Where reports go: files whole or not at all, and any screen."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mlenv_doctor import fail
from mlenv_doctor.errors import BadInput
from mlenv_doctor.model import Result
from mlenv_doctor.report import output
from mlenv_doctor.report.look import look_for
from mlenv_doctor.running.printing import emit
from support.reports import REPORT


def test_files_are_written_whole(tmp_path: Path) -> None:
    files = output.understood([f"json:{tmp_path}/a.json", f"text:{tmp_path}/b.txt"], "text")
    output.write(REPORT, files)
    assert json.loads((tmp_path / "a.json").read_text())["verdict"] == "not-ready" and "✗" in (tmp_path / "b.txt").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "b.txt"]


@pytest.mark.parametrize("bad", ["json", "json:", "html5:a", ":a", "json:/nowhere/a", "json:/"])
def test_bad_outputs_are_refused_before_the_work(bad: str) -> None:
    with pytest.raises(BadInput):
        output.understood([bad], "text")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(BadInput, match="choose from text, short, json"):
        output.understood([], "xml")


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        output.write(REPORT, [("text", tmp_path / "nowhere" / "x")])


def test_an_old_file_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    output.write(REPORT, [("json", tmp_path / "link.json"), ("text", tmp_path / "new.txt")])
    assert (tmp_path / "link.json").is_symlink() and json.loads((tmp_path / "real.json").read_text())["verdict"]
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640
    umask = os.umask(0o022)
    os.umask(umask)
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_is_no_file_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """As /dev/stdout is, or /dev/null for root."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    small = replace(REPORT, prescriptions={}, plan={})  # fits into a pipe that nobody reads from yet
    ((_, path),) = files = output.understood([f"json:{tmp_path}/pipe"], "text")
    output.write(small, files)
    assert stat.S_ISFIFO(path.stat().st_mode) and list(tmp_path.iterdir()) == [path]
    assert json.loads(os.read(reader, 1 << 20))["verdict"] == "not-ready"
    os.close(reader)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("old")
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(BadInput, match=r"json:.*a\.json: No space left on device"):
        output.write(REPORT, [("json", tmp_path / "a.json")])
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.json", "old")]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_every_encoding_gets_a_report(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    odd = replace(REPORT, results=(Result("a.b", "a", "Grüße", (fail("c", "naïve ✓ 你好 \udcff"),)),))
    output.show(odd, "text", look_for(sys.stdout))
    assert "naïve ✓ 你好" in raw.getvalue().decode("utf-8") if encoding == "utf-8" else b"\\u4f60" in raw.getvalue()
    assert b"\\udcff" in raw.getvalue()


class Gone(io.StringIO):
    """A stream whose reader has gone away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("stream", [Gone(), None], ids=["gone", "none"])
def test_a_reader_that_has_gone_away_is_no_error(stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", stream)
    emit("text")
    emit("more")


def test_a_closed_stream_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stdout", closed)
    assert look_for(closed).width == 0
    emit("text")
