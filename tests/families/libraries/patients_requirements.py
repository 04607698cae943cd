"""Patients whose project says itself what it needs, in every notation that people use."""

from __future__ import annotations

from collections.abc import Callable

from families.libraries.patients import Make, after, file, red_are, says
from lab.patient import Patient, other_python
from lab.visit import Visit
from lab.ward import Ward

HASH = "0" * 64
POETRY = """
[tool.poetry]
name = "lab"
[tool.poetry.dependencies]
python = "^3.8"
numpy = "^{numpy}"
pandas = {{version = "~3.0", extras = ["all"]}}
seaborn = {{version = "^9", optional = true}}
lab-tools = {{path = "../tools"}}
"""
PYPROJECT = """
[project]
name = "lab"
version = "1"
dependencies = ["numpy>=2", "pandas>=3; python_version >= '3.8'"{more}]
[project.optional-dependencies]
all = ["seaborn>=99"]
[dependency-groups]
dev = ["joblib>=99"]
"""


def declared(*names: str) -> Callable[[Visit], None]:
    """Exactly these libraries were judged."""

    def look(visit: Visit) -> None:
        judged = {f["subject"] for f in visit.findings() if f["id"] == "libraries.installed" and f["subject"]}
        assert judged == set(names), judged

    return look


def only(text: str | bytes, name: str = "requirements.txt") -> Make:
    """A venv with numpy and pandas, and a project that declares."""

    def make(ward: Ward) -> None:
        ward.venv(libraries=("numpy", "pandas"))
        ward.write(name, text)

    return make


def included(text: str, other: str, *, name: str = "requirements/base.txt") -> Make:
    return lambda ward: (only(text)(ward), ward.write(name, other))


def old_target(ward: Ward) -> None:
    """On this Python the second requirement applies; on the doctor's own it does not."""
    ward.venv(python=other_python("3.10"), libraries=("numpy",))
    ward.write("requirements.txt", "numpy\npandas; python_version < '3.11'\n")


def healthy(id: str, make: Make, *names: str, **more: object) -> Patient:
    return Patient(f"declared {id}", make, also=declared(*names), **more)  # type: ignore[arg-type]


BROKEN = [
    Patient("declared and not installed", only("numpy\nseaborn>=0.13\n"), red=("not-installed",), also=red_are("seaborn")),
    Patient(
        "declared in an included file", included("numpy\n-r requirements/base.txt\n", "pandas>=9\n"), red=("requirement-unmet",)
    ),
    Patient("declared by a caret of Poetry", only(POETRY.format(numpy="1.26"), "pyproject.toml"), red=("requirement-unmet",)),
    Patient(
        "declared in pyproject.toml",
        only(PYPROJECT.format(more=", 'joblib'"), "pyproject.toml"),
        red=("not-installed",),
        also=red_are("joblib"),
    ),
    Patient("declared for this Python only", old_target, red=("not-installed",), needs=("python3.10",), also=red_are("pandas")),
    Patient("declared in UTF-16", only("numpy\njoblib\n".encode("utf-16")), red=("not-installed",), also=red_are("joblib")),
    Patient(
        "declared and unknown to the catalogue",
        only("numpy\nsome.Thing==3\n"),
        red=("not-installed",),
        also=red_are("some-thing"),
    ),
    Patient("declared and required together", only("pandas>=2\n"), red=("requirement-unmet",), args=("--require", "lib:numpy<2")),
    Patient(
        "declared in Latin-1",
        only("numpy  # gr\xf6\xdfer\n".encode("latin-1")),
        yellow=("requirement-unreadable",),
        also=says("not UTF-8"),
    ),
    Patient(
        "declared in far too much text", only("#\n" * 600_000 + "joblib\n"), yellow=("requirement-unreadable",), also=declared()
    ),
    Patient("declared to itself", only("numpy\n-r requirements.txt\npandas>=9\n"), red=("requirement-unmet",)),
    Patient(
        "declared in a missing file",
        only("numpy\n-r nowhere.txt\n"),
        yellow=("requirement-unreadable",),
        also=says("nowhere.txt"),
    ),
]
HEALTHY = [
    healthy(
        "with markers that do not apply", only("numpy\ntorch; sys_platform == 'win32'\njoblib; python_version < '3'\n"), "numpy"
    ),
    healthy("with extras", only("numpy\npandas[performance,excel]>=3\n"), "numpy", "pandas"),
    healthy(
        "with addresses",
        only(
            "numpy\ngit+https://example.org/x.git\nhttps://example.org/z.zip\ngit+https://example.org/x.git#egg=x-dev\n./local\n-e .\n--editable=../up\n"
        ),
        "numpy",
    ),
    healthy("with the address of pandas", only("numpy\npandas @ https://example.org/pandas-3.0.3.tar.gz\n"), "numpy", "pandas"),
    healthy(
        "with hashes",
        only(f"numpy==2.4.6 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha256:{HASH}\npandas\n"),
        "numpy",
        "pandas",
    ),
    healthy("with options", only("--index-url https://example.org\n-f links\n--pre\nnumpy  # the newest\n#torch\n"), "numpy"),
    healthy("with constraints", included("-c requirements/base.txt\nnumpy\n", "numpy<3\npandas<9\nscipy<1\n"), "numpy"),
    healthy(
        "with included files", included("-rrequirements/base.txt\nnumpy\n", "pandas\n-r ../requirements.txt\n"), "numpy", "pandas"
    ),
    healthy("for development elsewhere", included("numpy\n", "seaborn>=99\n", name="requirements-dev.txt"), "numpy"),
    healthy("for tests elsewhere", included("numpy\n", "seaborn>=99\n", name="requirements_test.txt"), "numpy"),
    healthy("by a fitting caret of Poetry", only(POETRY.format(numpy="2.1"), "pyproject.toml"), "numpy", "pandas"),
    healthy("in a fitting pyproject.toml", only(PYPROJECT.format(more=""), "pyproject.toml"), "numpy", "pandas"),
    healthy("with odd markers", only("numpy\npandas; platform_release ~= 'abc'\njoblib==${VERSION}\nlocal/folder\n"), "numpy"),
    healthy("in other letters", only("NumPy>=2\nPANDAS\n"), "numpy", "pandas"),
    healthy("by Windows", only(b"\xef\xbb\xbfnumpy>=2\r\npandas\r\n"), "numpy", "pandas"),
    healthy("by a variable", only("numpy\n--extra-index-url https://${TOKEN}@example.org\n"), "numpy"),
    Patient("nothing declared", after(file("requirements.txt", "# nothing yet\n"))),
]
PATIENTS = [*BROKEN, *HEALTHY]
