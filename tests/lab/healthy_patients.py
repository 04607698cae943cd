"""Environments that people really have, in which all is well: nothing may be red, and no warning that they would call wrong."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab.patient import Patient, other_python
from lab.real import UV, real
from lab.ward import VERSIONS, Ward

MANY = 330


def among(**variables: str) -> Callable[[Ward], object]:
    """A healthy ward with these variables; `{home}`, `{project}` and `{site}` stand for its folders."""

    def make(ward: Ward) -> None:
        ward.venv()
        known = {"home": ward.home, "project": ward.project, "site": ward.site, "root": ward.root}
        ward.environ |= {name: value.format(**known) for name, value in variables.items()}

    return make


def of_version(minor: str) -> Callable[[Ward], object]:
    return lambda ward: ward.venv(python=other_python(minor))


def by_uv(ward: Ward) -> None:
    """An environment that uv made, in a project of uv's."""
    folder = ward.project / ".venv"
    subprocess.run([UV, "venv", "--quiet", "--python", other_python("3.12"), folder], check=True, capture_output=True)
    ward.environ |= {"VIRTUAL_ENV": str(folder), "PATH": f"{folder}/bin:{ward.bin}"}
    for name in VERSIONS:
        ward.library(name)
    ward.write("uv.lock", "version = 1\n")


def relocated(ward: Ward) -> None:
    """A relocatable environment of uv's, moved."""
    made, folder = ward.root / "made", ward.project / ".venv"
    subprocess.run(
        [UV, "venv", "--quiet", "--relocatable", "--python", other_python("3.12"), made], check=True, capture_output=True
    )
    made.rename(folder)
    ward.environ |= {"VIRTUAL_ENV": str(folder), "PATH": f"{folder}/bin:{ward.bin}"}
    for name in VERSIONS:
        ward.library(name)


def crowded(ward: Ward) -> None:
    """330 distributions."""
    ward.venv()
    for number in range(MANY - len(VERSIONS)):
        ward.library(f"crowd-{number}")


def linked_home(ward: Ward) -> None:
    """A home and a project behind links, as on clusters and on macOS."""
    ward.venv()
    (ward.root / "real").mkdir()
    shutil.move(ward.home, ward.root / "real/home")
    ward.home.symlink_to(ward.root / "real/home")
    ward.environ["VIRTUAL_ENV"] = str(ward.project / "../project/.venv")


def linked_environment(ward: Ward) -> None:
    """A project's .venv that is a link to a shared place."""
    ward.venv()
    shutil.move(ward.prefix, ward.root / "environment")
    subprocess.run(
        ["sed", "-i", f"s#{ward.project}/.venv#{ward.root}/environment#", ward.root / "environment/bin/activate"], check=True
    )
    ward.script(ward.root / "environment/bin/pip", f"#!{ward.root}/environment/bin/python\nprint('pip')\n")
    (ward.project / ".venv").symlink_to(ward.root / "environment")


def editable(ward: Ward) -> None:
    """The project itself, installed editable, from src/."""
    ward.venv()
    ward.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\ndependencies = ["numpy"]\n')
    ward.write("src/mine/__init__.py", "")
    info = ward.site / "mine-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\nRequires-Dist: numpy\n")
    (info / "RECORD").write_text("__editable__.mine.pth,,\nmine-1.dist-info/METADATA,,\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "direct_url.json").write_text(f'{{"url": "file://{ward.project}", "dir_info": {{"editable": true}}}}')
    (ward.site / "__editable__.mine.pth").write_text(f"{ward.project}/src\n")


def data_folders(ward: Ward) -> None:
    """Folders for data and runs, named as libraries that are installed."""
    ward.venv()
    for name in ("mlflow", "torch", "openai", "datasets", "wandb"):
        (ward.project / name).mkdir()
        (ward.project / name / "data.bin").write_text("1")


def namespaces(ward: Ward) -> None:
    """Several distributions that share a package without an __init__.py, and one of old with one in each."""
    ward.venv()
    for part in ("storage", "bigquery"):
        (ward.site / "google/cloud" / part).mkdir(parents=True)
        (ward.site / "google/cloud" / part / "__init__.py").write_text("")
        info = ward.site / f"google_cloud_{part}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: google-cloud-{part}\nVersion: 1.0\n")
        (info / "INSTALLER").write_text("pip\n")
        (info / "RECORD").write_text(f"google/cloud/{part}/__init__.py,sha256=x,\ngoogle/__init__.py,sha256={part},\n")
    (ward.site / "google/__init__.py").write_text("")


def slim(ward: Ward) -> None:
    """An image from which tests, caches, stubs and metadata of installers were deleted."""
    ward.venv()
    for info in ward.site.glob("*.dist-info"):
        (info / "INSTALLER").unlink()
        record = info / "RECORD"
        record.write_text(record.read_text() + f"{info.name.split('-')[0]}/tests/test_it.py,sha256=x,9\nx/y.pyi,,3\n")


def hub(ward: Ward) -> None:
    """JupyterHub: its paths, its server's variables, a kernel's own environment."""
    among(
        JUPYTERHUB_USER="ada", JUPYTERHUB_SERVICE_PREFIX="/user/ada/", JUPYTER_PATH="/opt/tljh/user/share/jupyter",
        JUPYTER_DATA_DIR="{home}/.local/share/jupyter", JUPYTER_RUNTIME_DIR="{root}/run", JPY_API_TOKEN="0" * 8,
    )(ward)  # fmt: skip


