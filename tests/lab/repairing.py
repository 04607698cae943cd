"""Repair a patient with nothing but what the doctor printed, and look again."""

from __future__ import annotations

import shutil
import subprocess

from .visit import Visit
from .ward import Ward

BASH = shutil.which("bash") or "/bin/sh"


def repair(ward: Ward, cause: str, *check: str) -> Visit:
    """Find the cause, run the commands of its fix as printed, and look again: the cause is gone, and nothing is red."""
    return cured(ward, ward.check(*check), cause, *check)


def printed_fix(ward: Ward, cause: str, *check: str) -> list[str]:
    """The commands of the fix of this cause, as the doctor prints them."""
    return printed(ward.check(*check), cause)


def printed(visit: Visit, cause: str) -> list[str]:
    """The commands of the fix of this cause, as they were printed."""
    fixes = [finding["fix"] for finding in visit.findings("fail", "warn") if finding["cause"] == cause]
    assert fixes, f"\n{visit}"
    commands = [command["text"] for command in fixes[0]["commands"]]
    assert commands, fixes[0]
    return commands


def cured(ward: Ward, before: Visit, cause: str, *check: str) -> Visit:
    """Run the commands of a fix as printed, in one shell, and look again: the cause is gone, and nothing is red."""
    script = "\n".join(
        ["set -e", *printed(before, cause), "exec env -0"]
    )  # the environment of the shell afterwards is the user's
    done = subprocess.run([BASH, "-c", script], cwd=ward.project, env=ward.environ, capture_output=True, text=True)
    assert done.returncode == 0, script + done.stdout + done.stderr
    ward.environ = dict(pair.split("=", 1) for pair in done.stdout.rpartition("\n")[2].split("\0") if "=" in pair)
    after = ward.check(*check)
    assert cause not in after.causes(), f"\n{after}"
    assert after.code == 0, f"\n{after}"
    return after
