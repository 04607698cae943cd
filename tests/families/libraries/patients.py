"""Patients whose libraries are missing, wrong, half there, hidden or broken, and the healthy ones that look like them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import VERSIONS, Ward

Make = Callable[[Ward], object]
CRASH = "import os, signal; os.kill(os.getpid(), signal.{})"
HANG = "import time; time.sleep({})"
GRANDCHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep({})'])"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep({})"
LOUD = "import sys\nfor out in (sys.stdout, sys.stderr):\n    for n in range(3000): out.write('x' * 99 + chr(10))\n"


def without(*names: str) -> Make:
    """A venv that lacks some of the libraries."""
    return lambda ward: ward.venv(libraries=[name for name in VERSIONS if name not in names])


def having(name: str, source: str, version: str | None = None, requires: tuple[str, ...] = ()) -> Make:
    """A venv in which one library is another one."""

    def make(ward: Ward) -> None:
        ward.venv()
        ward.library(name, version, source, requires)

    return make


def after(*steps: Make) -> Make:
    """A venv to which something is done."""

    def make(ward: Ward) -> None:
        ward.venv()
        for step in steps:
            step(ward)

    return make


def file(name: str, text: str | bytes = "") -> Make:
    """A file of the project."""
    return lambda ward: ward.write(name, text)


def folder(name: str) -> Make:
    """A folder of the project with data in it."""
    return lambda ward: ward.write(f"{name}/run.csv", "1,2\n")


def says(*words: str) -> Callable[[Visit], None]:
    """The failures, all together, contain these words."""

    def look(visit: Visit) -> None:
        text = " ".join(f["message"] for f in visit.findings("fail", "warn"))
        assert all(word in text for word in words), f"{words} not in: {text}"

    return look


def red_are(*subjects: str) -> Callable[[Visit], None]:
    """Exactly these subjects have failed."""

    def look(visit: Visit) -> None:
        assert sorted(f["subject"] for f in visit.findings("fail")) == sorted(subjects), f"\n{visit}"

    return look


def nobody_sleeps(seconds: str) -> Callable[[Visit], None]:
    """No process is left that sleeps for so long."""

    def look(visit: Visit) -> None:
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                assert seconds not in process.read_text(), process

    return look


def numpy_and_its_friends(ward: Ward) -> None:
    ward.venv()
    ward.library("numpy", source="raise ImportError('cannot load the C-extension')")
    for name in ("pandas", "scikit-learn"):
        ward.library(name, source="import numpy", requires=("numpy>=1.26",))


def chain(ward: Ward) -> None:
    """seaborn needs pandas needs numpy; what is broken is pandas."""
    ward.venv()
    ward.library("pandas", source="raise ImportError('undefined symbol: PyX')", requires=("numpy",))
    ward.library("seaborn", source="import pandas", requires=("pandas",))


def metadata_lost(name: str) -> Make:
    return lambda ward: [shutil.rmtree(info) for info in ward.site.glob(f"{name}-*.dist-info")]


def files_lost(name: str) -> Make:
    return lambda ward: shutil.rmtree(ward.site / name)


def leftovers(ward: Ward) -> None:
    ward.venv()
    shutil.copytree(ward.site / "numpy", ward.site / "~umpy")
    shutil.copytree(next(ward.site.glob("numpy-*.dist-info")), ward.site / "~umpy-2.4.5.dist-info")


def own_library(ward: Ward) -> None:
    """The project is seaborn itself, installed for development."""
    ward.venv(libraries=[name for name in VERSIONS if name != "seaborn"])
    ward.write("pyproject.toml", "[project]\nname = 'seaborn'\nversion = '0.15'\n")
    ward.write("seaborn/__init__.py", "__version__ = '0.15'")
    editable(ward, "seaborn", "0.15")


def editable(ward: Ward, name: str, version: str) -> None:
    """Install the project for development, as pip does it."""
    info = ward.site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(f"__editable__.{name}.pth,,\n{info.name}/METADATA,,\n")
    (info / "direct_url.json").write_text(f'{{"dir_info": {{"editable": true}}, "url": "{ward.project.as_uri()}"}}')
    (ward.site / f"__editable__.{name}.pth").write_text(f"{ward.project}\n")


def editable_with_a_trap(ward: Ward) -> None:
    """The project is installed for development, and a pandas.py lies in it."""
    ward.venv()
    ward.write("pyproject.toml", "[project]\nname = 'lab'\nversion = '1'\n")
    ward.write("pandas.py", "")
    editable(ward, "lab", "1")


def monorepo(ward: Ward) -> None:
    ward.venv()
    for name in ("alpha", "beta"):
        ward.write(f"packages/{name}/{name}/__init__.py", "")
        ward.write(f"packages/{name}/{name}.egg-info/PKG-INFO", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n\n")
    ward.environ["PYTHONPATH"] = f"{ward.project}/packages/alpha:{ward.project}/packages/beta"


def target(minor: str) -> Make:
    return lambda ward: ward.venv(python=other_python(minor))


BROKEN = [
    Patient("seaborn is not installed", without("seaborn"), red=("not-installed",), also=says("seaborn is not installed")),
    Patient("two are not installed", without("seaborn", "lightgbm"), red=("not-installed",), also=red_are("seaborn", "lightgbm")),
    Patient(
        "a folder in place of mlflow",
        lambda ward: (without("mlflow")(ward), folder("mlflow")(ward)),
        red=("namespace-folder",),
        also=says("mlflow"),
    ),
    Patient(
        "requires an older pandas",
        after(file("requirements.txt", "pandas<3\n")),
        red=("requirement-unmet",),
        also=says("3.0.3", "<3"),
    ),
    Patient(
        "requires a newer pandas",
        after(file("requirements.txt", "numpy\npandas>=4\n")),
        red=("requirement-unmet",),
        also=red_are("pandas"),
    ),
    Patient("torch is too old", red=("too-old-version",), args=("--require", "lib:torch>=99"), also=says("2.13.0", ">=99")),
    Patient(
        "pandas contradicts numpy",
        having("pandas", "", "2.1.4", ("numpy<2,>=1.23.2", "pytz; extra == 'all'", "tzdata; sys_platform == 'win32'")),
        red=("dependency-conflict",),
        also=says("pandas 2.1.4 requires numpy<2,>=1.23.2", "numpy 2.4.6"),
    ),
    Patient("strangers contradict each other", having("stranger", "", "1.0", ("other>3",)), yellow=("dependency-conflict",)),
    Patient(
        "a system library is missing",
        having("lightgbm", "raise OSError('libgomp.so.1: cannot open shared object file: No such file or directory')"),
        red=("libgomp-missing",),
        also=says("lightgbm needs libgomp.so.1"),
    ),
    Patient(
        "a file is missing for import",
        having("joblib", "raise ImportError('libmissing.so.3: cannot open shared object file')"),
        red=("shared-library-missing",),
        also=says("joblib needs libmissing.so.3"),
    ),
    Patient("import exits politely", having("joblib", "raise SystemExit(3)"), red=("import-error",), also=says("SystemExit")),
    Patient("import exits at once", having("joblib", "import os; os._exit(7)"), red=("import-error",), also=says("exit code 7")),
    Patient("import segfaults", having("joblib", CRASH.format("SIGSEGV")), red=("import-crash",), also=says("SIGSEGV")),
    Patient("import aborts", having("joblib", "import os; os.abort()"), red=("import-crash",), also=says("SIGABRT")),
    Patient("pandas broken and seaborn with it", chain, red=("import-error",), also=red_are("pandas")),
    Patient("numpy broken and its friends with it", numpy_and_its_friends, red=("numpy-broken",), also=red_are("numpy")),
    Patient("pandas.py", after(file("pandas.py")), red=("shadowed-by-file",), also=says("pandas.py")),
    Patient("package called openai", after(file("openai/__init__.py")), red=("shadowed-by-file",), also=says("openai")),
    Patient("sklearn.py", after(file("sklearn.py")), red=("shadowed-by-file",), also=says("sklearn.py")),
    Patient("random.py", after(file("random.py")), red=("shadowed-stdlib-module",), also=says("random.py")),
    Patient("package called queue", after(file("queue/__init__.py")), red=("shadowed-stdlib-module",)),
    Patient("pandas.py in an editable project", editable_with_a_trap, red=("shadowed-by-file",)),
    Patient("leftovers only", leftovers, yellow=("interrupted-install",), also=says("~umpy")),
    Patient("metadata without files", after(files_lost("xgboost")), red=("interrupted-install",), also=red_are("xgboost")),
    Patient(
        "metadata without files, of what the code imports",
        after(files_lost("xgboost"), file("train.py", "import xgboost\n")),
        red=("interrupted-install",),
        yellow=("interrupted-install",),
        also=red_are("xgboost"),
    ),
    Patient(
        "the same of a library that nobody asked for, files only",
        after(lambda ward: ward.library("tiktoken"), files_lost("tiktoken"), file("train.py", "import tiktoken\n")),
        red=("interrupted-install",),
        args=("--quick",),
        also=red_are("tiktoken"),
    ),
    Patient("files without metadata", after(metadata_lost("lightgbm")), red=("interrupted-install",), also=red_are("lightgbm")),
    Patient(
        "a requirement that is none", after(file("requirements.txt", "numpy\npandas >> 2\n")), yellow=("requirement-unreadable",)
    ),
    Patient("a profile lacks its torch", without("torch"), red=("not-installed",), args=("--profile", "deep-learning")),
]
HANGING = [
    Patient(
        f"import hangs {how}",
        having("joblib", source.format(seconds)),
        red=("import-hang",),
        args=("--timeout", "3"),
        also=nobody_sleeps(seconds),
    )
    for how, source, seconds in [
        ("asleep", HANG, "31.4139"),
        ("in a grandchild", GRANDCHILD, "31.4239"),
        ("and ignores SIGTERM", STUBBORN, "31.4339"),
    ]
]
HEALTHY = [
    Patient("everything installed"),
    Patient("import prints 300 kB", having("joblib", LOUD)),
    Patient("foundations without torch", without("torch"), args=("--profile", "foundations")),
    Patient("requirements older and newer", args=("--require", "lib:torch>=2", "--require", "lib:numpy<3")),
    Patient("the project is the library", own_library),
    *(Patient(f"a folder {name} beside the library", after(folder(name))) for name in ("mlflow", "datasets", "torch")),
    Patient("a folder datasets without the library", after(folder("datasets"))),
    Patient("modules of a package", after(file("__init__.py"), file("random.py"), file("pandas.py"))),
    Patient(
        "files with harmless names", after(*(file(name) for name in ("test.py", "utils.py", "site.py", "data.py", "notebook.py")))
    ),
    Patient("a monorepo on PYTHONPATH", monorepo, yellow=None, absent=("shadowed-by-file", "dependency-conflict")),
    *(Patient(f"Python {minor}", target(minor), needs=(f"python{minor}",)) for minor in ("3.10", "3.12", "3.13")),
]
PATIENTS = [*BROKEN, *HANGING, *HEALTHY]