def robots(ward: Ward) -> None:
    """A workspace of ROS, with its Python folders on the path."""
    ward.venv()
    ros = ward.root / "opt/ros/jazzy/lib/python3.11/site-packages"
    (ros / "rclpy").mkdir(parents=True)
    (ros / "rclpy/__init__.py").write_text("")
    ward.environ |= {
        "PYTHONPATH": f"{ros}:{ward.root}/opt/ros/none",
        "ROS_DISTRO": "jazzy",
        "AMENT_PREFIX_PATH": str(ros.parents[2]),
    }


def monorepo(ward: Ward) -> None:
    """Several packages of one repository on PYTHONPATH."""
    ward.venv()
    for name in ("core", "serving"):
        ward.write(f"packages/{name}/src/our_{name}/__init__.py", "")
    ward.environ["PYTHONPATH"] = f"{ward.project}/packages/core/src:{ward.project}/packages/serving/src"


def a_package_called(name: str) -> Callable[[Ward], object]:
    """A project whose package holds a module with a name of the standard library: only the top of a script's folder counts."""

    def make(ward: Ward) -> None:
        ward.venv()
        ward.write("ours/__init__.py", "")
        ward.write(f"ours/{name}.py", "")
        ward.write("tests/test_it.py", "")

    return make


def shim(ward: Ward) -> None:
    """pyenv's shims first on PATH; .python-version names the environment's minor."""
    ward.venv()
    ward.script(ward.root / "shims/python", "#!/usr/bin/env bash\nexec true\n")
    ward.script(ward.root / "shims/pip", "#!/usr/bin/env bash\nexec true\n")
    ward.environ["PATH"] = f"{ward.prefix}/bin:{ward.root}/shims:{ward.bin}"
    ward.write(".python-version", f"{3}.{11}\n")


def two_toolkits(ward: Ward) -> None:
    """Two CUDA toolkits beside each other, one on LD_LIBRARY_PATH."""
    ward.venv()
    for version in ("11.8", "12.4"):
        (ward.root / f"cuda-{version}/lib64").mkdir(parents=True)
        (ward.root / f"cuda-{version}/lib64/libcudart.so").write_text("")
    ward.environ |= {"CUDA_HOME": f"{ward.root}/cuda-12.4", "LD_LIBRARY_PATH": f"{ward.root}/cuda-11.8/lib64"}


def both_cublas(ward: Ward) -> None:
    """The CUDA libraries of two majors, as two wheels of torch left them."""
    ward.venv()
    for name, major in (("nvidia-cublas-cu12", "12.4"), ("nvidia-cublas", "13.0")):
        ward.library(name, major, "")


PATIENTS = [
    Patient("a plain environment", lambda ward: ward.venv()),
    Patient("Python 3.12", of_version("3.12"), needs=("python3.12",)),
    Patient("Python 3.13", of_version("3.13"), needs=("python3.13",)),
    Patient("uv's environment in a project of uv's", by_uv, needs=("python3.12",)),
    Patient("a relocatable environment that was moved", relocated, needs=("python3.12",)),
    Patient("330 distributions", crowded),
    Patient("a home behind a link", linked_home),
    Patient("an environment behind a link", linked_environment),
    Patient("the project itself, editable", editable),
    Patient("folders named as libraries", data_folders),
    Patient("namespaces of several distributions", namespaces),
    Patient("an image that was slimmed", slim),
    Patient("JupyterHub", hub),
    Patient("ROS", robots),
    Patient("a monorepo on PYTHONPATH", monorepo),
    Patient("a module called random within a package", a_package_called("random")),
    Patient("a module called types within a package", a_package_called("types")),
    Patient("shims of pyenv", shim),
    Patient("two toolkits of CUDA", two_toolkits),
    Patient("CUDA libraries of two majors", both_cublas),
    Patient("GitHub Actions", among(CI="true", GITHUB_ACTIONS="true", RUNNER_TEMP="{root}/tmp")),
    Patient("GitLab CI", among(CI="true", GITLAB_CI="true", CI_PROJECT_DIR="{project}")),
    Patient("threads are limited on purpose", among(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")),
    Patient("caches elsewhere", among(HF_HOME="{root}/hf", XDG_CACHE_HOME="{root}/cache", PIP_CACHE_DIR="{root}/pip", UV_CACHE_DIR="{root}/uv")),
    Patient("Python's own switches", among(PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1", PYTHONHASHSEED="0", PYTHONUTF8="1", PYTHONNOUSERSITE="1")),
    Patient("a C locale", among(LANG="C", LC_ALL="C")),
    Patient("no locale at all", among(LANG="")),
    Patient("matplotlib without windows", among(MPLBACKEND="agg")),
    Patient("a path with blanks, accents and 200 letters", lambda ward: spacious(ward)),
    Patient("mlflow's server elsewhere", among(MLFLOW_TRACKING_URI="file:{project}/mlruns"), yellow=None),
    *(
        Patient(f"all of today's libraries, Python {minor}", real(*names, python=minor), args=("--timeout", "90"), slow=True)
        for minor, names in {
            "3.11": ("numpy", "pandas", "scikit-learn", "matplotlib", "opencv-python-headless", "protobuf", "lightgbm"),
            "3.12": ("numpy", "scipy", "xgboost", "seaborn", "pydantic", "fastapi", "uvicorn", "httpx"),
            "3.13": ("numpy", "pandas", "openai", "anthropic", "python-dotenv", "joblib", "statsmodels"),
        }.items()
    ),
]  # fmt: skip


def spacious(ward: Ward) -> None:
    """A project in a folder whose name is long, with blanks and letters beyond ASCII."""
    folder = ward.project / ("mein Projekt é ü " + "lang " * 20).strip()
    folder.mkdir()
    ward.venv(Path(folder, ".venv"))
