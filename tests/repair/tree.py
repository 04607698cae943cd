"""Everything that can be told of a folder, and small real environments to change."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from mlenv_doctor.repair.states import Store, prepare


def fingerprint(root: Path) -> dict[str, tuple[object, ...]]:
    """Every file, link and folder below a folder, itself included: content, rights, owner and time."""
    found = {}
    for path in [root, *root.rglob("*")]:
        info = os.lstat(path)
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            content = "folder"
        found[str(path.relative_to(root))] = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, content)
    return found


def small(folder: Path) -> Store:
    """A small folder that looks like an environment, with what is hard to keep: links, odd rights, times, an empty folder."""
    site = folder / "lib/python3.11/site-packages"
    for name in ("numpy", "pandas"):
        (site / name / "__pycache__").mkdir(parents=True)
        (site / name / "__init__.py").write_text(f"name = {name!r}\n")
        (site / name / "__pycache__/__init__.cpython-311.pyc").write_bytes(os.urandom(300))
        (site / f"{name}-1.0.dist-info").mkdir()
        (site / f"{name}-1.0.dist-info/RECORD").write_text(f"{name}/__init__.py,,\n")
        (site / f"{name}-1.0.dist-info/METADATA").write_text(f"Name: {name}\n")
    (site / "mine.pth").write_text("/p/src\n")
    (folder / "bin").mkdir()
    (folder / "bin/tool").write_text("#!/bin/sh\n")
    (folder / "bin/tool").chmod(0o4755)
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "lib64").symlink_to("lib")
    (folder / "empty").mkdir(mode=0o700)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\r\n")
    for number, path in enumerate(sorted(folder.rglob("*"), reverse=True)):
        os.utime(path, ns=(10**18, 10**18 + number * 1_000_001), follow_symlinks=False)
    store = Store(folder)
    prepare(store)
    return store


def harm(folder: Path) -> None:
    """What an installer does, and what it does not: replace, delete, add, change rights."""
    site = folder / "lib/python3.11/site-packages"
    for name in ("__init__.py", "__pycache__/__init__.cpython-311.pyc"):
        (site / "numpy" / name).unlink()
        (site / "numpy" / name).write_text("other")
    (site / "pandas/__init__.py").unlink()
    (site / "new").mkdir()
    (site / "new/file").write_text("new")
    (site / "mine.pth").write_text("in place\n")
    (folder / "pyvenv.cfg").write_text("in place\n")
    (folder / "bin/tool").chmod(0o755)
    (site / "pandas/__pycache__/__init__.cpython-311.pyc").chmod(0o600)  # through a link, into the image
    (site / "numpy-1.0.dist-info/RECORD").chmod(0o600)
    (site / "pandas-1.0.dist-info/METADATA").unlink()


def wheel(folder: Path, name: str, version: str, source: str = "", requires: tuple[str, ...] = ()) -> Path:
    """A real wheel with one module."""
    folder.mkdir(parents=True, exist_ok=True)
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    metadata = "".join(
        f"{line}\n"
        for line in ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires))
    )
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n{source}",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(map(recorded, files, files.values())) + f"{info}/RECORD,,\n")
    return path


def recorded(file: str, text: str) -> str:
    """The line of a file in RECORD, with its hash and size as in every wheel that a build tool made."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{file},sha256={digest},{len(text.encode())}\n"


def venv(folder: Path) -> Path:
    """A real environment with pip; its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    return folder / "bin/python"
