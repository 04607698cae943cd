"""Repair a patient with nothing but what the doctor printed, and look again."""

from __future__ import annotations

import shutil
import subprocess

from .visit import Visit
from .ward import Ward

BASH = shutil.which("bash") or "/bin/sh"


def printed_fix(ward: Ward, cause: str, *check: str) -> list[str]:
    """The commands of the fix of this cause, as the doctor prints them."""
    before = ward.check(*check)
    fixes = [finding["fix"] for finding in before.findings("fail", "warn") if finding["cause"] == cause]
    assert fixes, f"\n{before}"
    printed = [command["text"] for command in fixes[0]["commands"]]
    assert printed, fixes[0]
    return printed


def repair(ward: Ward, cause: str, *check: str) -> Visit:
    """Find the cause, run the commands of its fix as printed, in one shell, and look again: the cause is gone, nothing is red."""
    printed = printed_fix(ward, cause, *check)
    script = "\n".join(["set -e", *printed, "exec env -0"])  # the environment that the shell has afterwards is the user's
    done = subprocess.run([BASH, "-c", script], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
    assert done.returncode == 0, script + done.stdout + done.stderr
    ward.environ = dict(pair.split("=", 1) for pair in done.stdout.rpartition("\n")[2].split("\0") if "=" in pair)
    after = ward.check(*check)
    assert cause not in after.causes(), f"\n{after}"
    assert after.code == 0, f"\n{after}"
    return after
