"""Repairs of libraries by wrong names, of pairs that clash and of vanished sources: broken, repaired by the printed commands, whole."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from families.libraries.patients_incompatible_pairs import model
from families.libraries.test_repairs import pip, real  # noqa: F401  # a fixture
from lab.repairing import repair
from lab.ward import Ward

PROJECT = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n[project]\nname = 'my-lab'\nversion = '1'\n"


def run(ward: Ward, code: str) -> str:
    """What Python says of a line in this environment."""
    done = subprocess.run([ward.python, "-c", code], env=ward.environ, cwd=ward.root, capture_output=True, text=True)
    return "fine" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def sklearn_in_place(ward: Ward) -> None:
    ward.environ["SKLEARN_ALLOW_DEPRECATED_SKLEARN_PACKAGE_INSTALL"] = "True"
    pip(ward, "sklearn")
    ward.write("requirements.txt", "scikit-learn\n")


def two_jwts(ward: Ward) -> None:
    pip(ward, "PyJWT")
    pip(ward, "jwt")
    ward.write("requirements.txt", "PyJWT\n")


def openai_and_httpx(ward: Ward) -> None:
    pip(ward, "openai==1.40.0", "httpx==0.28.1")
    ward.write("requirements.txt", "openai\n")


def passlib_and_bcrypt(ward: Ward) -> None:
    pip(ward, "passlib==1.7.4", "bcrypt==5.0.0")
    ward.write("requirements.txt", "passlib\n")


def bottleneck_and_numpy(ward: Ward) -> None:
    pip(ward, "bottleneck==1.3.8", "numpy==2.2.6")
    ward.write("requirements.txt", "bottleneck\n")


def two_opencvs(ward: Ward) -> None:
    pip(ward, "opencv-python-headless==4.12.0.88", "opencv-python==4.12.0.88")
    ward.write("requirements.txt", "opencv-python-headless\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "cause", "check", "code"),
    [
        (sklearn_in_place, "wrong-distribution", (), "import sklearn"),
        (two_jwts, "wrong-distribution", (), "import jwt; jwt.encode({}, 'k' * 40, 'HS256')"),
        (openai_and_httpx, "known-bad-pair", (), "import openai; openai.OpenAI(api_key='x')"),
        (
            passlib_and_bcrypt,
            "known-bad-pair",
            (),
            "from passlib.context import CryptContext; CryptContext(schemes=['bcrypt']).hash('x')",
        ),
        (bottleneck_and_numpy, "numpy2-abi", ("--quick",), "import bottleneck"),
    ],
)
def test_what_was_broken_works(
    real: Ward,  # noqa: F811
    make: Callable[[Ward], None],
    cause: str,
    check: tuple[str, ...],
    code: str,
) -> None:
    make(real)
    assert run(real, code) != "fine"
    repair(real, cause, *check)
    assert run(real, code) == "fine"


@pytest.mark.slow
def test_opencv_once(real: Ward) -> None:  # noqa: F811
    two_opencvs(real)
    repair(real, "opencv-duplicates")
    assert len(list(real.site.glob("opencv_*.dist-info"))) == 1
    assert run(real, "import cv2; cv2.imread") == "fine"


@pytest.mark.slow
def test_opencv_after_one_of_two_was_removed(real: Ward) -> None:  # noqa: F811
    two_opencvs(real)
    subprocess.run([real.python, "-m", "pip", "uninstall", "--yes", "opencv-python"], check=True, env=real.environ)
    assert run(real, "import cv2; cv2.imread") != "fine"
    repair(real, "opencv-duplicates")
    assert run(real, "import cv2; cv2.imread") == "fine"


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["src/my_lab", "my_lab"])
def test_a_project_that_was_moved(real: Ward, layout: str) -> None:  # noqa: F811
    old = real.root / "old place"
    (old / layout).mkdir(parents=True)
    (old / layout / "__init__.py").touch()
    (old / "pyproject.toml").write_text(PROJECT)
    pip(real, "--editable", str(old))
    for part in list(old.iterdir()):
        shutil.move(part, real.project / part.name)
    old.rmdir()
    assert "No module named" in run(real, "import my_lab")
    repair(real, "editable-source-vanished", "libraries.editable")  # what the cheat sheet asks for is not installed here
    assert run(real, "import my_lab") == "fine"


@pytest.mark.slow
def test_an_experiment_that_was_deleted(real: Ward, tmp_path: Path) -> None:  # noqa: F811
    old = tmp_path / "experiment"
    (old / "src/my_lab").mkdir(parents=True)
    (old / "src/my_lab/__init__.py").touch()
    (old / "pyproject.toml").write_text(PROJECT)
    pip(real, "--editable", str(old))
    shutil.rmtree(old)
    real.write("requirements.txt", "packaging\n")
    pip(real, "packaging")
    repair(real, "editable-source-vanished")
    assert not list(real.site.glob("*my_lab*"))


@pytest.mark.slow
def test_the_scikit_learn_that_a_model_was_saved_with(real: Ward) -> None:  # noqa: F811
    pip(real, "scikit-learn==1.7.2")
    real.write("requirements.txt", "scikit-learn\n")
    model("model.pkl", "1.6.1")(real)
    repair(real, "model-version-mismatch")
    assert run(real, "import sklearn; assert sklearn.__version__ == '1.6.1'") == "fine"
