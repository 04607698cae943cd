"""Patients whose environment is broken: its Python gone, moved, half made, deleted, or somebody else's."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable

from lab.patient import Patient
from families.venv.patients import BASE, ROOT, on_path, says, system
from lab.ward import Ward


def stale_variable(ward: Ward) -> None:
    """The environment that was active has been deleted."""
    system()(ward)
    ward.environ["VIRTUAL_ENV"] = str(ward.project / "gone")


def emptied(ward: Ward) -> None:
    """VIRTUAL_ENV names a folder in which there is nothing left."""
    ward.venv()
    shutil.rmtree(ward.prefix)
    ward.prefix.mkdir()


def dangling(where: str = ".venv", active: bool = True) -> Callable[[Ward], object]:
    """The Python that it was made from was removed."""

    def make(ward: Ward) -> None:
        base = ward.root / "base"
        ward.venv(base)
        (ward.bin / "python").symlink_to(BASE)
        python = ward.venv(where, activate=active)
        for name in ("python", "python3", f"python3.{sys.version_info[1]}"):
            python.with_name(name).unlink(missing_ok=True)
            python.with_name(name).symlink_to(ward.root / "gone/bin/python3")
        config = python.parent.parent / "pyvenv.cfg"
        config.write_text(f"home = {ward.root}/gone/bin\nversion = 3.11.7\n")
        if not active:
            ward.environ.pop("VIRTUAL_ENV", None)
            on_path(ward)

    return make


def copied_and_base_gone(ward: Ward) -> None:
    """With a copy instead of a link, the interpreter is there, and finds no library."""
    python = ward.venv()
    python.unlink()
    ward.script(python, "#!/bin/sh\necho 'Fatal Python error: Failed to import encodings module' >&2\nexit 1\n")
    (ward.prefix / "pyvenv.cfg").write_text("home = /gone/bin\nversion = 3.11.7\n")


def moved(active: bool) -> Callable[[Ward], object]:
    """The project's folder was renamed. Its activate script still says the old place."""

    def make(ward: Ward) -> None:
        (ward.bin / "python").symlink_to(BASE)
        old = ward.root / "old"
        ward.venv(old, activate=False)
        ward.environ.pop("VIRTUAL_ENV", None)
        old.rename(ward.project / ".venv")
        if active:
            ward.environ["VIRTUAL_ENV"] = str(old)
            on_path(ward, old / "bin")

    return make


def copied(ward: Ward) -> None:
    """A copy whose activation activates the original."""
    original = ward.root / "original"
    ward.venv(original)
    shutil.copytree(original, ward.project / ".venv", symlinks=True)


def windows(ward: Ward) -> None:
    (ward.bin / "python").symlink_to(BASE)
    ward.write(".venv/pyvenv.cfg", "home = C:\\Python312\r\nversion = 3.12.4\r\n")
    ward.write(".venv/Scripts/python.exe", "MZ")


def half_made(ward: Ward) -> None:
    (ward.bin / "python").symlink_to(BASE)
    ward.write(".venv/pyvenv.cfg", f"home = {BASE.parent}\nversion = 3.12.4\n")


def of_root(ward: Ward) -> None:
    """Made with sudo: site-packages belong to somebody else."""
    ward.venv()
    os.chown(ward.site, 65534, 65534)
    ward.mounts.append(f'exec {shutil.which("setpriv")} --bounding-set=-dac_override,-dac_read_search "$@"')


def read_only(ward: Ward) -> None:
    ward.venv()
    ward.mounts.append(f"mount --bind -o ro '{ward.prefix}' '{ward.prefix}'")


PATIENTS = [
    Patient("VIRTUAL_ENV names what is gone", stale_variable, red=("virtual-env-mismatch",), also=says("unset VIRTUAL_ENV")),
    Patient("VIRTUAL_ENV names an empty folder", emptied, red=("virtual-env-mismatch",), also=says("unset VIRTUAL_ENV")),
    Patient("base gone", dangling(), red=("venv-base-gone",), also=says("/gone/bin", "pyvenv.cfg")),
    Patient("base gone, fresh terminal", dangling(active=False), red=("venv-base-gone",), also=says("pyvenv.cfg")),
    Patient("base gone, interpreter copied", copied_and_base_gone, red=("venv-base-gone",), also=says("/gone/bin")),
    Patient("moved", moved(active=False), red=("venv-moved",), also=says("/old", "Works offline")),
    Patient("moved, then activated", moved(active=True), red=("venv-moved",), also=says("/old")),
    Patient("copied", copied, red=("venv-moved",), also=says("/original")),
    Patient("made by Windows", windows, red=("venv-of-other-os",), also=says("operating system")),
    Patient("half made", half_made, red=("half-made-venv",), also=says("has no Python interpreter")),
    Patient("made with sudo", of_root, red=("env-not-writable",), needs=("root", "setpriv"), also=says("nobody", "chown")),
    Patient("read-only", read_only, yellow=("env-not-writable",), needs=ROOT, also=says("read-only")),
]  # fmt: skip
