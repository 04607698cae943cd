"""How a report looks where it goes: colour, width, signs, progress."""

from __future__ import annotations

import io

import pytest

from mlenv_doctor.report.look import look_for, wants_color
from mlenv_doctor.report.progress import progress


@pytest.mark.parametrize(
    ("asked", "terminal", "environ", "wanted"),
    [
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", True, {"FORCE_COLOR": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_who_decides_about_colour(asked: str, terminal: bool, environ: dict[str, str], wanted: bool) -> None:
    assert wants_color(asked, terminal, environ) is wanted


def test_a_pipe_is_not_wrapped() -> None:
    assert look_for(io.StringIO()).width == 0 and look_for(None).ascii


@pytest.mark.parametrize(
    ("encoding", "ascii"), [("utf-8", False), ("ascii", True), ("cp1252", True), ("latin-1", True), ("no-such", True)]
)
def test_signs_fit_the_encoding(encoding: str, ascii: bool) -> None:
    class Stream(io.StringIO):
        pass

    stream = Stream()
    Stream.encoding = encoding  # type: ignore[assignment, misc]
    assert look_for(stream).ascii is ascii


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    terminal, pipe = Terminal(), io.StringIO()
    closed = Terminal()
    closed.close()
    for stream in (terminal, pipe, None, closed):
        show = progress(stream)
        for _ in range(2):  # what is there already is not written again
            show(("numpy", "a-library-with-a-very-long-name"))
        show(())
    assert terminal.getvalue() == "\r\x1b[Klooking at numpy, a-library-w\r\x1b[K" and pipe.getvalue() == ""


def test_a_dumb_terminal_gets_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    show = progress(terminal)
    show(("numpy",))
    show(())
    assert terminal.getvalue() == ""
