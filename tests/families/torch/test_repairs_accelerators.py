"""Repairs of access to a GPU, run for real: as printed, in a copy of the system that is thrown away."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from families.torch.patients_accelerators import CHECKS, user, windows
from lab.accelerator_box import UID
from lab.patient import require
from lab.repairing import printed
from lab.visit import Visit
from lab.ward import DOCTOR, Ward

pytestmark = pytest.mark.slow
MARK = "-- afterwards --"


def repaired(ward: Ward, cause: str, doctor: str) -> Visit:
    """Look, run the printed commands as an administrator would, and look again; all on one and the same copy."""
    check = f"{doctor} check --format json {' '.join(CHECKS)}"
    before = ward.run("/bin/sh", "-c", check)
    assert before.causes("fail") == {cause}, f"\n{before}"
    sudo = ward.bin / "sudo"
    ward.script(sudo, '#!/bin/sh\nexec "$@"\n')
    ward.environ["PATH"] += ":/usr/sbin:/sbin"
    done = ward.run("/bin/sh", "-c", "\n".join(["set -e", *printed(before, cause), f"echo '{MARK}'", check]))
    assert MARK in done.stdout, done.stderr
    return Visit(done.code, done.stdout.partition(MARK)[2], done.stderr, done.seconds)


def test_the_loader_is_told_of_the_libraries_of_windows(tmp_path: Path) -> None:
    for need in ("root", "gcc", "ldconfig"):
        require(need)
    ward = Ward(tmp_path)
    windows(loader=False)(ward)
    after = repaired(ward, "wsl-broken", str(DOCTOR))
    assert not after.causes("fail", "warn"), f"\n{after}"
    assert "supports WSL" in after.stdout


def test_a_user_becomes_a_member_of_the_group_and_logs_in_again(tmp_path: Path) -> None:
    for need in ("root", "setpriv", "usermod"):
        require(need)
    ward = Ward(tmp_path)
    user("gfx1100")(ward)
    ward.mounts = [re.sub(r"\S+setpriv .*?(?= env )", "", line) for line in ward.mounts]  # root now; who looks is said below
    after = repaired(ward, "rocm-no-access", f"{shutil.which('setpriv')} --reuid={UID} --regid={UID} --init-groups {DOCTOR}")
    assert not after.causes("fail", "warn"), f"\n{after}"
    assert "has access to the AMD GPU" in after.stdout
