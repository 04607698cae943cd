"""Patients whose Python is disturbed before its first line runs, and those that only look so."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from families.python.patients import says, starts, with_start_file, wrapper
from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import Ward

BROKEN = "raise ImportError('No module named numpy._core._multiarray_umath')\n"


def with_pth(text: str | bytes, name: str = "broken.pth", minor: str = "3.11") -> Callable[[Ward], object]:
    """A start file of the other kind."""

    def make(ward: Ward) -> None:
        ward.venv(python=other_python(minor))
        (ward.site / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return make


def with_path(
    *entries: str, minor: str = "3.11", libraries: tuple[str, ...] = ("numpy",), text: str = BROKEN
) -> Callable[[Ward], object]:
    """PYTHONPATH with these entries; those that begin with a plus are made, with libraries in them."""

    def make(ward: Ward) -> None:
        ward.venv(python=other_python(minor))
        for entry in entries:
            for library in libraries if entry.startswith("+") else ():
                package = ward.root / entry[1:] / library
                package.mkdir(parents=True)
                (package / "__init__.py").write_text(text)
                (package / "linalg.py").write_text("")
        ward.environ["PYTHONPATH"] = ":".join(str(ward.root / entry[1:]) if entry.startswith("+") else entry for entry in entries)

    return make


def with_home(home: Callable[[Path], Path], minor: str = "3.11") -> Callable[[Ward], object]:
    """A Python that is started with PYTHONHOME; the doctor's own is not, or it could not start itself."""

    def make(ward: Ward) -> None:
        base = other_python(minor).resolve().parent.parent
        wrapper(f'PYTHONHOME={home(base)} exec KEPT "$@"')(ward)

    return make


def inherited_home(minor: str) -> Callable[[Ward], object]:
    """PYTHONHOME is right for the doctor's own Python, and not for the one to examine."""

    def make(ward: Ward) -> None:
        ward.venv(python=other_python(minor))
        ward.environ["PYTHONHOME"] = sys.base_prefix

    return make


def another_build(ward: Ward) -> None:
    """PYTHONHOME leads to a copy of the standard library elsewhere, which is that of the same version."""
    base = other_python("3.11").resolve().parent.parent
    home = ward.root / "other"
    version = "python3.11"
    home.joinpath("lib").mkdir(parents=True)
    (home / "lib" / version).symlink_to(base / "lib" / version)
    wrapper(f'PYTHONHOME={home} exec KEPT "$@"')(ward)


def names_the_file(*words: str) -> Callable[[Visit], None]:
    """The one warning that is new names these."""

    def look(visit: Visit) -> None:
        starts(visit)
        (found,) = [f for f in visit.findings("warn") if f["id"].startswith("python.") and f["cause"] != "python-too-old"]
        assert all(word in found["message"] for word in words), found["message"]
        assert found["fix"]

    return look


CRASH, PTH, HOME, PATH = ("sitecustomize-crash",), ("broken-pth",), ("pythonhome-set",), ("pythonpath-pollution",)
COVERAGE = "import os\nos.environ.get('COVERAGE_PROCESS_START')\n"
DEBIAN = "try:\n    import apport_python_hook\nexcept ImportError:\n    pass\nelse:\n    apport_python_hook.install()\n"
GOOD_PTH = "import os; os.environ.get('MPLBACKEND')\n/there/is/no/such/folder\n# a remark\n\nimport sys; exec('x = 1')\n"
ORPHAN = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = True; enabled and __import__('_distutils_hack_gone')\n"

PATIENTS = [
    Patient("sitecustomize exits", with_start_file("import sys; sys.exit(3)"), red=CRASH, also=says("sitecustomize.py", "SystemExit")),
    Patient("sitecustomize raises", with_start_file("raise RuntimeError('boom')"), yellow=CRASH, also=names_the_file("boom", "/site")),
    Patient("sitecustomize of Debian", with_start_file(DEBIAN), also=starts),
    Patient("sitecustomize of a tool that works", with_start_file(COVERAGE), also=starts),
    Patient("sitecustomize talks of errors", with_start_file("print('Error: 0 problems in sitecustomize; fine')"), also=starts),
    Patient("pth that is not UTF-8", with_pth(b"\xff\xfe\x00bad"), red=PTH, also=says("broken.pth", "UTF-8")),
    Patient("pth that fails", with_pth("import nosuchmod_abc\n"), yellow=PTH, also=names_the_file("broken.pth", "nosuchmod_abc")),
    Patient("pth that setuptools left", with_pth(ORPHAN, "distutils-precedence.pth"), yellow=PTH, also=names_the_file("distutils")),
    Patient("pth that works", with_pth(GOOD_PTH, "works.pth"), also=starts),
    Patient("pth in another encoding that is off", with_pth(b"\xff\xfe", "broken.pth.off"), also=starts),
    Patient("PYTHONHOME leads nowhere", wrapper('PYTHONHOME=/nope exec KEPT "$@"'), red=HOME, also=says("PYTHONHOME is /nope")),
    Patient("PYTHONHOME redirects", another_build, red=HOME, also=says("PYTHONHOME makes this Python use")),
    *(Patient(f"PYTHONHOME of another minor than {m}", inherited_home(m), red=HOME, needs=(f"python{m}",)) for m in ("3.12", "3.13")),
    Patient("PYTHONHOME is right", with_home(lambda base: base), also=starts),
    Patient("PYTHONPATH of another minor", with_path("+o/lib/python3.12/site-packages"), red=PATH, also=says("numpy", "3.12")),
    Patient("PYTHONPATH hides the environment's own", with_path("+o/lib/python3.11/site-packages"), red=PATH, also=says("do not load")),
    Patient("PYTHONPATH hides it with one that works", with_path("+o/lib/python3.11/site-packages", text=""), yellow=PATH),
    Patient("PYTHONPATH of a monorepo", with_path("+repo/src", libraries=("ourcode",)), also=starts),
    Patient("PYTHONPATH of ROS", with_path("+ros/lib/python3.11/site-packages", libraries=("rclpy",)), also=starts),
    Patient("PYTHONPATH of an older ROS", with_path("+ros/lib/python3.10/site-packages", libraries=("rclpy",)), also=starts),
    Patient("PYTHONPATH of Spark", with_path("+spark/python", "/spark/py4j-src.zip", libraries=("pyspark",)), also=starts),
    Patient("PYTHONPATH leads nowhere", with_path("/no/such/lib/python3.8/site-packages"), also=starts),
    Patient("PYTHONPATH with an empty entry", with_path("", "+repo/src", libraries=("ourcode",)), also=starts),
]  # fmt: skip
