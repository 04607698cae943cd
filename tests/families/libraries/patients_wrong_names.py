"""Patients whose libraries go by wrong names, lie over each other, or were installed from a folder that is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from families.libraries.patients import Make, editable, file, red_are, says, without
from families.libraries.patients_incompatible_pairs import installed
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward


def lists(ward: Ward, name: str, *files: str) -> None:
    """Let the RECORD of a distribution name these files, besides its metadata."""
    [info] = ward.site.glob(f"{name.replace('-', '_')}-*.dist-info")
    names = [*filter(None, files), f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in names))


def hollow(name: str, instead_of: str, *steps: Make) -> Make:
    """An empty distribution where a library was meant."""

    def make(ward: Ward) -> None:
        without(instead_of)(ward)
        shutil.rmtree(ward.library(name, "0.0.post12"))
        lists(ward, name, "")
        for step in steps:
            step(ward)

    return make


def beside(name: str, *steps: Make) -> Make:
    """An empty distribution beside all the libraries."""

    def make(ward: Ward) -> None:
        ward.venv()
        others = set(ward.site.iterdir())
        package = ward.library(name, "0.0")
        lists(ward, name, "")
        if package not in others:
            shutil.rmtree(package)
        for step in steps:
            step(ward)

    return make


def opencv(*names: str, gone: bool = False, installer: str = "pip") -> Make:
    """Distributions of OpenCV, all of which bring the folder cv2."""

    def make(ward: Ward) -> None:
        ward.venv()
        for name in names:
            shutil.rmtree(ward.library(name, "4.12.0.88"))
            [info] = ward.site.glob(f"{name.replace('-', '_')}-*.dist-info")
            lists(ward, name, "cv2/__init__.py")
            (info / "INSTALLER").write_text(installer)
        if not gone:
            (ward.site / "cv2").mkdir()
            (ward.site / "cv2/__init__.py").write_text("__version__ = '4.12.0'")

    return make


def opencv_removed(ward: Ward) -> None:
    """Of two distributions of OpenCV one was removed: what only the other one has is left of it, and a cache."""
    opencv("opencv-python-headless", gone=True)(ward)
    ward.write("requirements.txt", "opencv-python-headless\n")
    lists(ward, "opencv-python-headless", "cv2/__init__.py", "opencv_python_headless.libs/x.so")
    for left in ("opencv_python_headless.libs/x.so", "cv2/__pycache__/__init__.cpython-311.pyc"):
        (ward.site / left).parent.mkdir(parents=True)
        (ward.site / left).write_bytes(b"x")


def two_jwts(ward: Ward) -> None:
    ward.venv()
    ward.library("PyJWT", "2.13.0")
    shutil.rmtree(ward.site / "PyJWT")
    lists(ward, "PyJWT", "jwt/__init__.py")
    ward.library("jwt", "1.4.0")


def own_project(where: str, *, package: bool = False, there: bool = False) -> Make:
    """The project is installed for development, from a folder of this name."""

    def make(ward: Ward) -> None:
        ward.venv()
        editable(ward, "my-lab", "1")
        ward.write("pyproject.toml", "[project]\nname = 'my-lab'\nversion = '1'\n")
        ward.write("my_lab/__init__.py" if package else "src/my_lab/__init__.py", "")
        old = ward.root / where
        old.mkdir(exist_ok=there)
        [info] = ward.site.glob("my-lab-*.dist-info")
        (info / "direct_url.json").write_text(f'{{"dir_info": {{"editable": true}}, "url": "{old.as_uri()}"}}')
        (ward.site / "__editable__.my-lab.pth").write_text(f"{old}\n")
        if not there:
            old.rmdir()

    return make


def stranger(ward: Ward) -> None:
    """An old experiment, long deleted; nothing here needs it."""
    own_project("experiment")(ward)
    ward.write("pyproject.toml", "[project]\nname = 'another'\nversion = '1'\ndependencies = ['numpy']\n")


def nothing_of(*words: str) -> Callable[[Visit], None]:
    """No finding at all speaks of these."""

    def look(visit: Visit) -> None:
        loud = [f for f in visit.findings("fail", "warn") if any(word in f["message"] for word in words)]
        assert not loud, loud

    return look


BROKEN = [
    Patient("sklearn in place of scikit-learn", hollow("sklearn", "scikit-learn"), red=("wrong-distribution",)),
    Patient(
        "sklearn in the requirements and on the disk",
        hollow("sklearn", "scikit-learn", file("requirements.txt", "sklearn\n")),
        red=("wrong-distribution",),
        also=says("sklearn 0.0.post12 is an empty package", "scikit-learn"),
    ),
    Patient("pytorch in place of torch", hollow("pytorch", "torch"), red=("wrong-distribution",), also=red_are("pytorch")),
    Patient(
        "sklearn in the requirements, scikit-learn on the disk",
        lambda ward: (ward.venv(), ward.write("requirements.txt", "numpy\nsklearn\n")),
        yellow=("wrong-distribution",),
        also=says("requirements.txt requires sklearn", "scikit-learn"),
    ),
    Patient(
        "sklearn in the requirements and not on the disk",
        lambda ward: (without("scikit-learn")(ward), ward.write("requirements.txt", "sklearn\n")),
        red=("not-installed",),
    ),
    Patient(
        "jwt over PyJWT",
        lambda ward: (two_jwts(ward), ward.write("requirements.txt", "PyJWT\n")),
        red=("wrong-distribution",),
        also=says("jwt 1.4.0 and pyjwt 2.13.0"),
    ),
    Patient("jwt over PyJWT that nobody asked for", two_jwts, yellow=("wrong-distribution",)),
    Patient("two of OpenCV", opencv("opencv-python", "opencv-python-headless"), yellow=("opencv-duplicates",)),
    Patient("one of OpenCV was removed", opencv_removed, red=("opencv-duplicates",), also=says("cv2 is missing")),
    Patient(
        "cv2 is gone with all its files",
        lambda ward: (
            opencv("opencv-python-headless", gone=True)(ward),
            ward.write("requirements.txt", "opencv-python-headless\n"),
        ),
        red=("opencv-duplicates",),
    ),
    Patient("the project was moved", own_project("lab of old"), red=("editable-source-vanished",), also=says("lab of old")),
    Patient(
        "the project was moved and is imported from its folder",
        own_project("old", package=True),
        yellow=("editable-source-vanished",),
    ),
    Patient("an experiment was deleted", stranger, yellow=("editable-source-vanished",), also=says("experiment")),
]
HEALTHY = [
    Patient("an old sklearn beside scikit-learn", beside("sklearn")),
    Patient("dotenv beside python-dotenv", beside("dotenv", file("requirements.txt", "numpy\ndotenv\npython-dotenv\n"))),
    Patient("jwt alone", installed("jwt==1.4.0"), also=nothing_of("jwt")),
    Patient("one of OpenCV", opencv("opencv-python-headless"), also=nothing_of("opencv", "cv2")),
    Patient(
        "OpenCV of conda", opencv("opencv-python", "opencv-python-headless", installer="conda"), also=nothing_of("opencv", "cv2")
    ),
    Patient("the project is where it was", own_project("my löb 100%", there=True)),
]
PATIENTS = [*BROKEN, *HEALTHY]
