"""Repairs of what stops or bends a Python: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from families.python.patients import with_start_file
from families.python.patients_interpreter import FREE, foreign_library, of_build
from families.python.patients_startup import inherited_home, with_path, with_pth
from lab.patient import require
from lab.repairing import repair
from lab.ward import Ward


@pytest.mark.parametrize(
    ("cause", "make"),
    [
        ("sitecustomize-crash", with_start_file("import sys; sys.exit(3)")),
        ("sitecustomize-crash", with_start_file("raise RuntimeError('boom')")),
        ("sitecustomize-crash", with_start_file("1 / 0", "usercustomize.py")),
        ("broken-pth", with_pth(b"\xff\xfe\x00bad", "it is bad.pth")),
        ("broken-pth", with_pth("import nosuchmod_abc\n", "it is bad.pth")),
        ("pythonpath-pollution", with_path("+o/lib/python3.12/site-packages")),
        ("foreign-libpython", foreign_library),
        ("pythonhome-set", inherited_home("3.12")),
    ],
    ids=["exit", "raise", "usercustomize", "not UTF-8", "pth", "PYTHONPATH", "libpython", "PYTHONHOME"],
)
def test_what_disturbs_the_start_is_taken_away(cause: str, make: Callable[[Ward], object], tmp_path: Path) -> None:
    ward = Ward(tmp_path / "with a blank")
    if cause == "pythonhome-set":
        require("python3.12")
    make(ward)
    if (ward.site / "usercustomize.py").exists():  # read only where a user's own site-packages are in use
        config = ward.prefix / "pyvenv.cfg"
        config.write_text(config.read_text().replace("packages = false", "packages = true"))
    repair(ward, cause)
    assert not {"PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"} & ward.environ.keys()


@pytest.mark.slow
def test_an_ordinary_build_takes_the_place_of_a_free_threaded_one(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    of_build(FREE)(ward)
    (ward.bin / "python{}.{}".format(*sys.version_info)).symlink_to(Path(sys.executable).resolve())
    repair(ward, "free-threaded-python", "python")
