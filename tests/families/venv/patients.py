"""Patients without an environment, or with one that is not in use; and the healthy ones beside them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from lab.patient import Patient, other_python, require
from lab.visit import Visit
from lab.ward import VERSIONS, Ward

BASE = Path(sys.executable).resolve()
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))


def fresh(ward: Ward, where: str = ".venv", python: str | Path = BASE) -> Path:
    """The project has an environment; the terminal is new."""
    (ward.bin / "python").symlink_to(BASE)
    return ward.venv(where, python=python, activate=False)


def on_path(ward: Ward, *folders: Path | str) -> None:
    ward.environ["PATH"] = ":".join(map(str, (*folders, ward.bin)))


def laptop(ward: Ward) -> None:
    """Take away the signs of a container: run on a copy of the file system without them, below the ward's own folder."""
    over, root = ward.root / "laptop", ward.root / "laptop/root"
    over.mkdir()
    ward.mounts += [
        f"mount -t tmpfs none '{over}'",
        f"mkdir '{over}/u' '{over}/w' '{root}'",
        f"mount -t overlay none -o 'lowerdir=/,upperdir={over}/u,workdir={over}/w' '{root}'",
        f"rm -f '{root}/.dockerenv' '{root}/run/.containerenv'",
        f"for each in proc sys dev tmp; do mount --rbind /$each '{root}'/$each; done",
        f"mount --bind /dev/null '{root}/proc/1/cgroup'",
        f"""exec {shutil.which("chroot")} '{root}' /bin/sh -c 'cd "{ward.project}" && exec "$@"' sh "$@\"""",
    ]


