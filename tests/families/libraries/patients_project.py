"""Patients whose project has groups, constraints, an environment.yml, a Pipfile or a lock file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from families.libraries.patients import Make, after, file, red_are, says
from families.libraries.patients_requirements import declared, included, only
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

GROUPS = """
[project]
name = "lab"
version = "1"
requires-python = ">=3.8"
dependencies = ["numpy>=2", "pandas"]
[project.optional-dependencies]
old = ["{extra}"]
[dependency-groups]
dev = ["{dev}", {{include-group = "docs"}}]
docs = ["sphinx>=99"]
[tool.uv]
constraint-dependencies = ["{limit}"]
"""
CONDA = """
name: lab
channels: [conda-forge, nodefaults]
dependencies:
  - python={python}
  - cudatoolkit=11.8
  - conda-forge::numpy>={numpy}
  - pandas=3.0
  - ffmpeg
  - {more}
  - pip
  - pip:
      - joblib
"""
PIPFILE = """
[[source]]
url = "https://user:secret@example.org/simple"
name = "pypi"
[packages]
numpy = "{numpy}"
pandas = {{version = "*", markers = "sys_platform == 'linux'"}}
other = {{path = "./other"}}
[dev-packages]
pytest = "*"
[requires]
python_version = "{python}"
"""
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
UV = """
version = 1
revision = 3
requires-python = ">=3.8"

[[package]]
name = "lab"
version = "9"
source = {{ virtual = "." }}

[[package]]
name = "numpy"
version = "1.24.4"
source = {{ registry = "https://pypi.org/simple" }}
resolution-markers = ["python_full_version < '3.9'"]

[[package]]
name = "numpy"
version = "{numpy}"
source = {{ registry = "https://pypi.org/simple" }}
resolution-markers = ["python_full_version >= '3.9'"]

[[package]]
name = "pandas"
version = "3.0.3"
source = {{ registry = "https://pypi.org/simple" }}

[[package]]
name = "torch"
version = "2.13.0"
source = {{ registry = "https://pypi.org/simple" }}
"""
PYLOCK = 'lock-version = "1.0"\ncreated-by = "me"\n[[packages]]\nname = "numpy"\nversion = "{numpy}"\n[[packages]]\nname = "pandas"\nversion = "3.0.3"\n'
POETRY_LOCK = '[[package]]\nname = "numpy"\nversion = "{numpy}"\nmarkers = {{main = "python_version >= \'3.9\'"}}\n[package.source]\ntype = "legacy"\n'
PDM_LOCK = '[[package]]\nname = "numpy"\nversion = "{numpy}"\nrequires_python = ">=3.9"\n[[package]]\nname = "pandas"\nversion = "1"\ngit = "https://example.org/x.git"\n'
PIPENV_LOCK = json.dumps({"_meta": {}, "default": {"numpy": {"version": "==0.0"}}, "develop": {"pandas": {"git": "x"}}}, indent=4)


def project(**files: str) -> Make:
    """A venv with numpy and pandas, and a pyproject.toml that asks for them; a name's dots are written as two underscores."""

    def make(ward: Ward) -> None:
        only(GROUPS.format(extra="seaborn>=99", dev="joblib>=99", limit="scipy"), "pyproject.toml")(ward)
        for name, text in files.items():
            ward.write(name.replace("__", "."), text)

    return make


def groups(extra: str = "x", dev: str = "pandas", limit: str = "x") -> Make:
    return only(GROUPS.format(extra=extra, dev=dev, limit=limit), "pyproject.toml")


def with_library(make: Make, *names: str) -> Make:
    return lambda ward: (make(ward), [ward.library(name) for name in names])


def conda(python: str = HERE, numpy: str = "2", more: str = "pytorch-cuda") -> Make:
    return with_library(only(CONDA.format(python=python, numpy=numpy, more=more), "environment.yml"), "joblib")


def pipfile(python: str = HERE, numpy: str = "*") -> Make:
    return only(PIPFILE.format(python=python, numpy=numpy), "Pipfile")


def remarks(*words: str) -> Callable[[Visit], None]:
    """Something is left out, and these words are said of it."""

    def look(visit: Visit) -> None:
        text = " ".join(f["message"] for f in visit.findings("skip"))
        assert all(word in text for word in words), f"{words} not in: {text}"

    return look


