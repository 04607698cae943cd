"""Patients that look alike: libraries under another name, installed in an old way, or the project itself, and the ill beside."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from families.libraries.patients import Make, after, editable, file, red_are, says, without
from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import MODULES, Ward


def brought(name: str, by: str, *, declares: str = "") -> Make:
    """A venv in which a library came with another distribution."""

    def make(ward: Ward) -> None:
        ward.venv()
        module = MODULES.get(name, name)
        ward.library(name)
        shutil.rmtree(next(ward.site.glob(f"{name.replace('-', '_')}-*.dist-info")))
        ward.library(by, "9.0")
        shutil.rmtree(ward.site / by.replace("-", "_"))
        record = next(ward.site.glob(f"{by.replace('-', '_')}-9.0.dist-info")) / "RECORD"
        record.write_text(f"a/{module}/__init__.pyi,,\n{module}/__init__.py,sha256=x,\n")
        if declares:
            ward.write("requirements.txt", declares)

    return make


def needs_another_opencv(ward: Ward) -> None:
    brought("cv2", "opencv-python", declares="albumentations\n")(ward)
    ward.library("albumentations", "1.3", requires=("opencv-python-headless>=4",))


def egg(ward: Ward) -> None:
    """As `python setup.py install` left it."""
    ward.venv()
    folder = ward.site / "xgboost-3.2.0-py3.11.egg"
    (folder / "EGG-INFO").mkdir(parents=True)
    shutil.move(ward.site / "xgboost", folder / "xgboost")
    shutil.move(next(ward.site.glob("xgboost-*.dist-info")) / "METADATA", folder / "EGG-INFO/PKG-INFO")
    shutil.rmtree(next(ward.site.glob("xgboost-*.dist-info")))
    (ward.site / "easy-install.pth").write_text(f"./{folder.name}\n")


def developed(ward: Ward) -> None:
    """As `setup.py develop` left it."""
    without("seaborn")(ward)
    source = ward.root / "seaborn"
    (source / "seaborn.egg-info").mkdir(parents=True)
    (source / "seaborn.egg-info/PKG-INFO").write_text("Name: seaborn\nVersion: 0.14\n\n")
    (source / "seaborn.py").write_text("")
    (ward.site / "easy-install.pth").write_text(f"{source}\n")


def two_names_for_one_folder(ward: Ward) -> None:
    """As in Fedora: lib64 is a link to lib."""
    ward.venv()
    (ward.site / "~umpy").mkdir()
    if not (ward.prefix / "lib64").exists():
        (ward.prefix / "lib64").symlink_to("lib")
    (ward.site / "lib64.pth").write_text(str(ward.site).replace("/lib/", "/lib64/") + "\n")


def one_leftover(visit: Visit) -> None:
    [finding] = [f for f in visit.findings("warn") if f["cause"] == "interrupted-install"]
    assert finding["message"].count("~umpy") == 1


def runs_when_imported(ward: Ward) -> None:
    """The project is a library that is wanted; were its code run, that would be seen."""
    without("seaborn")(ward)
    ward.write("pyproject.toml", "[project]\nname = 'seaborn'\nversion = '0.15'\n")
    ward.write("seaborn/__init__.py", "raise ImportError('was run')")
    editable(ward, "seaborn", "0.15")


def loaded_before(ward: Ward) -> None:
    """A .pth file of the environment imports random before any script runs."""
    ward.venv(libraries=("numpy",))
    ward.write("requirements.txt", "numpy\n")
    (ward.site / "early.pth").write_text("import random\n")
    ward.write("random.py", "raise SystemExit")


def beside_another_library(name: str, *, declared: bool) -> Make:
    def make(ward: Ward) -> None:
        ward.venv()
        ward.library("datasets", "4.0")
        ward.write(name, "")
        if declared:
            ward.write("requirements.txt", "datasets\n")

    return make


def with_an_extra(declared: str, *more: str) -> Make:
    """uvicorn names what its extra needs; `more` is installed of it."""

    def make(ward: Ward) -> None:
        ward.venv()
        needs = ("click", "httptools>=0.6; extra == 'standard'", "colorama; sys_platform == 'win32' and extra == 'standard'")
        ward.library("uvicorn", "0.40.0", requires=needs)
        for name in ("click", *more):
            ward.library(name, "0.7")
        ward.write("requirements.txt", declared)

    return make


POETRY = """
[tool.poetry]
name = "lab"
[tool.poetry.dependencies]
python = "{python}"
numpy = "^1.26 || ^2.0"
pywin32 = {{version = "^300", markers = "sys_platform == 'win32'"}}
tomli = {{version = "^2", python = "<3.11"}}
colorama = {{version = "*", platform = "win32"}}
pandas = [{{version = "^2", python = "<3.9"}}, {{version = "^3", python = ">=3.9"}}]
"""


def by_poetry(ward: Ward) -> None:
    ward.venv(python=other_python("3.12"), libraries=("numpy", "pandas"))
    ward.write("pyproject.toml", POETRY.format(python="3.12"))


def one_warning(cause: str) -> Callable[[Visit], None]:
    def look(visit: Visit) -> None:
        assert len([f for f in visit.findings("warn") if f["cause"] == cause]) == 1, visit

    return look


CONDA = "# platform: linux-64\n@EXPLICIT\n" + "".join(f"pkg{n}=1.{n}=py311_0\n" for n in range(40))
PATIENTS = [
    Patient("mlflow by mlflow-skinny", brought("mlflow", "mlflow-skinny")),
    Patient("xgboost by xgboost-cpu", brought("xgboost", "xgboost-cpu")),
    Patient("one OpenCV declared, another installed", brought("cv2", "opencv-contrib-python", declares="opencv-python\n")),
    Patient("one OpenCV required by a library, another installed", needs_another_opencv),
    Patient("declared as sklearn", after(file("requirements.txt", "sklearn\nnumpy\n")), yellow=("wrong-distribution",)),
    Patient("an extra that is whole", with_an_extra("uvicorn[standard]\n", "httptools")),
    Patient("an extra that nobody asked for", with_an_extra("uvicorn\n")),
    Patient(
        "an extra that does not exist",
        with_an_extra("uvicorn[standard]\n"),
        yellow=("extra-not-installed",),
        also=says("the extra is not installed: httptools is missing"),
    ),
    Patient("an egg", egg),
    Patient("a library under development", developed),
    Patient("lib64 is lib", two_names_for_one_folder, yellow=("interrupted-install",), also=one_leftover),
    Patient("the project is wanted and not run", runs_when_imported),
    Patient("random.py where random is loaded already", loaded_before),
    Patient(
        "datasets/ beside a library that nothing uses",
        beside_another_library("datasets/__init__.py", declared=False),
        yellow=("shadowed-by-file",),
    ),
    Patient(
        "datasets.py beside the declared library",
        beside_another_library("datasets.py", declared=True),
        red=("shadowed-by-file",),
        also=red_are("datasets"),
    ),
    Patient(
        "requirements for a CPU or a GPU",
        after(*(file(f"requirements-{kind}.txt", f"torch=={n}.0\n") for n, kind in enumerate(("cpu", "gpu")))),
    ),
    Patient("declared by Poetry for other machines", by_poetry, needs=("python3.12",)),
    Patient(
        "a list of conda in requirements.txt",
        after(file("requirements.txt", CONDA)),
        yellow=("requirement-unreadable",),
        also=one_warning("requirement-unreadable"),
    ),
    Patient(
        "a requirement of its own extra",
        after(file("pyproject.toml", "[project]\nname = 'lab'\ndependencies = ['lab[gpu]', 'numpy']\n")),
    ),
]
