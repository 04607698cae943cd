"""The probe of where plots are drawn."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlenv_checks.jupyter.facts import Plots
from support.probing import probe

NOWHERE = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "MPLBACKEND": ""}


def read(project: Path, **env: str) -> Plots:
    found = probe(Plots, cwd=project, env={**NOWHERE, **env})
    assert isinstance(found, Plots), found
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="X11 and Wayland")
def test_a_screen(tmp_path: Path) -> None:
    assert not read(tmp_path).screen
    assert read(tmp_path, DISPLAY=":0").screen
    assert read(tmp_path, WAYLAND_DISPLAY="wayland-0").screen


def test_the_variable(tmp_path: Path) -> None:
    assert read(tmp_path, MPLBACKEND="module://x").backend == "module://x"
    assert read(tmp_path).backend == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("backend: TkAgg\n", ("TkAgg", 1)),
        ("# backend: TkAgg\nlines.linewidth : 2\n", ("", 0)),
        ("\nbackend : 'QtAgg'  # windows\n", ("QtAgg", 2)),
        ("backend: agg\nbackend: TkAgg\n", ("TkAgg", 2)),  # the last one counts
        ("backend:\nbackend_fallback: True\n", ("", 0)),
        ("\xff" * (1 << 18), ("", 0)),
    ],
)
def test_the_file_of_the_project(tmp_path: Path, text: str, expected: tuple[str, int]) -> None:
    (tmp_path / "matplotlibrc").write_text(text)
    found = read(tmp_path)
    assert (found.file_backend, found.line) == expected and bool(found.file) == bool(expected[1])


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "matplotlibrc")
    assert read(tmp_path).file == ""
