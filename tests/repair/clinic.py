"""A project with a real environment, real pip and an index in a folder, and what can go wrong with it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from lab.ward import Ward

from .tree import venv, wheel

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def temporary(what: str) -> Path:
    """A folder that all tests of this process share; removed at its end."""
    folder = Path(mkdtemp(prefix=f"clinic-{what}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def index() -> Path:
    """A folder with wheels: alpha needs beta; gamma stands alone; alpha 3 does not import; delta's wheel is broken."""
    folder = temporary("wheels")
    for version in ("1.0", "2.0"):
        wheel(folder, "alpha", version, "import beta\n", requires=("beta>=1",))
        wheel(folder, "beta", version)
        wheel(folder, "gamma", version, "VALUE = 1\n")
    wheel(folder, "worse", "1.0")
    wheel(folder, "worse", "2.0", "raise ImportError('this release is broken')\n")
    return folder


def project(root: Path) -> Ward:
    """A healthy project: alpha, beta and gamma installed by pip, asked for, and imported."""
    ward = Ward(root)
    (ward.bin / "python3").symlink_to(Path(sys.executable).resolve())
    (ward.bin / f"python3.{sys.version_info[1]}").symlink_to(Path(sys.executable).resolve())
    shutil.copytree(template(), ward.project / ".venv", symlinks=True)
    at_home(ward)
    ward.environ |= {
        "VIRTUAL_ENV": str(ward.project / ".venv"),
        "PATH": f"{ward.project}/.venv/bin:{ward.bin}",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index()),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    ward.write("requirements.txt", "alpha>=2\nbeta>=2\ngamma\n")
    ward.write("app.py", "import alpha, beta, gamma\n")
    return ward


@cache
def template() -> Path:
    """An environment to copy from: to make one takes seconds."""
    folder = temporary("venv") / ".venv"
    python = venv(folder)
    pip(python, "install", "--quiet", "alpha", "gamma")
    return folder


def pip(python: Path, *words: str) -> None:
    """Run pip against our own folder of wheels."""
    environ = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index()), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PATH": "/usr/bin:/bin"}
    subprocess.run([python, "-m", "pip", *words], check=True, capture_output=True, env=environ)


def at_home(ward: Ward) -> None:
    """Make the copy an environment of its own: its scripts and activate name its own path."""
    here, there = str(template()), str(ward.project / ".venv")
    for path in (ward.project / ".venv/bin").iterdir():
        if path.is_file() and not path.is_symlink():
            path.write_bytes(path.read_bytes().replace(here.encode(), there.encode()))


def site(ward: Ward) -> Path:
    return ward.project / ".venv" / SITE


def too_old(ward: Ward) -> None:
    pip(ward.project / ".venv/bin/python", "install", "--quiet", "beta==1.0")


def uninstalled(ward: Ward) -> None:
    pip(ward.project / ".venv/bin/python", "uninstall", "--quiet", "--yes", "gamma")


def uninstalled_by_hand(ward: Ward) -> None:
    """The same without pip, which would need a Python that starts."""
    for path in site(ward).glob("gamma*"):
        shutil.rmtree(path)


def file_gone(ward: Ward) -> None:
    (site(ward) / "gamma/__init__.py").unlink(missing_ok=True)


def broken_file(ward: Ward) -> None:
    if (site(ward) / "beta").is_dir():
        (site(ward) / "beta/__init__.py").write_text("raise ImportError('broken')\n")


def metadata_gone(ward: Ward) -> None:
    for info in site(ward).glob("alpha-*.dist-info"):
        shutil.rmtree(info)


def listed_twice(ward: Ward) -> None:
    info = site(ward) / "beta-0.9.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beta\nVersion: 0.9\n")
    (info / "RECORD").write_text("beta/__init__.py,,\nbeta-0.9.dist-info/METADATA,,\nbeta-0.9.dist-info/RECORD,,\n")


def leftovers(ward: Ward) -> None:
    (site(ward) / "~amma").mkdir(exist_ok=True)
    (site(ward) / "~amma/x.py").write_text("")


def shadowed(ward: Ward) -> None:
    ward.write("random.py", "mine = True\n")


def moved(ward: Ward) -> None:
    for path in (ward.project / ".venv/bin").iterdir():
        if path.is_file() and not path.is_symlink():
            path.write_bytes(path.read_bytes().replace(str(ward.project / ".venv").encode(), b"/gone/.venv"))


def base_gone(ward: Ward) -> None:
    for path in sorted((ward.project / ".venv/bin").glob("python*")):
        path.unlink()
        path.symlink_to("/nowhere/python3")
    config = ward.project / ".venv/pyvenv.cfg"
    config.write_text(
        "".join("home = /nowhere\n" if line.startswith("home") else line for line in config.read_text().splitlines(True))
    )


FAULTS: tuple[Callable[[Ward], None], ...] = (
    too_old, uninstalled, file_gone, broken_file, metadata_gone, listed_twice, leftovers, shadowed, moved, base_gone,
)  # fmt: skip