def one_line(*words: str) -> Callable[[Visit], None]:
    """There is one warning of the lock, and it says these words."""

    def look(visit: Visit) -> None:
        [message] = [f["message"] for f in visit.findings("warn") if f["cause"] == "lock-out-of-step"]
        assert all(word in message for word in words), message

    return look


def many_differ(ward: Ward) -> None:
    ward.venv()
    text = "".join(
        f'[[package]]\nname = "{name}"\nversion = "0.0.1"\n'
        for name in ("numpy", "pandas", "torch", "mlflow", "openai", "joblib")
    )
    ward.write("uv.lock", text)


def wheel(folder: Path, name: str, version: str) -> None:
    """A small wheel that any installer takes."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


def uv_project(ward: Ward) -> None:
    """A project of uv with an index of its own, whose lock holds a newer version than is installed."""
    ward.venv(libraries=())
    for version in ("1.0", "1.1"):
        wheel(ward.project / "links", "labtool", version)
    index = '[[tool.uv.index]]\nname = "links"\nurl = "links"\nformat = "flat"\ndefault = true\n'
    text = '[project]\nname = "lab"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["labtool"]\n[tool.uv]\npackage = false\n'
    ward.write("pyproject.toml", text + index)
    uv = Path(sys.executable).with_name("uv")
    (ward.bin / "uv").symlink_to(uv if uv.exists() else shutil.which("uv") or "uv")
    ward.environ |= {"UV_OFFLINE": "1", "UV_NO_CONFIG": "0"}
    for command in (
        ["lock"],
        ["pip", "install", "labtool==1.0"],
        ["export", "--quiet", "--format", "pylock.toml", "-o", "pylock.toml"],
    ):
        subprocess.run([ward.bin / "uv", *command], cwd=ward.project, env=ward.environ, check=True, capture_output=True)


BROKEN = [
    Patient("a constraint is broken", included("-c limits/all.txt\nnumpy\n", "numpy<2\nscipy<1\n", name="limits/all.txt"), yellow=("requirement-unmet",), also=says("numpy 2.4.6", "all.txt allows <2")),
    Patient("a constraint of uv is broken", groups(limit="pandas<2"), yellow=("requirement-unmet",), also=says("pandas 3.0.3", "<2")),
    Patient("a group has another version", with_library(groups(dev="joblib>=99"), "joblib"), yellow=()),
    Patient("an extra has another version", with_library(groups(extra="joblib>=99"), "joblib"), yellow=()),
    Patient("requirements for development with another version", with_library(included("numpy\n", "-r requirements.txt\njoblib>=99\n", name="requirements-dev.txt"), "joblib"), yellow=()),
    Patient("conda asks for another version", conda(numpy="9"), red=("requirement-unmet",), also=says("environment.yml")),
    Patient("conda asks for what does not exist", conda(more="pytorch>=2.1,<3"), red=("not-installed",), also=red_are("torch")),
    Patient("conda asks for another Python", conda(python="3.8"), red=("requires-python-unmet",), also=says("environment.yml requires Python ==3.8.*")),
    Patient("the list for pip of conda", only("dependencies:\n- pip:\n  - numpy\n  - seaborn>=0.1 # why\n  - -e .\n", "environment.yaml"), red=("not-installed",), also=red_are("seaborn")),
    Patient("an environment.yml that is none", only("dependencies: [numpy\nfoo: : bar\n", "environment.yml"), yellow=("requirement-unreadable",), also=says("not valid YAML")),
    Patient("a Pipfile asks for another version", pipfile(numpy=">=9"), red=("requirement-unmet",), also=says("Pipfile")),
    Patient("a Pipfile asks for another Python", pipfile(python="3.8"), red=("requires-python-unmet",), also=says("Pipfile requires Python")),
    Patient("requirements in a folder", only("numpy\nseaborn\n", "requirements/base.txt"), red=("not-installed",), also=red_are("seaborn")),
    Patient("an address tells the name", only("numpy\n-e git+https://tok:secret@example.org/x.git@v1#egg=some-tool\n"), red=("not-installed",), also=red_are("some-tool")),
    Patient("frozen in conda", only("numpy @ file:///croot/numpy_1/work\npandas @ file:///home/x/conda-bld/pandas_1/work\n"), yellow=("requirement-unreadable",), also=says("the machine on which conda built numpy")),
    Patient("requirements with a conflict of git", only("numpy\n<<<<<<< HEAD\npandas>=3\n=======\npandas\n>>>>>>> main\n"), yellow=("requirement-unreadable",), also=says("merge conflict")),
    Patient("what the lock knows better is red once", lambda w: (only("pandas==2.2.0\n")(w), w.write("pylock.toml", PYLOCK.format(numpy="2.4.6").replace("3.0.3", "2.2.0"))), red=("requirement-unmet",), also=red_are("pandas")),
    Patient("a lock of uv", project(uv__lock=UV.format(numpy="2.3.1")), yellow=("lock-out-of-step",), also=one_line("numpy 2.4.6 (locked: 2.3.1)")),
    Patient("the lock of the standard", project(pylock__toml=PYLOCK.format(numpy="2.3.1")), yellow=("lock-out-of-step",), also=one_line("pylock.toml")),
    Patient("a lock of Poetry", project(poetry__lock=POETRY_LOCK.format(numpy="2.3.1")), yellow=("lock-out-of-step",), also=one_line("poetry.lock")),
    Patient("a lock of PDM", project(pdm__lock=PDM_LOCK.format(numpy="2.3.1")), yellow=("lock-out-of-step",), also=one_line("pdm.lock")),
    Patient("a lock of Pipenv", lambda ward: (pipfile()(ward), ward.write("Pipfile.lock", PIPENV_LOCK)), yellow=("lock-out-of-step",), also=one_line("Pipfile.lock")),
    Patient("six differ from a lock", many_differ, yellow=("lock-out-of-step",), also=one_line("6 installed libraries differ", "and 1 more")),
    Patient("a lock with a conflict of git", project(uv__lock="version = 1\n<<<<<<< HEAD\n=======\n>>>>>>> main\n"), yellow=("requirement-unreadable",), also=says("merge conflict")),
    Patient("a lock that is cut off", project(Pipfile__lock='{"default": {'), yellow=("requirement-unreadable",), also=says("not valid JSON")),
]  # fmt: skip


def fine(id: str, make: Make, also: Callable[[Visit], None] | None = None, args: tuple[str, ...] = ()) -> Patient:
    return Patient(f"fine: {id}", make, also=also, args=args)


HEALTHY = [
    fine("groups that are not installed", project(), remarks("the group dev", "joblib")),
    fine("what the project requires is said of an extra, too", groups(extra="numpy<2", dev="pandas<2")),
    fine("constraints that are kept", included("numpy\n-c limits.txt\n", "numpy<3\nscipy==1\n", name="limits.txt")),
    fine("conda", conda(), declared("numpy", "pandas", "joblib")),
    fine("conda with versions of its own kind", conda(more="xgboost[version='>=1|2']"), declared("numpy", "pandas", "joblib")),
    fine("conda beside requirements.txt", lambda w: (only("numpy\n")(w), w.write("environment.yml", CONDA.format(python="3.8", numpy=9, more="torch"))), declared("numpy")),
    fine("conda without dependencies", after(file("environment.yml", "name: x\nchannels: [a]\n"))),
    fine("a Pipfile", pipfile(), declared("numpy", "pandas")),
    fine("a fitting lock of uv", project(uv__lock=UV.format(numpy="2.4.6"))),
    fine("a lock of uv with --quick", project(uv__lock=UV.format(numpy="2.3.1")), remarks("--quick"), args=("--quick",)),
    fine("a fitting pylock.toml", project(pylock__toml=PYLOCK.format(numpy="2.4.6"))),
    fine("a lock of another platform", project(poetry__lock=POETRY_LOCK.format(numpy="2.4.6") + '[[package]]\nname = "pandas"\nversion = "3.0.3"\nmarkers = "sys_platform == \'win32\'"\n')),
    fine("a lock that was not renewed", project(uv__lock=UV.format(numpy="2.4.6").replace('"pandas"', '"pandas-stubs"')), remarks("uv.lock does not contain pandas")),
    fine("an empty lock", project(uv__lock="")),
    fine("a .python-version of uv", lambda w: (only("numpy\n")(w), w.write(".python-version", f"lab-env\ncpython-{HERE}\n"))),
]  # fmt: skip
PATIENTS = [*BROKEN, *HEALTHY]