def system(*missing: str, managed: bool = False) -> Callable[[Ward], object]:
    """A Python that everything shares: on its own at the top of a file tree, with all libraries, on a laptop."""

    def make(ward: Ward) -> None:
        base = other_python("3.11").parent.parent
        prefix = ward.root / "usr"
        ward.venv(prefix, activate=False, python=base / "bin/python")
        (prefix / "pyvenv.cfg").unlink()
        site = next(prefix.glob("lib/python*/site-packages"))
        library = site.parent
        for path in (base / "lib/python3.11").iterdir():
            if path.name not in ("site-packages", "__pycache__", *missing):
                (library / path.name).symlink_to(path)
        for name in ("activate", "activate.csh", "activate.fish", "Activate.ps1", "pip"):
            (prefix / "bin" / name).unlink(missing_ok=True)
        (prefix / "bin/python").unlink()
        shutil.copy((base / "bin/python3.11").resolve(), prefix / "bin/python")
        for name in base.glob("lib/libpython*"):
            (prefix / "lib" / name.name).symlink_to(name)
        if managed:
            (library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=No\n")
        on_path(ward, prefix / "bin")

    return make


def on_laptop(make: Callable[[Ward], object]) -> Callable[[Ward], object]:
    def both(ward: Ward) -> None:
        make(ward)
        laptop(ward)

    return both


def among(make: Callable[[Ward], object], **variables: str) -> Callable[[Ward], object]:
    """The same with these variables."""

    def both(ward: Ward) -> None:
        make(ward)
        ward.environ |= variables

    return both


def project_of(name: str) -> Callable[[Ward], object]:
    """The project lies in a folder of this name."""

    def make(ward: Ward) -> None:
        ward.root /= name
        ward.__post_init__()
        ward.venv()

    return make


def uv_venv(*options: str, lock: bool = False) -> Callable[[Ward], object]:
    """An environment that uv made."""

    def make(ward: Ward) -> None:
        folder = ward.project / ".venv"
        require(UV)
        subprocess.run([UV, "venv", "--offline", "--quiet", "--python", BASE, *options, folder], check=True)
        activate(ward, folder)
        if lock:
            ward.write("uv.lock", "version = 1\n")

    return make


def activate(ward: Ward, folder: Path) -> None:
    """Activate an environment that exists, and fill it."""
    ward.environ["VIRTUAL_ENV"] = str(folder)
    on_path(ward, folder / "bin")
    for name in VERSIONS:
        ward.library(name)


def uv_and_foreign_pip(lock: bool) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        uv_venv(lock=lock)(ward)
        ward.script(ward.bin / "pip", "#!/opt/other/bin/python3.12\n")

    return make


def foreign_pip(ward: Ward) -> None:
    """Another Python's pip comes first on PATH."""
    ward.venv()
    other = ward.root / "other/bin"
    ward.script(other / "pip", f"#!{other}/python3.12\n")
    on_path(ward, other, ward.prefix / "bin")


def no_pip_inside(ward: Ward) -> None:
    """The environment has no pip, so that `pip` is the system's."""
    ward.venv(pip=False)
    ward.script(ward.bin / "pip", "#!/usr/bin/python3\n")


def pyenv(ward: Ward) -> None:
    """Shims decide when they are run: they are shell scripts."""
    ward.venv()
    for name in ("python", "pip"):
        ward.script(ward.root / "shims" / name, "#!/usr/bin/env bash\nexec pyenv exec\n")
    on_path(ward, ward.prefix / "bin", ward.root / "shims")


def shims_first(ward: Ward) -> None:
    ward.venv()
    ward.script(ward.root / "shims/pip", "#!/usr/bin/env bash\nexec pyenv exec pip\n")
    on_path(ward, ward.root / "shims", ward.prefix / "bin")


def first_on_path(ward: Ward) -> None:
    """Not activated, but its folder stands first on PATH (a Dockerfile's ENV PATH, direnv)."""
    fresh(ward)
    on_path(ward, ward.project / ".venv/bin")


def with_lock(name: str) -> Callable[[Ward], object]:
    def make(ward: Ward) -> None:
        fresh(ward)
        ward.write(name, "")

    return make


def by_name(ward: Ward) -> None:
    ward.args += ["--python", str(fresh(ward))]


def another_active(ward: Ward) -> None:
    fresh(ward)
    ward.venv(ward.root / "other")


def linked(ward: Ward) -> None:
    ward.venv(ward.home / ".virtualenvs/ml")
    (ward.project / ".venv").symlink_to(ward.home / ".virtualenvs/ml")


def conda(ward: Ward) -> None:
    """A prefix as conda makes it: a Python of its own, and conda-meta."""
    system()(ward)
    prefix = ward.root / "usr"
    (prefix / "conda-meta").mkdir()
    ward.environ |= {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": "ml"}


def says(*words: str) -> Callable[[Visit], None]:
    """The one loud line of this family names these, and the command that helps."""

    def look(visit: Visit) -> None:
        (loud,) = [f for f in visit.findings("fail", "warn") if f["id"].startswith("venv.")]
        text = " ".join([loud["message"], *(c["text"] for c in loud["fix"]["commands"]), *loud["fix"].get("notes", ())])
        assert all(word in text for word in words), text

    return look


def nothing_loud(visit: Visit) -> None:
    found = {f["status"] for f in visit.findings() if f["id"].startswith("venv.")}
    assert "pass" in found and not found & {"fail", "warn", "unknown"}, f"\n{visit}"


def quiet(names: Iterable[tuple[str, Callable[[Ward], object]]]) -> list[Patient]:
    return [Patient(name, make, also=nothing_loud) for name, make in names]


ROOT = ("root",)
PATIENTS = [
    *quiet([
        ("healthy and active", lambda ward: ward.venv()),
        ("ml_env as in the cheat sheet", lambda ward: ward.venv("ml_env")),
        ("in a folder with a blank", project_of("my project")),
        ("in a folder with letters of the world", project_of("é 項目 it's")),
        ("of uv", uv_venv()),
        ("of uv and relocatable", uv_venv("--relocatable")),
        ("of uv with a lock and a foreign pip", uv_and_foreign_pip(lock=True)),
        ("pyenv behind it", pyenv),
        ("a shim before its pip", shims_first),
        ("first on PATH", first_on_path),
        ("uv selects it", with_lock("uv.lock")),
        ("poetry selects it", with_lock("poetry.lock")),
        ("in CI", among(fresh, CI="true")),
        ("named with --python", by_name),
        ("outside of the project", lambda ward: ward.venv(ward.home / ".virtualenvs/ml")),
        ("linked", linked),
        ("conda-like prefix", conda),
    ]),
    Patient("system Python in a container", among(system(), container="docker"), also=nothing_loud),
    Patient("system Python in Colab", among(system(), COLAB_RELEASE_TAG="release"), yellow=("place-without-accelerator",)),
    Patient("system Python on a laptop", on_laptop(system()), yellow=("not-in-venv",), needs=ROOT, also=says("bin/activate")),
    Patient("PEP 668", on_laptop(system(managed=True)), yellow=("externally-managed",), needs=ROOT, also=says("-m venv")),
    Patient("no ensurepip", on_laptop(system("ensurepip", managed=True)), red=("no-ensurepip",), needs=ROOT, also=says("venv")),
    Patient("conda on a laptop", on_laptop(conda), needs=ROOT, also=nothing_loud),
    Patient("fresh terminal", fresh, red=("venv-not-active",), also=says(".venv/bin/activate")),
    Patient("fresh terminal, fish", among(fresh, SHELL="/usr/bin/fish"), red=("venv-not-active",), also=says("activate.fish")),
    Patient("under sudo", among(fresh, SUDO_USER="ada"), yellow=("venv-not-active",), also=says("sudo")),
    Patient("another one is active", another_active, red=("venv-not-active",), also=says("/other is not this project's")),
    Patient("foreign pip first", foreign_pip, red=("pip-python-mismatch",), also=says("-m pip")),
    Patient("no pip inside", no_pip_inside, red=("no-pip-in-venv",), also=says("/usr")),
    Patient("of uv with a foreign pip", uv_and_foreign_pip(lock=False), red=("no-pip-in-venv",), also=says("/opt/other")),
]  # fmt: skip
