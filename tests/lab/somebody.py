"""Let the doctor run as another user than root, who may go wherever this machine's Python and the ward lie."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import mlenv_doctor
from lab.ward import Ward


def as_somebody(ward: Ward, uid: int = 54321) -> None:
    """From now on the ward is this user's. What is closed to others on the way is opened in the private mount namespace only."""
    for folder, _, files in os.walk(ward.root):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, uid, uid, follow_symlinks=False)
    needed = [ward.root, Path(sys.prefix), Path(sys.base_prefix), Path(mlenv_doctor.__file__)]
    closed = {folder for path in needed for folder in path.parents if not _enterable(folder)}
    ward.mounts += ["mount -t tmpfs none /mnt", "mkdir /mnt/ward", f"mount --bind '{ward.root}' /mnt/ward"]
    for number, folder in enumerate(sorted(closed - {below for below in closed if closed & set(below.parents)})):
        ward.mounts += [
            f"mkdir /mnt/u{number} /mnt/w{number}",
            f"mount -t overlay none -o 'lowerdir={folder},upperdir=/mnt/u{number},workdir=/mnt/w{number}' '{folder}'",
        ]
    ward.mounts += [*(f"chmod 755 '{folder}'" for folder in sorted(closed))]
    ward.mounts += [f"mount --bind /mnt/ward '{ward.root}'", f"cd '{ward.project}'"]  # what is written there stays
    ward.mounts.append(f'exec {shutil.which("setpriv")} --reuid={uid} --regid={uid} --clear-groups "$@"')


def _enterable(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o005 == 0o005)
