"""Conda's folders and variables, environments whose Python moved on, libraries of the user's folder: as files that are really there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

from families.libraries.patients import says
from lab.patient import Patient, other_python
from families.venv.patients import on_laptop
from lab.ward import Ward

NEEDS = ("python3.12", "python3.13")


def moved_on(ward: Ward) -> None:
    """A base whose `python3` led to 3.12 when the environment was made, and leads to 3.13 now."""
    base = ward.root / "base/bin"
    base.mkdir(parents=True)
    ward.venv(python=other_python("3.12"))
    (base / "python3").symlink_to(other_python("3.13"))
    for name in ("python", "python3", "python3.12"):
        (ward.prefix / "bin" / name).unlink(missing_ok=True)
    (ward.prefix / "bin/python3").symlink_to(base / "python3")
    (ward.prefix / "bin/python").symlink_to("python3")
    config = ward.prefix / "pyvenv.cfg"
    config.write_text(re.sub(r"home = .*", f"home = {base}", config.read_text()))


def another_patch(ward: Ward) -> None:
    """The same minor version, another patch: harmless."""
    ward.venv(python=other_python("3.12"))
    config = ward.prefix / "pyvenv.cfg"
    config.write_text(re.sub(r"version = .*", "version = 3.12.99", config.read_text()))


def conda(
    *, base: bool = False, packages: tuple[str, ...] = (), pip: tuple[str, ...] = (), **variables: str
) -> Callable[[Ward], None]:
    """A prefix as conda makes it: a whole Python, conda-meta beside it, its packages by name."""

    def make(ward: Ward) -> None:
        ward.venv(".conda")
        prefix = ward.prefix
        home = other_python("3.12").resolve().parent.parent
        shutil.rmtree(prefix)
        shutil.copytree(home, prefix, symlinks=True, ignore=shutil.ignore_patterns("test", "site-packages", "*.a", "idlelib"))
        (prefix / "lib/python3.12/site-packages").mkdir()
        for pip_script in (prefix / "bin").glob("pip*"):
            ward.script(pip_script, f"#!{prefix}/bin/python\nprint('pip')\n")
        for name in ("numpy", "pandas", "click", *pip):
            ward.library(name)
        for info in ward.site.glob("*.dist-info"):
            (info / "INSTALLER").write_text("pip\n" if info.name.split("-")[0] in pip else "conda\n")
        (prefix / "conda-meta").mkdir()
        (prefix / "conda-meta/history").write_text("")
        for name in packages:
            (prefix / f"conda-meta/{name}-1.0-py312_0.json").write_text("{}")
        if base:
            (prefix / "condabin").mkdir()
            (prefix / "condabin/conda").write_text("")
        del ward.environ["VIRTUAL_ENV"]
        ward.environ |= {"CONDA_PREFIX": str(prefix), "CONDA_SHLVL": "1", "PATH": f"{prefix}/bin:{ward.bin}", **variables}
        ward.write("requirements.txt", "numpy\npandas\n")

    return make


def nested(*, conda_last: bool) -> Callable[[Ward], None]:
    """A virtual environment and a conda environment, both active."""

    def make(ward: Ward) -> None:
        ward.venv()
        prefix = ward.root / "conda"
        (prefix / "bin").mkdir(parents=True)
        (prefix / "conda-meta").mkdir()
        (prefix / "bin/python").symlink_to(other_python("3.12"))
        ward.script(prefix / "bin/pip", f"#!{prefix}/bin/python\nprint('pip')\n")
        first, second = (prefix, ward.prefix) if conda_last else (ward.prefix, prefix)
        ward.environ |= {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": "base", "CONDA_SHLVL": "1"}
        ward.environ["PATH"] = f"{first}/bin:{second}/bin:{ward.bin}"

    return make


def user_site(version: str) -> Callable[[Ward], None]:
    """A conda environment with numpy 2.4.6, and a numpy in the user's folder."""

    def make(ward: Ward) -> None:
        conda(packages=("numpy",))(ward)
        own, mine = ward.project / ".conda/lib/python3.12/site-packages", ward.home / ".local/lib/python3.12/site-packages"
        mine.mkdir(parents=True)
        shutil.copytree(own / "numpy", mine / "numpy")
        info = mine / f"numpy-{version}.dist-info"
        shutil.copytree(own / "numpy-2.4.6.dist-info", info)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: numpy\nVersion: {version}\n")

    return make


def without_pip(*, uv_on_path: bool) -> Callable[[Ward], None]:
    """An environment as uv makes it, without pip, and the pip of another Python on PATH."""

    def make(ward: Ward) -> None:
        ward.venv(pip=False)
        config = ward.prefix / "pyvenv.cfg"
        config.write_text(config.read_text() + "uv = 0.9.0\n")
        ward.script(ward.bin / "pip", f"#!{other_python('3.12')}\nprint('pip')\n")
        if uv_on_path:
            ward.script(ward.bin / "uv", "#!/bin/sh\n")

    return make


def with_system_packages(ward: Ward) -> None:
    """An environment that sees the packages of its base."""
    ward.venv()
    config = ward.prefix / "pyvenv.cfg"
    config.write_text(config.read_text().replace("include-system-site-packages = false", "include-system-site-packages = true"))


PATIENTS = [
    Patient("its Python moved on", moved_on, ("venv-minor-upgraded",), needs=NEEDS, also=says("created for Python 3.12")),
    Patient("its Python got a patch", another_patch, needs=("python3.12",)),
    Patient("an environment of conda", conda(packages=("numpy", "click")), needs=("python3.12",)),
    Patient(
        "the base of conda",
        on_laptop(conda(base=True, packages=("numpy",))),
        yellow=("conda-base-in-use",),
        needs=("root", "python3.12"),
    ),
    Patient("the base of conda in an image", conda(base=True, KUBERNETES_SERVICE_HOST="10.0.0.1"), needs=("python3.12",)),
    Patient(
        "pip over conda's numpy", conda(packages=("numpy",), pip=("numpy",)), yellow=("conda-pip-mixed",), needs=("python3.12",)
    ),
    Patient("pip over conda's click", conda(packages=("numpy", "click"), pip=("click",)), needs=("python3.12",)),
    Patient("conda activated after the venv", nested(conda_last=True), yellow=("conda-venv-nested",), needs=("python3.12",)),
    Patient("the venv activated after conda", nested(conda_last=False), needs=("python3.12",)),
    Patient("another numpy in the user's folder", user_site("1.26.4"), ("user-site-leak",), needs=("python3.12",)),
    Patient("the same numpy in the user's folder", user_site("2.4.6"), needs=("python3.12",)),
    Patient(
        "uv's environment, pip of another Python, no uv",
        without_pip(uv_on_path=False),
        ("no-pip-in-venv",),
        needs=("python3.12",),
    ),
    Patient(
        "uv's environment, pip of another Python", without_pip(uv_on_path=True), yellow=("no-pip-in-venv",), needs=("python3.12",)
    ),
    Patient("an environment that sees the system's packages", with_system_packages),
]
